/** The data of the fake. Tests fill and read it; the routes return it in GitHub's shapes. */
export interface State {
  readonly repositories: Repository[]
  readonly pulls: Pull[]
  readonly comments: Comment[]
  readonly commits: Commit[]
  readonly comparisons: Comparison[]
  readonly files: RepositoryFile[]
  /** By token. */
  readonly tokens: Map<string, Token>
  readonly rateLimit: { limit: number; remaining: number; resetAt: number }
  nextId: number
}

export interface Repository {
  readonly id: number
  /** `owner/name` */
  readonly name: string
  defaultBranch: string
  private: boolean
  fork: boolean
}

export interface Pull {
  /** `owner/name` of its target repository. */
  readonly repository: string
  readonly number: number
  title: string
  body: string | null
  state: 'open' | 'closed'
  merged: boolean
  draft: boolean
  /** Only users with write access may comment. */
  locked: boolean
  readonly author: string
  /** `repository` differs from the pull request's own if it comes from a fork. */
  head: Head
  base: Head
  labels: string[]
  files: ChangedFile[]
  readonly createdAt: string
  updatedAt: string
}

export interface Head {
  readonly repository: string
  readonly ref: string
  readonly sha: string
}

export interface ChangedFile {
  readonly filename: string
  /** Default `modified`. */
  readonly status?: 'added' | 'removed' | 'modified' | 'renamed'
  readonly previousFilename?: string
  readonly additions?: number
  readonly deletions?: number
}

export interface Comment {
  readonly id: number
  readonly repository: string
  /** Number of the issue or pull request. */
  readonly issue: number
  /** A login that ends in `[bot]` belongs to an app. */
  readonly author: string
  body: string
  readonly createdAt: string
  updatedAt: string
}

export interface Commit {
  readonly repository: string
  readonly sha: string
  /** Branches and tags that point at it: `main`, `v1.0.0`. */
  readonly refs: readonly string[]
  readonly message: string
  readonly date: string
  readonly parents: readonly string[]
  readonly files: readonly ChangedFile[]
}

/** The response of `GET /repos/{owner}/{repo}/compare/{base}...{head}` for two commits. */
export interface Comparison {
  readonly repository: string
  readonly base: string
  readonly head: string
  readonly status: 'diverged' | 'ahead' | 'behind' | 'identical'
  readonly files: readonly ChangedFile[]
}

/** A file of a commit. */
export interface RepositoryFile {
  readonly repository: string
  readonly sha: string
  readonly path: string
  /** Its text; for a symbolic link, its target. */
  readonly content: string
  /** Default `file`. */
  readonly type?: 'file' | 'symlink'
}

export type Permission = 'none' | 'read' | 'write'

export interface Token {
  /** The tokens of a job and of an app may not query their own user. */
  readonly kind: 'job' | 'app' | 'user'
  /** Author of its comments: `github-actions[bot]` for a job. */
  readonly login: string
  permissions: { contents: Permission; issues: Permission; 'pull-requests': Permission }
  /** Default: all. For this token, other private repositories do not exist, and other public ones are read-only. */
  readonly repositories?: readonly string[]
}

/** GitHub's times have no milliseconds. */
export const timestamp = (ms = Date.now()): string => `${new Date(ms).toISOString().slice(0, 19)}Z`

export function makePull(state: State, repository: string, given: Partial<Pull> = {}): Pull {
  const number = given.number ?? Math.max(0, ...state.pulls.map((pull) => pull.number)) + 1
  return {
    repository,
    number,
    title: `Change ${number}`,
    body: null,
    state: 'open',
    merged: false,
    draft: false,
    locked: false,
    author: 'octocat',
    head: { repository, ref: `change-${number}`, sha: fakeSha(`head ${number}`) },
    base: { repository, ref: 'main', sha: fakeSha('main') },
    labels: [],
    files: [],
    createdAt: timestamp(),
    updatedAt: timestamp(),
    ...given,
  }
}

/** Forty hexadecimal digits, derived from the text. */
export function fakeSha(text: string): string {
  let result = ''
  for (let round = 0; result.length < 40; round++) result += hash(`${round}${text}`).toString(16).padStart(8, '0')
  return result.slice(0, 40)
}

/** FNV-1a */
export function hash(text: string): number {
  let value = 0x811c9dc5
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, 0x01000193) >>> 0
  return value
}
