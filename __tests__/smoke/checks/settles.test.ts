import { expect, test } from '@jest/globals'
import { evaluateSettling, settles } from '../../../src/smoke/checks/settles.ts'
import type { ContainerState } from '../../../src/smoke/container/state.ts'
import { checkResult } from '../../../src/smoke/gates.ts'

const noGates = new Map()

const running = { running: true } as ContainerState
const evaluate = (...args: Parameters<typeof evaluateSettling>) =>
  checkResult(settles, evaluateSettling(...args), noGates)
const probe = (exitCode: number) => ({ at: 0, durationMs: 1, exitCode, output: 'no' })

test('an add-on settles if it keeps running, and its HEALTHCHECK does not fail again', () => {
  expect(evaluate(running, [probe(1), probe(0), probe(1)], [], 3000).status).toBe('pass')
  expect(evaluate(running, [probe(0), probe(1), probe(1)], [], 3000)).toMatchObject({
    status: 'fail',
    reason: 'HEALTHCHECK passed and then failed again: no',
  })
  expect(evaluate({ ...running, running: false, exitCode: 2 }, [], [], 3000)).toMatchObject({
    status: 'fail',
    reason: 'was ready and then ended, exit code 2',
  })
})
