import { formatDuration } from '../../core/duration.ts'
import { type CheckOutcome, pass, unmet } from '../gates.ts'
import type { Probe } from '../result.ts'
import type { SmokeCheck } from './check.ts'

/** Maximum part of its timeout that a probe may take. A user's device may be several times slower than a runner. */
const maxShare = 0.8

/** HEALTHCHECK passes well before its timeout. Under emulation, times mean nothing. */
export const probeTime: SmokeCheck = {
  name: 'probe-time',
  defaultGate: 'warn',
  whileRunning: ({ image: { healthcheck }, run, emulated }) =>
    healthcheck && !emulated ? evaluateProbeTime(run.observer.probes, healthcheck.timeoutMs) : undefined,
}

/** Pure. Undefined if no probe has passed. */
export function evaluateProbeTime(probes: readonly Probe[], timeoutMs: number): CheckOutcome | undefined {
  const passed = probes.filter(({ exitCode }) => exitCode === 0).map(({ durationMs }) => durationMs)
  if (passed.length === 0) return undefined
  const slowestMs = Math.max(...passed)
  const times = `the slowest HEALTHCHECK probe took ${formatDuration(slowestMs)}, its timeout is ${formatDuration(timeoutMs)}`
  if (slowestMs <= timeoutMs * maxShare) return pass(times)
  return unmet(`${times}: on a slower device it fails. Increase --timeout, or let the probe do less`)
}
