import type { ImageFacts } from '../container/image.ts'
import { crashLoops, type ProcessLine } from '../container/processes.ts'
import type { ContainerState } from '../container/state.ts'
import { exitInWords, seconds } from '../exit.ts'
import { type Gates, judged, skipped } from '../gates.ts'
import type { Check, Probe } from '../result.ts'

/** Pure: that it still works some time after it was ready, and that nothing in it starts again and again. */
export function judgeSettling(
  state: ContainerState | undefined,
  probes: readonly Probe[],
  looks: readonly (readonly ProcessLine[])[],
  settledMs: number,
  gates: Gates,
): Check {
  const check = (met: boolean, reason: string): Check => judged('settles', met, reason, gates, settledMs)
  if (!state?.running)
    return check(false, `was ready and then ended, ${state ? exitInWords(state.exitCode) : 'and is gone'}`)
  const [loop] = crashLoops(looks)
  if (loop)
    return check(false, `crash loop: "${loop.command}" started its service ${loop.starts} times during the test`)
  const success = probes.findIndex(({ exitCode }) => exitCode === 0)
  const last = probes.slice(-2)
  if (success >= 0 && last.length === 2 && last.every(({ exitCode }) => exitCode !== 0)) {
    return check(
      false,
      `HEALTHCHECK was successful and then failed again: ${last[1]?.output || `exit code ${last[1]?.exitCode}`}`,
    )
  }
  return check(true, `still works ${seconds(settledMs)} after it was ready`)
}

/** Pure. Peak memory is sampled, so it is the least that the peak can have been. */
export function judgeMemory(outOfMemory: boolean, peakBytes: number | undefined, gates: Gates): Check {
  const peak = peakBytes === undefined ? '' : `, ${(peakBytes / 2 ** 20).toFixed(1)} MiB at its peak (sampled)`
  const reason = outOfMemory ? `a process was killed for want of memory${peak}` : `never out of memory${peak}`
  return judged('memory', !outOfMemory, reason, gates)
}

/** The Supervisor's patience with an add-on that has a HEALTHCHECK. Source: addons/addon.py, STARTUP_TIMEOUT. */
const supervisorMs = 120_000

/**
 * Pure: how the start looks with the image's own probe times, which the test overrides to probe each second.
 * @param readyMs when HEALTHCHECK first succeeded
 */
export function judgeStartup(
  { healthcheck }: Pick<ImageFacts, 'healthcheck'>,
  readyMs: number,
  emulated: boolean,
  gates: Gates,
): Check {
  if (!healthcheck) return skipped('startup', 'no HEALTHCHECK, so the Supervisor does not wait')
  if (emulated) return skipped('startup', 'emulated: the time says nothing about a device')
  const { healthyMs, failures } = probesOf(healthcheck, readyMs)
  const { intervalMs, retries } = healthcheck
  const own = `with its own interval of ${seconds(intervalMs)} it is healthy after ${seconds(healthyMs)}`
  if (healthyMs > supervisorMs) {
    return judged('startup', false, `${own}; the Supervisor waits ${seconds(supervisorMs)}`, gates)
  }
  if (failures >= retries) {
    const reason = `${own}, but ${failures} probes fail before and ${retries} make it unhealthy: a longer --start-period helps`
    return judged('startup', false, reason, gates)
  }
  return judged('startup', true, `${own}; the Supervisor waits ${seconds(supervisorMs)}`, gates)
}

/**
 * When the daemon would see it healthy, and how many failures it would count before. Source: moby daemon/health.go: the first probe comes
 * after one interval, the shorter start interval holds within the start period, and failures count after it only.
 */
function probesOf(
  { intervalMs, startPeriodMs, startIntervalMs }: NonNullable<ImageFacts['healthcheck']>,
  readyMs: number,
): { readonly healthyMs: number; readonly failures: number } {
  let [at, failures] = [0, 0]
  for (;;) {
    at += Math.max(1, at < startPeriodMs ? startIntervalMs : intervalMs)
    // More than the Supervisor waits is as bad as any more.
    if (at >= readyMs || at > 10 * supervisorMs) return { healthyMs: at, failures }
    if (at >= startPeriodMs) failures += 1
  }
}

/** Pure: s6-overlay has to be process 1, which `init: true` takes away from it. */
export function judgeInit({ entrypoint }: Pick<ImageFacts, 'entrypoint'>, init: boolean, gates: Gates): Check {
  const s6 = entrypoint[0] === '/init'
  if (s6 && init) {
    return judged('init', false, 's6-overlay (/init) has to be process 1: set "init: false" in config.yaml', gates)
  }
  return judged(
    'init',
    true,
    s6 ? 's6-overlay is process 1' : init ? 'under docker-init' : 'the entrypoint is process 1',
    gates,
  )
}

/** Pure: who runs it. Root is usual for add-ons, and said; with `smoke-checks: user=fail` (or `warn`) it counts. */
export function judgeUser(looks: readonly (readonly ProcessLine[])[], gates: Gates): Check {
  const look = looks.at(-1) ?? []
  const inside = new Set(look.map(({ pid }) => pid))
  const first = look.find(({ parent }) => !inside.has(parent))
  if (!first) return skipped('user', 'no process was seen')
  if (first.uid !== '0') return judged('user', true, `process 1 runs as user ${first.uid}`, gates)
  const reason = 'process 1 runs as root'
  return gates.has('user')
    ? judged('user', false, reason, gates)
    : judged('user', true, `${reason}, as is usual for add-ons`, gates)
}

/** Pure. */
export function judgeLog(suspicious: readonly string[], gates: Gates): Check {
  const [first] = suspicious
  if (first === undefined) return judged('log', true, 'nothing suspicious in the log', gates)
  const more = suspicious.length > 1 ? ` (and ${suspicious.length - 1} more)` : ''
  return judged('log', false, `the log says: ${first}${more}`, gates)
}
