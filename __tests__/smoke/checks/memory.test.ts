import { expect, test } from '@jest/globals'
import { evaluateMemory } from '../../../src/smoke/checks/memory.ts'

const noGates = new Map()

test('running out of memory fails, and the peak is reported', () => {
  expect(evaluateMemory(false, undefined, noGates)).toMatchObject({ status: 'pass', reason: 'never out of memory' })
  expect(evaluateMemory(true, 2 ** 20, noGates)).toMatchObject({
    status: 'fail',
    reason: expect.stringContaining('1.0 MiB'),
  })
})
