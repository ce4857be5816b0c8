import { formatDuration } from '../../core/duration.ts'
import { describeExit } from '../container/exit.ts'
import { crashLoops, type ProcessSample } from '../container/processes.ts'
import type { ContainerState } from '../container/state.ts'
import { type CheckOutcome, pass, unmet } from '../gates.ts'
import type { Probe } from '../result.ts'
import type { SmokeCheck } from './check.ts'

/** The add-on still works some seconds after it became ready, and no service of it is in a crash loop. */
export const settles: SmokeCheck = {
  name: 'settles',
  defaultGate: 'fail',
  afterSettling: ({ state, run, monitor, settledMs }) =>
    evaluateSettling(state, run.observer.probes, monitor.samples, settledMs),
}

/** Pure. */
export function evaluateSettling(
  state: ContainerState | undefined,
  probes: readonly Probe[],
  samples: readonly ProcessSample[],
  settledMs: number,
): CheckOutcome {
  const failed = (reason: string): CheckOutcome => unmet(reason, settledMs)
  if (!state) return failed('was ready, and then its container was removed')
  if (!state.running) return failed(`was ready and then ended, ${describeExit(state.exitCode)}`)
  const [loop] = crashLoops(samples)
  if (loop) {
    return failed(`crash loop: "${loop.command}" started its service ${loop.starts} times during the test`)
  }
  const hasSucceeded = probes.some(({ exitCode }) => exitCode === 0)
  const latest = probes.slice(-2)
  const [, last] = latest
  if (hasSucceeded && last && latest.every(({ exitCode }) => exitCode !== 0)) {
    return failed(`HEALTHCHECK passed and then failed again: ${last.output || `exit code ${last.exitCode}`}`)
  }
  return pass(`still works ${formatDuration(settledMs)} after it became ready`, settledMs)
}
