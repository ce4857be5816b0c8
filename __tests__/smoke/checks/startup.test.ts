import { describe, expect, test } from '@jest/globals'
import { evaluateStartup, startup } from '../../../src/smoke/checks/startup.ts'
import type { ImageFacts } from '../../../src/smoke/container/image.ts'
import { checkResult } from '../../../src/smoke/gates.ts'

const noGates = new Map()
const evaluate = (...args: Parameters<typeof evaluateStartup>) =>
  checkResult(startup, evaluateStartup(...args), noGates)

describe('the start by the image’s own probe times', () => {
  const check = (ms: number, times: Partial<NonNullable<ImageFacts['healthcheck']>> = {}) =>
    evaluate(
      {
        healthcheck: {
          test: [],
          intervalMs: 30_000,
          timeoutMs: 30_000,
          startPeriodMs: 0,
          startIntervalMs: 5000,
          retries: 3,
          ...times,
        },
      },
      ms,
      false,
    )
  test.each([
    [2000, {}, 'pass', /healthy after 30 s/],
    [31_000, {}, 'pass', /healthy after 1 min;/],
    [
      130_000,
      { intervalMs: 10_000, startPeriodMs: 200_000, startIntervalMs: 10_000 },
      'warn',
      /healthy after 2 min 10 s; the Supervisor waits 2 min/,
    ],
    [40_000, { intervalMs: 10_000 }, 'warn', /3 probes fail before that and 3 make it unhealthy/],
    [40_000, { intervalMs: 10_000, startPeriodMs: 60_000 }, 'pass', /healthy after 40 s/],
    // Within the start period the interval is five seconds, or the start interval.
    [2000, { startPeriodMs: 60_000 }, 'pass', /healthy after 5 s/],
    [2000, { startPeriodMs: 60_000, startIntervalMs: 2000 }, 'pass', /healthy after 2 s/],
    [
      21_000,
      { startPeriodMs: 10_000, intervalMs: 10_000, retries: 2 },
      'warn',
      /after 30 s, but 2 probes fail before that/,
    ],
  ])('ready after %i ms with %j is %s', (ms, times, status, reason) => {
    expect(check(ms, times)).toMatchObject({ status, reason: expect.stringMatching(reason) })
  })
  test('is skipped without HEALTHCHECK, or emulated', () => {
    expect(evaluate({}, 1, false).status).toBe('skip')
    expect(
      evaluate(
        { healthcheck: { test: [], intervalMs: 1, timeoutMs: 1, startPeriodMs: 0, startIntervalMs: 1, retries: 1 } },
        1,
        true,
      ).status,
    ).toBe('skip')
  })
})
