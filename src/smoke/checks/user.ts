import type { ProcessSample } from '../container/processes.ts'
import { type CheckOutcome, pass, skip, unmet } from '../gates.ts'
import type { SmokeCheck } from './check.ts'

/** Reports the user of process 1. Root is usual for add-ons, so it counts only if `smoke-checks` names this check. */
export const user: SmokeCheck = {
  name: 'user',
  defaultGate: 'warn',
  whileRunning: ({ monitor, options }) => evaluateUser(monitor.samples, options.smokeChecks.has('user')),
}

/** Pure. */
export function evaluateUser(samples: readonly ProcessSample[], isNamed: boolean): CheckOutcome {
  const sample = samples.at(-1) ?? []
  const pids = new Set(sample.map(({ pid }) => pid))
  const first = sample.find(({ parent }) => !pids.has(parent))
  if (!first) return skip('no process was seen')
  if (first.uid !== '0') return pass(`process 1 runs as user ${first.uid}`)
  const reason = 'process 1 runs as root'
  return isNamed ? unmet(reason) : pass(`${reason}, as is usual for add-ons`)
}
