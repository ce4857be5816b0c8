import { expect, test } from '@jest/globals'
import { evaluateProbeTime } from '../../../src/smoke/checks/probe-time.ts'

const probe = (durationMs: number, exitCode = 0) => ({ at: 0, durationMs, exitCode, output: '' })

test.each([
  ['far below the timeout passes', [probe(40), probe(90)], 'pass', /took 90 ms, its timeout is 3 s$/],
  ['at 80 % of the timeout passes', [probe(2400)], 'pass', /took 2.4 s/],
  [
    'close to the timeout is reported',
    [probe(40), probe(2500)],
    'unmet',
    /took 2.5 s, its timeout is 3 s: on a slower/,
  ],
  ['that failed does not count', [probe(2900, 1), probe(40)], 'pass', /took 40 ms/],
] as const)('a probe %s', (_, probes, status, reason) => {
  expect(evaluateProbeTime(probes, 3000)).toMatchObject({ status, reason: expect.stringMatching(reason) })
})

test('without a probe that passed there is nothing to report', () => {
  expect(evaluateProbeTime([], 3000)).toBeUndefined()
  expect(evaluateProbeTime([probe(10, 1)], 3000)).toBeUndefined()
})
