import type { Diagnostic } from '../core/diagnostics.ts'

export type CheckStatus = 'pass' | 'warn' | 'fail' | 'skip'

/** One thing that the smoke test looked at. */
export interface Check {
  /** `healthy`, `stops`, `memory`, … : stable, the name in the `smoke-checks` input. */
  readonly name: string
  readonly status: CheckStatus
  /** One sentence. */
  readonly reason: string
  readonly durationMs?: number
}

export interface Probe {
  readonly at: number
  readonly durationMs: number
  readonly exitCode: number
  readonly output: string
}

/** Collected before the container is removed. Secrets are masked already. */
export interface Evidence {
  /** State and exit code in words. */
  readonly state: string
  readonly exitCode?: number
  readonly outOfMemory: boolean
  readonly probes: readonly Probe[]
  readonly stdout: readonly string[]
  readonly stderr: readonly string[]
  readonly diff: readonly string[]
  readonly supervisorCalls: readonly string[]
  /** A line that a person can paste into a terminal. */
  readonly reproduce: string
  readonly image: string
  readonly emulated: boolean
}

export interface SmokeResult {
  readonly status: 'passed' | 'failed' | 'skipped'
  /** What decided: `HEALTHCHECK`, `smoke-http 8000/api/health`, `stays up for 10 s`. */
  readonly readiness: string
  /** One sentence: why it passed, failed or was skipped. */
  readonly reason: string
  readonly durationMs: number
  readonly timeToHealthyMs?: number
  readonly peakMemoryBytes?: number
  readonly checks: readonly Check[]
  readonly evidence?: Evidence
  /** Problems of the options, at their lines in config.yaml. Present only when there are some. */
  readonly diagnostics?: readonly Diagnostic[]
}
