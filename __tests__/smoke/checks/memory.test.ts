import { expect, test } from '@jest/globals'
import { evaluateMemory, memory } from '../../../src/smoke/checks/memory.ts'
import { checkResult } from '../../../src/smoke/gates.ts'

const noGates = new Map()

test('running out of memory fails, and the peak is reported', () => {
  expect(checkResult(memory, evaluateMemory(false, undefined), noGates)).toMatchObject({
    status: 'pass',
    reason: 'never out of memory',
  })
  expect(checkResult(memory, evaluateMemory(true, 2 ** 20), noGates)).toMatchObject({
    status: 'fail',
    reason: expect.stringContaining('1.0 MiB'),
  })
})
