import { formatDuration } from '../../core/duration.ts'
import { count } from '../../core/text.ts'
import type { ServiceDeath, ServiceTally } from './death-tally.ts'
import { describeExit } from './exit.ts'

/**
 * What the deaths of the services mean.
 * - `calm`: none has failed, or each has run longer since then than before
 * - `restarted`: as `calm`, but one has failed
 * - `loops`: one ends without an error again and again, as some do by design
 * - `crash-loop`: one fails again and again, and would forever
 * - `unclear`: one has failed, and too little time has passed to tell
 */
export type DeathVerdict =
  | { readonly kind: 'calm' }
  | { readonly kind: 'restarted' | 'loops' | 'crash-loop'; readonly reason: string }
  | { readonly kind: 'unclear'; readonly reason: string; readonly needsMs: number }

/** A service that has run this much longer than between its last failures has recovered, as one whose dependency was late. */
const recoveryFactor = 2
const minRecoveryMs = 2000
/** A dependency may be late by some seconds, so a service that fails for a shorter time is not in a crash loop yet. */
const minLoopMs = 8000
const loopDeaths = 3
/** Clocks of different precision. */
const toleranceMs = 1500
/** skalibs can be built without leap seconds. */
const withoutLeapSecondsMs = 27_000

/** Most serious first. */
const order = ['crash-loop', 'unclear', 'loops', 'restarted', 'calm'] as const

/**
 * Pure: judges by when the services ended and for how long they have run since. Undefined if the records are not from between start and now.
 * @param startedAt when the container started, in milliseconds since the epoch
 * @param isLast there is no time left to wait: decides what would be unclear
 */
export function evaluateDeaths(
  tallies: readonly ServiceTally[],
  { startedAt, now, isLast }: { readonly startedAt: number; readonly now: number; readonly isLast: boolean },
): DeathVerdict | undefined {
  const start = startOfRecords(tallies, startedAt, now)
  if (start === undefined) return undefined
  const observedMs = now - startedAt
  const verdicts = tallies.map((tally) => evaluateService(tally, start, observedMs, isLast))
  for (const kind of order) {
    const found = verdicts.filter((verdict) => verdict.kind === kind)
    const [first] = found
    // The service that needs the most time decides how long to wait.
    if (first) return found.reduce((most, one) => (needOf(one) > needOf(most) ? one : most), first)
  }
  return { kind: 'calm' }
}

const needOf = (verdict: DeathVerdict): number => (verdict.kind === 'unclear' ? verdict.needsMs : 0)

/** The start of the container by the clock of the records. */
function startOfRecords(tallies: readonly ServiceTally[], startedAt: number, now: number): number | undefined {
  const times = tallies.map(({ deaths }) => deaths.map(({ atMs }) => atMs)).filter(({ length }) => length > 0)
  if (times.length === 0) return startedAt
  const first = Math.min(...times.map((ofService) => Math.min(...ofService)))
  const last = Math.max(...times.map((ofService) => Math.max(...ofService)))
  return [startedAt, startedAt - withoutLeapSecondsMs].find(
    (start) => first >= start - toleranceMs && last - start <= now - startedAt + toleranceMs,
  )
}

function evaluateService(
  { service, deaths }: ServiceTally,
  start: number,
  observedMs: number,
  isLast: boolean,
): DeathVerdict {
  const failures = deaths.filter(isFailure)
  const last = failures.at(-1)
  if (!last) return evaluateCleanEnds(service, deaths, start, observedMs)
  const times = failures.map(({ atMs }) => Math.max(0, atMs - start))
  const [first = 0] = times
  const lastMs = times.at(-1) ?? first
  const gaps = gapsOf(times)
  // The first failure also has the start of the container before it.
  const longestMs = Math.max(...(gaps.length > 0 ? gaps : [first]))
  const enoughMs = Math.max(minRecoveryMs, recoveryFactor * longestMs)
  const calmMs = observedMs - lastMs
  const ends = `service "${service}" ended ${timesOf(times)}, ${describeExit(last.exitCode)}`
  if (calmMs >= enoughMs) return { kind: 'restarted', reason: `${ends}, and not again since then` }
  if (times.length >= loopDeaths && (isLast || lastMs - first >= minLoopMs)) {
    return { kind: 'crash-loop', reason: `crash loop: ${ends}` }
  }
  if (!isLast) return { kind: 'unclear', reason: ends, needsMs: enoughMs - calmMs }
  if (times.length > 1) return { kind: 'crash-loop', reason: `crash loop: ${ends}` }
  return { kind: 'unclear', reason: `${ends}; the test was too short to tell whether it is a crash loop`, needsMs: 0 }
}

function evaluateCleanEnds(
  service: string,
  deaths: readonly ServiceDeath[],
  start: number,
  observedMs: number,
): DeathVerdict {
  const times = deaths.map(({ atMs }) => Math.max(0, atMs - start))
  const calmMs = observedMs - (times.at(-1) ?? 0)
  const enoughMs = Math.max(minRecoveryMs, recoveryFactor * Math.max(...gapsOf(times), 0))
  if (times.length < loopDeaths || calmMs >= enoughMs) return { kind: 'calm' }
  return {
    kind: 'loops',
    reason: `service "${service}" ended ${timesOf(times)}, without an error, and was started again: a service should run until it is stopped`,
  }
}

/** SIGTERM is how a service is restarted on purpose. */
const isFailure = ({ exitCode }: ServiceDeath): boolean => exitCode !== 0 && exitCode !== 143

const gapsOf = (times: readonly number[]): readonly number[] =>
  times.slice(1).map((at, index) => Math.max(0, at - (times[index] ?? at)))

/** `after 3 s`, `4 times, 2.5 s apart`, `4 times, 1 s to 2.5 s apart`. */
function timesOf(times: readonly number[]): string {
  const gaps = gapsOf(times)
  if (gaps.length === 0) return `once, ${formatDuration(times[0] ?? 0)} after the start`
  const [shortest, longest] = [Math.min(...gaps), Math.max(...gaps)].map(formatDuration)
  return `${count(times.length, 'time')}, ${shortest === longest ? shortest : `${shortest} to ${longest}`} apart`
}

/** 0, or the signals that end a service when the container is stopped. */
const endsAtStop: readonly number[] = [0, 129, 130, 137, 143]

/** A service whose program ended with an error. */
export interface FailedService {
  readonly service: string
  readonly exitCode: number
}

/**
 * Pure: the service that failed and so made the container end. All other services are stopped after it, so of the last ends it has the earliest.
 * Undefined if the service that ended first did not fail.
 */
export function failedFirst(tallies: readonly ServiceTally[]): FailedService | undefined {
  const ends = tallies.flatMap(({ service, deaths }) => deaths.slice(-1).map((death) => ({ service, ...death })))
  const [first] = ends.sort((a, b) => a.atMs - b.atMs)
  if (!first || endsAtStop.includes(first.exitCode)) return undefined
  return { service: first.service, exitCode: first.exitCode }
}
