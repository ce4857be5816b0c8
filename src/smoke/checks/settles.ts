import { formatDuration } from '../../core/duration.ts'
import type { Host } from '../../core/host.ts'
import { readTallies } from '../container/death-tally.ts'
import { describeExit } from '../container/exit.ts'
import { quoteExplanation, type Streams } from '../container/explanation.ts'
import { awaitSamples, type Monitor } from '../container/monitor.ts'
import type { ContainerObserver } from '../container/observer.ts'
import { crashLoops, type ProcessSample, usesS6, withoutS6 } from '../container/processes.ts'
import { type DeathVerdict, evaluateDeaths } from '../container/service-deaths.ts'
import type { ContainerState } from '../container/state.ts'
import { type CheckOutcome, gateOf, pass, unmet } from '../gates.ts'
import type { Probe } from '../result.ts'
import type { SmokeCheck } from './check.ts'

/** How long the test goes on if a service has failed, and it is not clear whether it will again. */
const maxExtraMs = 6000
const minExtraMs = 500

/** The add-on still works some seconds after it became ready, and no service of it is in a crash loop. */
export const settles: SmokeCheck = {
  name: 'settles',
  defaultGate: 'fail',
  async afterSettling({ state, run, outcome, monitor, settledMs, host, options, image }) {
    const hasStayedUp = outcome.kind === 'ready' && outcome.signals.some(({ kind }) => kind === 'stays-up')
    const { observer, output } = run
    const canBeRead = state?.running && usesS6(image, monitor.samples) && gateOf(settles, options.smokeChecks) !== 'off'
    const observed: ObservedDeaths = canBeRead
      ? await observeDeaths(observer, monitor, state.startedAt, host)
      : { extraMs: 0 }
    const { deaths, extraMs } = observed
    return evaluateSettling(
      extraMs > 0 ? await observer.inspect() : state,
      { probes: observer.probes, samples: monitor.samples, output, hasStayedUp, ...(deaths && { deaths }) },
      settledMs + extraMs,
    )
  },
}

interface ObservedDeaths {
  /** Undefined: s6 does not run in the container, or its records cannot be read. */
  readonly deaths?: DeathVerdict
  /** How long this took, if it had to wait. */
  readonly extraMs: number
}

/**
 * Judges the ends of services. Waits only if one has failed and may fail again, `maxExtraMs` at most; without records, until there are enough process
 * samples.
 */
async function observeDeaths(
  observer: ContainerObserver,
  monitor: Monitor,
  startedAt: number | undefined,
  host: Host,
): Promise<ObservedDeaths> {
  const { clock, signal } = host
  const began = clock.now()
  let extraMs = 0
  for (;;) {
    const tallies = await readTallies(observer.id, host)
    const now = clock.now()
    const leftMs = began + maxExtraMs - now
    const times = { startedAt: startedAt ?? now, now, isLast: leftMs <= 0 || signal.aborted }
    const deaths = tallies && evaluateDeaths(tallies, times)
    if (!deaths) {
      await awaitSamples(monitor, observer, (sample) => sample, host)
      return { extraMs: extraMs + clock.now() - now }
    }
    if (deaths.kind !== 'unclear' || times.isLast) return { deaths, extraMs }
    await clock.sleep(Math.min(Math.max(deaths.needsMs, minExtraMs), leftMs), signal)
    extraMs = clock.now() - began
  }
}

interface Observed {
  readonly probes: readonly Probe[]
  readonly samples: readonly ProcessSample[]
  readonly output: Streams
  /** Its sign of readiness was to stay up, so the time counts from its start. */
  readonly hasStayedUp?: boolean
  /** Undefined: unknown, so that process samples have to show crash loops of s6, too. */
  readonly deaths?: DeathVerdict
}

/** Pure. */
export function evaluateSettling(
  state: ContainerState | undefined,
  { probes, samples, output, hasStayedUp = false, deaths }: Observed,
  settledMs: number,
): CheckOutcome {
  const failed = (reason: string): CheckOutcome => unmet(reason, settledMs)
  if (!state) return failed('was ready, and then its container was removed')
  if (!state.running) {
    return failed(`was ready and then ended, ${describeExit(state.exitCode)}${quoteExplanation(output)}`)
  }
  if (deaths?.kind === 'crash-loop') return failed(`${deaths.reason}${quoteExplanation(output)}`)
  const [loop] = crashLoops(deaths ? samples.map(withoutS6) : samples)
  if (loop) {
    const times = `${loop.starts} times during the test`
    return failed(`crash loop: "${loop.command}" started its service ${times}${quoteExplanation(output)}`)
  }
  const hasSucceeded = probes.some(({ exitCode }) => exitCode === 0)
  const latest = probes.slice(-2)
  const [, last] = latest
  if (hasSucceeded && last && latest.every(({ exitCode }) => exitCode !== 0)) {
    return failed(`HEALTHCHECK passed and then failed again: ${last.output || `exit code ${last.exitCode}`}`)
  }
  const works = `still works ${formatDuration(settledMs)} after ${hasStayedUp ? 'the start' : 'it became ready'}`
  if (!deaths || deaths.kind === 'calm') return pass(works, settledMs)
  const reason = `${works}; ${deaths.reason}`
  return deaths.kind === 'restarted' ? pass(reason, settledMs) : { ...pass(reason, settledMs), status: 'warn' }
}
