import { expect, test } from '@jest/globals'
import { evaluateSettling } from '../../../src/smoke/checks/settles.ts'
import type { ContainerState } from '../../../src/smoke/container/state.ts'

const noGates = new Map()

const running = { running: true } as ContainerState
const probe = (exitCode: number) => ({ at: 0, durationMs: 1, exitCode, output: 'no' })

test('an add-on settles if it keeps running, and its HEALTHCHECK does not fail again', () => {
  expect(evaluateSettling(running, [probe(1), probe(0), probe(1)], [], 3000, noGates).status).toBe('pass')
  expect(evaluateSettling(running, [probe(0), probe(1), probe(1)], [], 3000, noGates)).toMatchObject({
    status: 'fail',
    reason: 'HEALTHCHECK passed and then failed again: no',
  })
  expect(evaluateSettling({ ...running, running: false, exitCode: 2 }, [], [], 3000, noGates)).toMatchObject({
    status: 'fail',
    reason: 'was ready and then ended, exit code 2',
  })
})
