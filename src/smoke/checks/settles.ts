import { describeExit, formatDuration } from '../container/exit.ts'
import { crashLoops, type ProcessSample } from '../container/processes.ts'
import type { ContainerState } from '../container/state.ts'
import { checkResult, type Gates } from '../gates.ts'
import type { CheckResult, Probe } from '../result.ts'
import type { SmokeCheck } from './check.ts'

/** The add-on still works some seconds after it became ready, and no service of it is in a crash loop. */
export const settles: SmokeCheck = {
  name: 'settles',
  defaultGate: 'fail',
  afterSettling: ({ state, run, monitor, settledMs, options }) =>
    evaluateSettling(state, run.observer.probes, monitor.samples, settledMs, options.smokeChecks),
}

/** Pure. */
export function evaluateSettling(
  state: ContainerState | undefined,
  probes: readonly Probe[],
  samples: readonly ProcessSample[],
  settledMs: number,
  gates: Gates,
): CheckResult {
  const result = (met: boolean, reason: string): CheckResult => checkResult(settles, met, reason, gates, settledMs)
  if (!state) return result(false, 'was ready, and then its container was removed')
  if (!state.running) return result(false, `was ready and then ended, ${describeExit(state.exitCode)}`)
  const [loop] = crashLoops(samples)
  if (loop) {
    return result(false, `crash loop: "${loop.command}" started its service ${loop.starts} times during the test`)
  }
  const hasSucceeded = probes.some(({ exitCode }) => exitCode === 0)
  const latest = probes.slice(-2)
  const [, last] = latest
  if (hasSucceeded && last && latest.every(({ exitCode }) => exitCode !== 0)) {
    return result(false, `HEALTHCHECK passed and then failed again: ${last.output || `exit code ${last.exitCode}`}`)
  }
  return result(true, `still works ${formatDuration(settledMs)} after it became ready`)
}
