import type { GateAction } from '../inputs/options.ts'
import type { CheckResult } from './result.ts'

/** The name and the default gate of a check. */
export interface CheckDefinition {
  /** The name in the `smoke-checks` input and in reports. */
  readonly name: string
  /** `fail`: the Supervisor could not run the add-on either. `warn`: it runs, but could be better. */
  readonly defaultGate: GateAction
}

/** The gates of the `smoke-checks` input, by name of the check. */
export type Gates = ReadonlyMap<string, GateAction>

export const gateOf = ({ name, defaultGate }: CheckDefinition, gates: Gates): GateAction =>
  gates.get(name) ?? defaultGate

/** What a check found, before its gate decides whether `unmet` fails, warns or is skipped. */
export interface CheckOutcome {
  readonly status: 'pass' | 'warn' | 'skip' | 'unmet'
  readonly reason: string
  readonly durationMs?: number | undefined
  /** Instead of the default gate of the check. */
  readonly defaultGate?: GateAction
}

export const pass = (reason: string, durationMs?: number): CheckOutcome => ({ status: 'pass', reason, durationMs })
export const unmet = (reason: string, durationMs?: number): CheckOutcome => ({ status: 'unmet', reason, durationMs })
export const skip = (reason: string): CheckOutcome => ({ status: 'skip', reason })

/** The result of a check in a report. */
export function checkResult({ name, defaultGate }: CheckDefinition, outcome: CheckOutcome, gates: Gates): CheckResult {
  const { status, reason, durationMs } = outcome
  const gate = gateOf({ name, defaultGate: outcome.defaultGate ?? defaultGate }, gates)
  return {
    ...{ name, reason },
    status: status !== 'unmet' ? status : gate === 'off' ? 'skip' : gate,
    ...(durationMs !== undefined && { durationMs: Math.round(durationMs) }),
  }
}
