import { checkResult, type Gates } from '../gates.ts'
import type { CheckResult } from '../result.ts'
import type { SmokeCheck } from './check.ts'

/** The container never ran out of memory. */
export const memory: SmokeCheck = {
  name: 'memory',
  defaultGate: 'fail',
  // If the container ended because of it, this is the reason to report, before `settles`.
  afterSettling: ({ state, run, monitor, options }) =>
    !state?.running && run.observer.outOfMemory
      ? evaluateMemory(true, monitor.peakMemoryBytes, options.smokeChecks)
      : undefined,
  afterRun: ({ run, monitor, options }) =>
    evaluateMemory(run.observer.outOfMemory, monitor.peakMemoryBytes, options.smokeChecks),
}

/** Pure. The peak is sampled, so the real one may be higher. */
export function evaluateMemory(outOfMemory: boolean, peakBytes: number | undefined, gates: Gates): CheckResult {
  const peak = peakBytes === undefined ? '' : `, peak ${(peakBytes / 2 ** 20).toFixed(1)} MiB (sampled)`
  const reason = outOfMemory ? `out of memory: the kernel killed a process${peak}` : `never out of memory${peak}`
  return checkResult(memory, !outOfMemory, reason, gates)
}
