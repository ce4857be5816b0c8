/** Files that hardly any container needs. */
export type LeftoverKind = 'package-cache' | 'bytecode' | 'vcs' | 'tests'

interface LeftoverMatch {
  readonly kind: LeftoverKind
  /** The folder to remove. */
  readonly root: string
}

const caches =
  /^(?:var\/cache\/apk|etc\/apk\/cache|var\/lib\/apt\/lists|var\/cache\/apt|var\/cache\/(?:dnf|yum)|usr\/local\/share\/\.cache|(?:root|home\/[^/]+)\/(?:\.cache\/(?:pip|uv|pypoetry|pipenv|yarn|go-build|node-gyp|composer|deno|bazel)|\.npm\/_cacache|\.npm|\.yarn\/cache|\.cargo\/(?:registry|git)|\.m2\/repository|\.gradle\/caches|\.composer\/cache|\.bundle\/cache|go\/pkg\/mod))(?=\/)|^(?:go\/pkg\/mod|usr\/local\/cargo\/(?:registry|git))(?=\/)/
const vcs = /(?:^|\/)\.(?:git|hg|svn|bzr)(?=\/)/
// Without the bytecode in packages of the distribution, which authors cannot leave out.
const bytecode = /^(?!usr\/lib\/python3(?:\/dist-packages|\.\d+\/(?!site-packages))).*?(?<=^|\/)__pycache__(?=\/)/
// Not every folder with such a name is a test suite, so only folders inside of packages and of the author's own programs count.
// Two expressions, because a single one would search the rest of the path after every match of its first part.
const ofPrograms = /(?:^|\/)(?:(?:site|dist)-packages|node_modules|app|srv|usr\/src)(?=\/)/
const tests = /\/(?:tests?|__tests__)(?=\/)/

/** What kind of leftover a file is, by its path; undefined: none. */
export function leftoverOf(path: string): LeftoverMatch | undefined {
  const programs = endOf(ofPrograms, path)
  const kinds = [
    ['vcs', endOf(vcs, path)],
    ['package-cache', endOf(caches, path)],
    ['tests', programs === undefined ? undefined : endOf(tests, path, programs)],
    ['bytecode', endOf(bytecode, path)],
  ] as const
  for (const [kind, end] of kinds) if (end !== undefined) return { kind, root: path.slice(0, end) }
  return undefined
}

/** The offset at which the first match from `from` on ends. */
function endOf(pattern: RegExp, path: string, from = 0): number | undefined {
  const match = pattern.exec(path.slice(from))
  return match ? from + match.index + match[0].length : undefined
}
