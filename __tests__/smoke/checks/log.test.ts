import { expect, test } from '@jest/globals'
import { evaluateLog } from '../../../src/smoke/checks/log.ts'

const noGates = new Map()

test('the first suspicious line of the log is reported', () => {
  expect(evaluateLog([], noGates).status).toBe('pass')
  expect(evaluateLog(['panic: x', 'FATAL'], noGates)).toMatchObject({
    status: 'warn',
    reason: 'suspicious line in the log: panic: x (and 1 more)',
  })
})
