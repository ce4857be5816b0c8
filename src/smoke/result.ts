import type { Diagnostic } from '../core/diagnostics.ts'

/** The result of one check. */
export interface CheckResult {
  /** `healthy`, `stops`, `memory`, …: the name in the `smoke-checks` input. Stable. */
  readonly name: string
  readonly status: 'pass' | 'warn' | 'fail' | 'skip'
  /** Why the check passed, failed or was skipped, in one sentence. */
  readonly reason: string
  readonly durationMs?: number
}

export interface Probe {
  readonly at: number
  readonly durationMs: number
  readonly exitCode: number
  readonly output: string
}

/** Collected before the container is removed, with secrets masked. */
export interface Evidence {
  /** State and exit code, as text. */
  readonly state: string
  readonly exitCode?: number
  readonly outOfMemory: boolean
  readonly probes: readonly Probe[]
  readonly stdout: readonly string[]
  readonly stderr: readonly string[]
  readonly diff: readonly string[]
  readonly supervisorCalls: readonly string[]
  /** A shell command that reproduces the run. */
  readonly reproduce: string
  readonly image: string
  readonly emulated: boolean
}

/** A try that failed, after which the image was tested again. */
export interface FailedTry {
  readonly reason: string
  readonly evidence?: Evidence
}

export interface SmokeResult {
  readonly status: 'passed' | 'failed' | 'skipped'
  /** The signals that decided: `HEALTHCHECK`, `smoke-http 8000/api/health`, `stays up for 10 s`. */
  readonly readiness: string
  /** One sentence: why it passed, failed or was skipped. */
  readonly reason: string
  readonly durationMs: number
  readonly timeToHealthyMs?: number
  readonly peakMemoryBytes?: number
  readonly checks: readonly CheckResult[]
  /** Of a failure, or of a pass after `failedTries`. */
  readonly evidence?: Evidence
  /** The tries before this result, see `smoke-retries`. Absent if there are none. */
  readonly failedTries?: readonly FailedTry[]
  /** Problems of the add-on options, with their lines in config.yaml. Absent if there are none. */
  readonly diagnostics?: readonly Diagnostic[]
}
