import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { ServiceTally } from '../../../src/smoke/container/death-tally.ts'
import { evaluateDeaths, failedFirst } from '../../../src/smoke/container/service-deaths.ts'

const startedAt = Date.UTC(2026, 11, 1)

/** A service that ended so many seconds after the start, with one exit code or one for each time. */
const tally = (seconds: readonly number[], codes: number | readonly number[] = 1, service = 'web'): ServiceTally => ({
  service,
  deaths: seconds.map((at, index) => ({
    atMs: startedAt + at * 1000,
    exitCode: typeof codes === 'number' ? codes : (codes[index] ?? 0),
  })),
})
const evaluate = (tallies: readonly ServiceTally[], seconds: number, isLast = false) =>
  evaluateDeaths(tallies, { startedAt, now: startedAt + seconds * 1000, isLast })

describe('the ends of services are', () => {
  test.each<[string, string, readonly number[], number | readonly number[], number]>([
    ['calm', 'nothing has ended', [], 1, 5],
    ['calm', 'it ended once, without an error', [2], 0, 5],
    ['calm', 'it was restarted with SIGTERM', [1, 2], 143, 5],
    ['calm', 'it ended without an error while it waited for another, and no more', [1, 2, 3], 0, 6],
    ['restarted', 'its dependency was late', [1], 1, 5],
    ['restarted', 'its dependency was late by seconds', [1, 2, 3], 1, 5],
    ['unclear', 'it fails every 2.5 s, and was observed for 5 s', [2.6], 1, 5],
    ['unclear', 'it fails every 2.5 s, and was observed for 6 s', [2.6, 5.1], 1, 6],
    ['unclear', 'it has failed each second for a few seconds', [1, 2, 3, 4], 1, 5],
    ['crash-loop', 'it fails each second', [1, 2, 3, 4, 5, 6, 7, 8, 9], 1, 9.5],
    ['crash-loop', 'it fails every 4 s', [1, 5, 9], 139, 10],
    ['crash-loop', 'it fails every 4 s, and ends well in between', [1, 3, 5, 7, 9], [1, 0, 1, 0, 1], 10],
    ['loops', 'it does something each second', [1, 2, 3, 4], 0, 5],
  ])('%s if %s', (kind, _, seconds, codes, observed) => {
    expect(evaluate([tally(seconds, codes)], observed)?.kind).toBe(kind)
  })

  test.each<[string, string, readonly number[], number]>([
    ['crash-loop', 'it fails every 2.5 s', [2.6, 5.1, 7.6, 10.1], 11],
    ['crash-loop', 'it fails every 5 s', [5, 10], 11],
    ['crash-loop', 'it has failed each second for a few seconds', [1, 2, 3], 4],
    ['restarted', 'it failed and recovered', [2.6], 11],
    ['unclear', 'it failed once, late', [9], 11],
  ])('%s at the end of the test if %s', (kind, _, seconds, observed) => {
    expect(evaluate([tally(seconds)], observed, true)?.kind).toBe(kind)
  })

  test('unclear until the service has run twice as long as between its failures, and 2 s', () => {
    expect(evaluate([tally([1, 4])], 5)).toMatchObject({ kind: 'unclear', needsMs: 5000 })
    expect(evaluate([tally([0.2])], 1.2)).toMatchObject({ kind: 'unclear', needsMs: 1000 })
    expect(evaluate([tally([1, 4]), tally([3, 4], 1, 'db')], 5)).toMatchObject({ needsMs: 5000 })
  })

  test('those of the service that is worst', () => {
    const tallies = [tally([1], 1, 'late'), tally([1, 2, 3, 4], 0, 'example'), tally([1, 5, 9], 1, 'broken')]
    expect(evaluate(tallies, 10)).toMatchObject({ kind: 'crash-loop', reason: expect.stringContaining('"broken"') })
    expect(evaluate(tallies.slice(0, 2), 5)).toMatchObject({ kind: 'loops' })
  })

  test('unknown if the records are from another time', () => {
    expect(evaluate([tally([-60])], 5)).toBeUndefined()
    expect(evaluate([tally([60])], 5)).toBeUndefined()
  })

  test('the same if s6 does not count leap seconds', () => {
    expect(evaluate([tally([1 - 27, 5 - 27, 9 - 27])], 10)?.kind).toBe('crash-loop')
  })

  test('evaluated for any times', () => {
    const death = fc.record({ atMs: fc.double({ noNaN: true }), exitCode: fc.nat(255) })
    const near = fc.record({ atMs: fc.integer({ min: startedAt, max: startedAt + 9000 }), exitCode: fc.nat(255) })
    const deaths = fc.array(fc.oneof(death, near), { maxLength: 8 })
    fc.assert(
      fc.property(fc.array(deaths, { maxLength: 3 }), fc.boolean(), (services, isLast) => {
        const tallies = services.map((one, index) => ({ service: `s${index}`, deaths: one }))
        const verdict = evaluate(tallies, 9, isLast)
        if (verdict && 'reason' in verdict) expect(verdict.reason).not.toMatch(/NaN|Infinity|undefined/)
      }),
    )
  })
})

test.each<[string, readonly number[], number, number, boolean]>([
  ['crash loop: service "web" ended 3 times, 4 s apart, exit code 1', [1, 5, 9], 1, 10, false],
  [
    'crash loop: service "web" ended 3 times, 3 s to 5.5 s apart, exit code 139: segmentation fault (SIGSEGV)',
    [1, 4, 9.5],
    139,
    10,
    false,
  ],
  ['service "web" ended once, 1 s after the start, exit code 2, and not again since then', [1], 2, 5, false],
  [
    'service "web" ended once, 9 s after the start, exit code 1; the test was too short to tell whether it is a crash loop',
    [9],
    1,
    11,
    true,
  ],
  [
    'service "web" ended 4 times, 1 s apart, without an error, and was started again: a service should run until it is stopped',
    [1, 2, 3, 4],
    0,
    5,
    false,
  ],
])('the reason is: %s', (reason, seconds, code, observed, isLast) => {
  expect(evaluate([tally(seconds, code)], observed, isLast)).toMatchObject({ reason })
})

describe('the service that made the container end', () => {
  test.each<[string, readonly ServiceTally[], string | undefined]>([
    ['failed', [tally([3], 1)], 'web'],
    ['failed, and the others were stopped', [tally([4], 1, 'db'), tally([3], 7), tally([3.5], 143, 'log')], 'web'],
    ['did its work, and the others failed when they were stopped', [tally([3], 0), tally([4], 1, 'db')], undefined],
    ['did its work at the second attempt', [tally([1, 3], [1, 0]), tally([4], 143, 'db')], undefined],
    ['was stopped', [tally([3], 143), tally([4], 137, 'db')], undefined],
    ['is not known', [tally([])], undefined],
  ])('%s', (_, tallies, service) => {
    expect(failedFirst(tallies)?.service).toBe(service)
  })
})
