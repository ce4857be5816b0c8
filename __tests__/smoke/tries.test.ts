import { expect, test } from '@jest/globals'
import type { SmokeResult } from '../../src/smoke/result.ts'
import { withTries } from '../../src/smoke/tries.ts'

const passed: SmokeResult = {
  status: 'passed',
  readiness: 'HEALTHCHECK',
  reason: 'HEALTHCHECK: 1 s after the start',
  durationMs: 5000,
  checks: [
    { name: 'starts', status: 'pass', reason: 'started' },
    { name: 'healthy', status: 'pass', reason: 'HEALTHCHECK: 1 s after the start', durationMs: 1000 },
  ],
}
const tries = ['ended after 1 s', 'ended after 2 s'].map((reason) => ({ reason }))

test('the first try that passes is the result', () => {
  expect(withTries(passed, [], 9000)).toBe(passed)
})

test.each([
  [1, 'passed on the second try'],
  [2, 'passed on the third try'],
])('a pass after %d failed tries says so, as a warning, with the first reason', (number, text) => {
  const failedTries = tries.slice(0, number)
  expect(withTries(passed, failedTries, 9000)).toEqual({
    ...passed,
    reason: `${text}: HEALTHCHECK: 1 s after the start`,
    durationMs: 9000,
    checks: [
      passed.checks[0],
      { name: 'healthy', status: 'warn', reason: `${text}; before: ended after 1 s`, durationMs: 1000 },
    ],
    failedTries,
  })
})

test('the last failure says how many tries failed, and keeps its checks', () => {
  const failed: SmokeResult = { ...passed, status: 'failed', reason: 'ended after 3 s' }
  expect(withTries(failed, tries, 9000)).toEqual({
    ...failed,
    reason: 'ended after 3 s (3 tries failed)',
    durationMs: 9000,
    failedTries: tries,
  })
})
