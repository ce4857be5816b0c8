import { docker } from '../../docker/containers.ts'
import { formatDuration } from '../container/exit.ts'
import { checkResult, type Gates } from '../gates.ts'
import type { CheckResult } from '../result.ts'
import type { SmokeCheck } from './check.ts'

/** Stops the container as the Supervisor does: SIGTERM, then SIGKILL after the `timeout` of the add-on. */
export const stops: SmokeCheck = {
  name: 'stops',
  defaultGate: 'warn',
  async stop({ run: { observer }, target, options, host: { clock, processes } }) {
    const timeoutSeconds = target.run.timeout
    const began = clock.now()
    await docker(processes, ['stop', '-t', String(timeoutSeconds), observer.id], {
      timeoutMs: timeoutSeconds * 1000 + 60_000,
    })
    const tookMs = clock.now() - began
    const state = await observer.inspect()
    return evaluateStop(state?.exitCode ?? 0, tookMs, timeoutSeconds, options.smokeChecks)
  },
}

/** Pure. 137: killed by SIGKILL. 143: the Supervisor logs that the add-on did not handle SIGTERM. */
export function evaluateStop(exitCode: number, tookMs: number, timeoutSeconds: number, gates: Gates): CheckResult {
  const took = formatDuration(tookMs)
  const result = (met: boolean, reason: string): CheckResult => checkResult(stops, met, reason, gates, tookMs)
  if (exitCode === 137) {
    const isTimeout = tookMs >= timeoutSeconds * 1000
    return result(
      false,
      isTimeout
        ? `ignored SIGTERM for ${timeoutSeconds} s and was killed (exit code 137): unsaved data is lost`
        : `was killed after ${took} (exit code 137)`,
    )
  }
  if (exitCode === 143) {
    return result(
      false,
      `stopped in ${took}, but with exit code 143: it does not handle SIGTERM, which the Supervisor logs`,
    )
  }
  // Many servers use an exit code of their own choice after SIGTERM; the Supervisor only looks for 137 and 143.
  return result(true, `stopped in ${took} with exit code ${exitCode}`)
}
