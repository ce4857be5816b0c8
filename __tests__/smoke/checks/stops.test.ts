import { describe, expect, test } from '@jest/globals'
import { evaluateStop, stops } from '../../../src/smoke/checks/stops.ts'
import { checkResult } from '../../../src/smoke/gates.ts'

const noGates = new Map()

describe('stopping', () => {
  test.each([
    [0, 300, 'pass', 'stopped in 300 ms with exit code 0'],
    [3, 300, 'pass', 'stopped in 300 ms with exit code 3'],
    [
      143,
      300,
      'warn',
      'stopped in 300 ms, but with exit code 143: it does not handle SIGTERM, which the Supervisor logs',
    ],
    [137, 10_100, 'warn', 'ignored SIGTERM for 10 s and was killed (exit code 137): unsaved data is lost'],
    [137, 200, 'warn', 'was killed after 200 ms (exit code 137)'],
  ])('with %i after %i ms is %s', (code, took, status, reason) => {
    expect(checkResult(stops, evaluateStop(code, took, 10), noGates)).toMatchObject({
      status,
      reason,
      durationMs: took,
    })
  })
})
