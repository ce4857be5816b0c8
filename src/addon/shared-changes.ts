import picomatch from 'picomatch'

/**
 * Longer paths are not compared with patterns. A pull request decides the names of up to 3000 files, and the time for one grows with a power of its length.
 */
const longestPath = 256

/** A changed file that all add-ons depend on. */
interface SharedChange {
  readonly file: string
  /** The path is too long to be compared with patterns, so it counts. */
  readonly isTooLong: boolean
}

/**
 * The first changed file that all add-ons depend on; undefined: there is none. Pure.
 * @param paths of files and folders, and patterns of either, relative to the workspace. Those with `!` in front are exceptions. They come from the workflow.
 * @param files that the event changed. Their names come from a pull request.
 */
export function sharedChange(paths: readonly string[], files: readonly string[]): SharedChange | undefined {
  // `./!name` begins with "!".
  const plain = (path: string): string => path.replace(/^\.\/(?=.)/, '')
  const counts = matcherOf(paths.filter((path) => !path.startsWith('!')).map(plain))
  const isException = matcherOf(paths.filter((path) => path.startsWith('!')).map((path) => plain(path.slice(1))))
  for (const file of files) {
    const found = counts(file)
    // Building too much is better than leaving out an add-on that changed.
    if (found === 'no' || isException(file) === 'yes') continue
    return { file, isTooLong: found === 'too long' }
  }
  return undefined
}

/** One matcher for all paths. */
function matcherOf(paths: readonly string[]): (file: string) => 'yes' | 'no' | 'too long' {
  const patterns = paths.filter((path) => picomatch.scan(path, { nonegate: true }).isGlob)
  const matches = picomatch(
    patterns.flatMap((pattern) => [pattern, `${pattern}/**`]),
    { dot: true, nonegate: true },
  )
  return (file) => {
    // A file may be called `a[1]`.
    if (paths.some((path) => path === '.' || file === path || file.startsWith(`${path}/`))) return 'yes'
    if (patterns.length === 0) return 'no'
    if (file.length > longestPath) return 'too long'
    return matches(file) ? 'yes' : 'no'
  }
}
