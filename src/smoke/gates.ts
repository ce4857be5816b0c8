import type { Gate } from '../inputs/options.ts'
import type { CheckResult } from './result.ts'

/** The name and the default gate of a check. */
export interface CheckDefinition {
  /** The name in the `smoke-checks` input and in reports. */
  readonly name: string
  /** `fail`: the Supervisor could not run the add-on either. `warn`: it runs, but could be better. */
  readonly defaultGate: Gate
}

/** The gates of the `smoke-checks` input, by name of the check. */
export type Gates = ReadonlyMap<string, Gate>

export const gateOf = ({ name, defaultGate }: CheckDefinition, gates: Gates): Gate => gates.get(name) ?? defaultGate

/** The result of a check. If it is not met, its gate decides whether it fails, warns or is skipped. */
export function checkResult(
  check: CheckDefinition,
  met: boolean,
  reason: string,
  gates: Gates,
  durationMs?: number,
): CheckResult {
  const gate = gateOf(check, gates)
  const status = met ? 'pass' : gate === 'off' ? 'skip' : gate
  return { name: check.name, status, reason, ...(durationMs !== undefined && { durationMs: Math.round(durationMs) }) }
}

export const skippedCheck = ({ name }: CheckDefinition, reason: string): CheckResult => ({
  name,
  status: 'skip',
  reason,
})
