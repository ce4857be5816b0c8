import { type CheckOutcome, pass, unmet } from '../gates.ts'
import type { SmokeCheck } from './check.ts'

/** The container never ran out of memory. */
export const memory: SmokeCheck = {
  name: 'memory',
  defaultGate: 'fail',
  // If the container ended because of it, this is the reason to report, before `settles`.
  afterSettling: ({ state, run, monitor }) =>
    !state?.running && run.observer.outOfMemory ? evaluateMemory(true, monitor.peakMemoryBytes) : undefined,
  afterRun: ({ run, monitor }) => evaluateMemory(run.observer.outOfMemory, monitor.peakMemoryBytes),
}

/** Pure. The peak is sampled, so the real one may be higher. */
export function evaluateMemory(outOfMemory: boolean, peakBytes: number | undefined): CheckOutcome {
  const peak = peakBytes === undefined ? '' : `, peak ${(peakBytes / 2 ** 20).toFixed(1)} MiB (sampled)`
  return outOfMemory ? unmet(`out of memory: the kernel killed a process${peak}`) : pass(`never out of memory${peak}`)
}
