import { formatDuration } from '../../core/duration.ts'
import { docker } from '../../docker/containers.ts'
import { type CheckOutcome, pass, unmet } from '../gates.ts'
import type { SmokeCheck } from './check.ts'

/** Stops the container as the Supervisor does: SIGTERM, then SIGKILL after the `timeout` of the add-on. */
export const stops: SmokeCheck = {
  name: 'stops',
  defaultGate: 'warn',
  async stop({ run: { observer }, target, host: { clock, processes } }) {
    const timeoutSeconds = target.run.timeout
    const began = clock.now()
    await docker(processes, ['stop', '-t', String(timeoutSeconds), observer.id], {
      timeoutMs: timeoutSeconds * 1000 + 60_000,
    })
    const tookMs = clock.now() - began
    const state = await observer.inspect()
    return evaluateStop(state?.exitCode ?? 0, tookMs, timeoutSeconds)
  },
}

/** Pure. 137: killed by SIGKILL. 143: the Supervisor logs that the add-on did not handle SIGTERM. */
export function evaluateStop(exitCode: number, tookMs: number, timeoutSeconds: number): CheckOutcome {
  const took = formatDuration(tookMs)
  if (exitCode === 137) {
    return unmet(
      tookMs >= timeoutSeconds * 1000
        ? `ignored SIGTERM for ${timeoutSeconds} s and was killed (exit code 137): unsaved data is lost`
        : `was killed after ${took} (exit code 137)`,
      tookMs,
    )
  }
  if (exitCode === 143) {
    const cause = 'it does not handle SIGTERM, which the Supervisor logs'
    return unmet(`stopped in ${took}, but with exit code 143: ${cause}`, tookMs)
  }
  // Many servers use an exit code of their own choice after SIGTERM; the Supervisor only looks for 137 and 143.
  return pass(`stopped in ${took} with exit code ${exitCode}`, tookMs)
}
