import { checkResult, type Gates, gateOf } from '../gates.ts'
import type { CheckResult } from '../result.ts'
import type { SmokeCheck } from './check.ts'

/** The log has no line that reports a crash. */
export const log: SmokeCheck = {
  name: 'log',
  defaultGate: 'warn',
  afterRun({ run, options: { smokeChecks: gates } }) {
    return gateOf(log, gates) === 'off' ? undefined : evaluateLog(run.output.suspicious, gates)
  },
}

/** Pure. */
export function evaluateLog(suspicious: readonly string[], gates: Gates): CheckResult {
  const [first] = suspicious
  if (first === undefined) return checkResult(log, true, 'no suspicious line in the log', gates)
  const more = suspicious.length > 1 ? ` (and ${suspicious.length - 1} more)` : ''
  return checkResult(log, false, `suspicious line in the log: ${first}${more}`, gates)
}
