import type { FileEntry } from '../image/measure.ts'

/** Files that a build context should not contain. */
export interface Exclusion {
  /** A line for `.dockerignore`. */
  readonly pattern: string
  readonly reason: string
  readonly files: number
  readonly bytes: number
}

interface Known {
  readonly pattern: string
  readonly reason: string
  /** Tested against the path and each of its parts. */
  readonly part: RegExp
}

const known: readonly Known[] = [
  {
    pattern: '**/.git',
    part: /^\.git$/,
    reason: 'the history of the repository; each commit changes it, so nothing is cached',
  },
  { pattern: '**/.env', part: /^\.env$/, reason: 'secrets may end up in a layer' },
  { pattern: '**/*.pem', part: /\.(pem|key)$/, reason: 'keys may end up in a layer' },
  { pattern: '**/node_modules', part: /^node_modules$/, reason: 'made for this machine, not for the image' },
  { pattern: '**/.venv', part: /^\.venv$/, reason: 'made for this machine, not for the image' },
  { pattern: '**/venv', part: /^venv$/, reason: 'made for this machine, not for the image' },
  { pattern: '**/__pycache__', part: /^__pycache__$/, reason: 'made again by Python' },
  { pattern: '**/*.py[co]', part: /\.py[co]$/, reason: 'made again by Python' },
  { pattern: '**/.pytest_cache', part: /^\.pytest_cache$/, reason: 'a cache of the tests' },
  { pattern: '**/.mypy_cache', part: /^\.mypy_cache$/, reason: 'a cache of the type checker' },
  { pattern: '**/.ruff_cache', part: /^\.ruff_cache$/, reason: 'a cache of the linter' },
  { pattern: '**/.tox', part: /^\.(tox|nox)$/, reason: 'a cache of the tests' },
  { pattern: '**/coverage', part: /^(coverage|htmlcov|\.nyc_output)$/, reason: 'a report of the tests' },
  { pattern: '**/.github', part: /^\.github$/, reason: 'for GitHub, not for the image' },
  { pattern: '**/.vscode', part: /^\.vscode$/, reason: 'settings of an editor' },
  { pattern: '**/.idea', part: /^\.idea$/, reason: 'settings of an editor' },
  { pattern: '**/.DS_Store', part: /^\.DS_Store$/, reason: 'made by macOS' },
  { pattern: '**/*.log', part: /\.log$/, reason: 'a log' },
  { pattern: '**/*.sw[op]', part: /\.sw[op]$/, reason: 'made by an editor' },
]

/** Collects files of the context that hardly ever belong into an image. */
interface Exclusions {
  add(file: FileEntry): void
  /** Most bytes first. */
  result(): Exclusion[]
}

/** @param copied sources that the Dockerfile copies by name: these are never suggested. */
export function collectExclusions(copied: readonly string[]): Exclusions {
  const wanted = copied.flatMap((source) => source.split('/')).filter((part) => part !== '' && part !== '.')
  const left = known.filter(({ part }) => !wanted.some((copied) => part.test(copied)))
  const sums = new Map<Known, { files: number; bytes: number }>()
  return {
    add({ path, bytes }) {
      const match = firstMatch(path, left)
      if (!match) return
      const sum = sums.get(match) ?? { files: 0, bytes: 0 }
      sums.set(match, { files: sum.files + 1, bytes: sum.bytes + bytes })
    },
    result: () =>
      [...sums]
        .map(([{ pattern, reason }, sum]) => ({ pattern, reason, ...sum }))
        .sort((a, b) => b.bytes - a.bytes || (a.pattern < b.pattern ? -1 : 1)),
  }
}

/** The outermost folder decides: a log in `.git` counts for `.git`. */
function firstMatch(path: string, left: readonly Known[]): Known | undefined {
  for (const part of path.split('/')) {
    const match = left.find((one) => one.part.test(part))
    if (match) return match
  }
  return undefined
}
