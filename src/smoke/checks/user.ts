import type { ProcessSample } from '../container/processes.ts'
import { checkResult, type Gates, skippedCheck } from '../gates.ts'
import type { CheckResult } from '../result.ts'
import type { SmokeCheck } from './check.ts'

/** Reports the user of process 1. Root is usual for add-ons, so it counts only if `smoke-checks` names this check. */
export const user: SmokeCheck = {
  name: 'user',
  defaultGate: 'warn',
  whileRunning: ({ monitor, options }) => evaluateUser(monitor.samples, options.smokeChecks),
}

/** Pure. */
export function evaluateUser(samples: readonly ProcessSample[], gates: Gates): CheckResult {
  const sample = samples.at(-1) ?? []
  const pids = new Set(sample.map(({ pid }) => pid))
  const first = sample.find(({ parent }) => !pids.has(parent))
  if (!first) return skippedCheck(user, 'no process was seen')
  if (first.uid !== '0') return checkResult(user, true, `process 1 runs as user ${first.uid}`, gates)
  const reason = 'process 1 runs as root'
  return gates.has('user')
    ? checkResult(user, false, reason, gates)
    : checkResult(user, true, `${reason}, as is usual for add-ons`, gates)
}
