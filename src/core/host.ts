import type { Readable, Writable } from 'node:stream'
import type { Diagnostic } from './diagnostics.ts'

/** The output of a finished process. `exitCode` is 128 + signal if a signal ended it, as in a shell. */
export interface ProcessResult {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

export interface ExecOptions {
  /** Written to standard input, which is then closed. For secrets, because argv is public. */
  readonly input?: string | Uint8Array
  /** Added to the variables that a program of this name gets from the host, see `childEnvironment`. */
  readonly environment?: Readonly<Record<string, string>>
  /** Names of more variables of the host for this process. */
  readonly pass?: readonly string[]
  /** After this time the process and everything that it started is ended, and the promise rejects with a Failure (`environment`). Default 60,000 ms. */
  readonly timeoutMs?: number
  /** Time from SIGTERM to SIGKILL. Default 10,000 ms. */
  readonly graceMs?: number
}

export interface SpawnOptions {
  /** Becomes standard input; without it there is none. */
  readonly input?: Readable
  readonly environment?: Readonly<Record<string, string>>
  readonly pass?: readonly string[]
  /** Called for each line, in order, without its line end. Lines over 4 MiB come in pieces. */
  readonly onLine?: (line: string, stream: 'stdout' | 'stderr') => void
  /** Takes standard output byte for byte, with back-pressure, and is ended with it; `onLine` then gets standard error only. An error of it ends the process. */
  readonly output?: Writable
  /** Aborting sends SIGTERM, and SIGKILL when the process has not ended `graceMs` later. */
  readonly signal?: AbortSignal
  /** Default 10,000 ms. */
  readonly graceMs?: number
}

/** Starts programs: an argument array, never a shell. Never throws for an exit code. Rejects with a Failure (`environment`) when the program is missing. */
export interface Processes {
  /** For short commands: waits for the end and resolves with the output (32 MiB at most). */
  exec(command: string, args: readonly string[], options?: ExecOptions): Promise<ProcessResult>
  /** For long commands: reports lines as they come, and can be aborted. Resolves with the exit code after both streams have closed. */
  spawn(command: string, args: readonly string[], options?: SpawnOptions): Promise<number>
}

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Resolves after `ms`, or at once when the signal is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** The log of a run. On a runner its calls become workflow commands; in a terminal, text. */
export interface Log {
  info(line: string): void
  debug(line: string): void
  /** An annotation on a runner. */
  report(diagnostic: Diagnostic): void
  /** Everything between `group` and `endGroup` can be folded away. Groups do not nest. */
  group(title: string): void
  endGroup(): void
  /** From now on this value is printed as `***`. */
  mask(secret: string): void
  /** The text with every masked value replaced: for reports and comments, which are not printed. */
  redact(text: string): string
}

/** The event that started the run, as plain data. */
export interface GitHubEvent {
  /** `push`, `pull_request`, `pull_request_target`, `release`, `schedule`, `workflow_dispatch`, … ; `local` in a terminal. */
  readonly name: string
  /** `refs/heads/main`, `refs/tags/v1.2.3`, `refs/pull/7/merge`. */
  readonly ref: string
  /** The commit that is built. On a pull request that is the merge commit. */
  readonly sha: string
  /** `owner/name`, and the page of the repository. */
  readonly repository: string
  readonly owner: string
  readonly repositoryUrl: string
  readonly defaultBranch: string
  readonly actor: string
  readonly workflow: string
  /** `.github/workflows/build.yml`: the workflow that the event started. Undefined if it is unknown, or in another repository. */
  readonly workflowFile?: string
  readonly runId: string
  readonly runAttempt: number
  readonly runUrl: string
  readonly pullRequest?: {
    readonly number: number
    readonly headSha: string
    readonly baseSha: string
    readonly baseRef: string
    readonly headRef: string
    /** The head is in another repository, or the author is Dependabot: the token can only read. */
    readonly fork: boolean
    readonly labels: readonly string[]
  }
  readonly release?: { readonly tag: string; readonly prerelease: boolean; readonly draft: boolean }
  /** The commit before a push (all zeros for a new branch), or the base commit of a merge queue. */
  readonly before?: string
  /** Milliseconds since the epoch: the time of the commit if it is known. Labels and build arguments use it as the creation time. */
  readonly timestamp: number
}

/** Everything outside the program. An argument, so that tests can pass their own. */
export interface Host {
  readonly processes: Processes
  readonly clock: Clock
  readonly log: Log
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Absolute path of the checkout. No target may lie outside. */
  readonly workspace: string
  /** Absolute path of a folder of this run alone; removed by the post step. */
  readonly temporary: string
  /** Part of the name of everything that this run makes: labels, builder, networks. `[a-z0-9]+`. */
  readonly runId: string
  readonly event: GitHubEvent
  /** The JSON that GitHub gave with the event, as it is; undefined in a terminal. */
  readonly payload?: unknown
  /** Aborted when the run is cancelled. */
  readonly signal: AbortSignal
}
