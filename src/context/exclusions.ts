import type { FileEntry } from '../image/measure.ts'

/** Files that a build context should not contain. */
export interface Exclusion {
  /** A line for `.dockerignore`. */
  readonly pattern: string
  readonly reason: string
  readonly files: number
  readonly bytes: number
}

const otherMachine = 'made for this machine, not for the image'

/** Patterns, the expressions that parts of a path are tested with, and reasons. */
const known: readonly (readonly [pattern: string, part: RegExp, reason: string])[] = [
  ['**/.git', /^\.git$/, 'the history of the repository; each commit changes it, so nothing is cached'],
  ['**/.env', /^\.env$/, 'secrets may end up in a layer'],
  ['**/*.pem', /\.(pem|key)$/, 'keys may end up in a layer'],
  ['**/node_modules', /^node_modules$/, otherMachine],
  ['**/.venv', /^\.venv$/, otherMachine],
  ['**/venv', /^venv$/, otherMachine],
  ['**/__pycache__', /^__pycache__$/, 'made again by Python'],
  ['**/*.py[co]', /\.py[co]$/, 'made again by Python'],
  ['**/.pytest_cache', /^\.pytest_cache$/, 'a cache of the tests'],
  ['**/.mypy_cache', /^\.mypy_cache$/, 'a cache of the type checker'],
  ['**/.ruff_cache', /^\.ruff_cache$/, 'a cache of the linter'],
  ['**/.tox', /^\.(tox|nox)$/, 'a cache of the tests'],
  ['**/coverage', /^(coverage|htmlcov|\.nyc_output)$/, 'a report of the tests'],
  ['**/.github', /^\.github$/, 'for GitHub, not for the image'],
  ['**/.vscode', /^\.vscode$/, 'settings of an editor'],
  ['**/.idea', /^\.idea$/, 'settings of an editor'],
  ['**/.DS_Store', /^\.DS_Store$/, 'made by macOS'],
  ['**/*.log', /\.log$/, 'a log'],
  ['**/*.sw[op]', /\.sw[op]$/, 'made by an editor'],
]

/** Collects files of the context that hardly ever belong in an image. */
interface Exclusions {
  add(file: FileEntry): void
  /** Most bytes first. */
  result(): Exclusion[]
}

/** @param copied sources that the Dockerfile copies by name: these are never suggested. */
export function collectExclusions(copied: readonly string[]): Exclusions {
  const wanted = copied.flatMap((source) => source.split('/')).filter((part) => part !== '' && part !== '.')
  const left = known.filter(([, part]) => !wanted.some((copied) => part.test(copied)))
  const sums = new Map<string, Exclusion>()
  return {
    add({ path, bytes }) {
      // The outermost folder decides: a log in `.git` counts for `.git`.
      const match = path
        .split('/')
        .reduce<(typeof left)[number] | undefined>(
          (outer, name) => outer ?? left.find(([, part]) => part.test(name)),
          undefined,
        )
      if (!match) return
      const [pattern, , reason] = match
      const sum = sums.get(pattern) ?? { files: 0, bytes: 0 }
      sums.set(pattern, { pattern, reason, files: sum.files + 1, bytes: sum.bytes + bytes })
    },
    result: () => [...sums.values()].sort((a, b) => b.bytes - a.bytes || (a.pattern < b.pattern ? -1 : 1)),
  }
}
