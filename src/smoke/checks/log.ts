import { type CheckOutcome, pass, unmet } from '../gates.ts'
import type { SmokeCheck } from './check.ts'

/** The log has no line that reports a crash. */
export const log: SmokeCheck = {
  name: 'log',
  defaultGate: 'warn',
  afterRun: ({ run, options }) =>
    options.smokeChecks.get('log') === 'off' ? undefined : evaluateLog(run.output.suspicious),
}

/** Pure. */
export function evaluateLog(suspicious: readonly string[]): CheckOutcome {
  const [first] = suspicious
  if (first === undefined) return pass('no suspicious line in the log')
  const more = suspicious.length > 1 ? ` (and ${suspicious.length - 1} more)` : ''
  return unmet(`suspicious line in the log: ${first}${more}`)
}
