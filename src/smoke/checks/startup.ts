import { formatDuration } from '../../core/duration.ts'
import { supervisorStartupTimeoutMs } from '../../core/supervisor.ts'
import type { ImageFacts } from '../container/image.ts'
import { type CheckOutcome, pass, skip, unmet } from '../gates.ts'
import type { SmokeCheck } from './check.ts'

/** With the probe times of the image, the add-on is healthy before the Supervisor stops waiting. The test itself probes each second. */
export const startup: SmokeCheck = {
  name: 'startup',
  defaultGate: 'warn',
  afterSettling: ({ image, outcome, emulated }) =>
    outcome.kind === 'ready' ? evaluateStartup(image, outcome.afterMs, emulated) : undefined,
}

/**
 * Pure.
 * @param readyMs when HEALTHCHECK first succeeded
 */
export function evaluateStartup(
  { healthcheck }: Pick<ImageFacts, 'healthcheck'>,
  readyMs: number,
  emulated: boolean,
): CheckOutcome {
  if (!healthcheck) return skip('no HEALTHCHECK, so the Supervisor does not wait')
  if (emulated) return skip('emulated: the time says nothing about a real device')
  const { healthyMs, failures } = simulateProbes(healthcheck, readyMs)
  const { intervalMs, retries } = healthcheck
  const timing = `with its own interval of ${formatDuration(intervalMs)} it is healthy after ${formatDuration(healthyMs)}`
  const timeout = `the Supervisor waits ${formatDuration(supervisorStartupTimeoutMs)}`
  if (healthyMs > supervisorStartupTimeoutMs) return unmet(`${timing}; ${timeout}`)
  if (failures >= retries) {
    return unmet(
      `${timing}, but ${failures} probes fail before that and ${retries} make it unhealthy: set a longer --start-period`,
    )
  }
  return pass(`${timing}; ${timeout}`)
}

/**
 * When the daemon would find it healthy, and how many failures it would count before that. Source: moby daemon/health.go: the first probe comes
 * after one interval, the start interval applies within the start period, and failures count only after it.
 */
function simulateProbes(
  { intervalMs, startPeriodMs, startIntervalMs }: NonNullable<ImageFacts['healthcheck']>,
  readyMs: number,
): { readonly healthyMs: number; readonly failures: number } {
  let [at, failures] = [0, 0]
  for (;;) {
    at += Math.max(1, at < startPeriodMs ? startIntervalMs : intervalMs)
    // Ends early: an image can set any times, and the result need not be exact far above the timeout.
    if (at >= readyMs || at > 10 * supervisorStartupTimeoutMs) return { healthyMs: at, failures }
    if (at >= startPeriodMs) failures += 1
  }
}
