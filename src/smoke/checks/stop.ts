import type { Host } from '../../core/host.ts'
import { docker } from '../../docker/containers.ts'
import type { Watch } from '../container/container-watch.ts'
import { seconds } from '../exit.ts'
import { type Gates, judged } from '../gates.ts'
import type { Check } from '../result.ts'

/** Stops the container as the Supervisor does: SIGTERM, then SIGKILL after the add-on's `timeout`. */
export async function checkStop(watch: Watch, timeoutSeconds: number, gates: Gates, host: Host): Promise<Check> {
  const began = host.clock.now()
  await docker(host.processes, ['stop', '-t', String(timeoutSeconds), watch.id], {
    timeoutMs: timeoutSeconds * 1000 + 60_000,
  })
  const tookMs = host.clock.now() - began
  const state = await watch.look()
  return judgeStop(state?.exitCode ?? 0, tookMs, timeoutSeconds, gates)
}

/** Pure. 137 is the Supervisor's hard kill; 143 is what it logs as "did not handle SIGTERM". */
export function judgeStop(exitCode: number, tookMs: number, timeoutSeconds: number, gates: Gates): Check {
  const took = seconds(tookMs)
  if (exitCode === 137) {
    const late = tookMs >= timeoutSeconds * 1000
    const reason = late
      ? `ignored SIGTERM for ${timeoutSeconds} s and was killed (exit code 137): data that was not written is lost`
      : `was killed after ${took} (exit code 137)`
    return judged('stops', false, reason, gates, tookMs)
  }
  if (exitCode === 143) {
    const reason = `stopped in ${took}, but with exit code 143: it did not handle SIGTERM, and the Supervisor logs that`
    return judged('stops', false, reason, gates, tookMs)
  }
  // Many servers answer SIGTERM with a code of their own; the Supervisor only looks for 137 and 143.
  return judged('stops', true, `stopped in ${took} with exit code ${exitCode}`, gates, tookMs)
}
