import { expect, test } from '@jest/globals'
import { evaluateLog, log } from '../../../src/smoke/checks/log.ts'
import { checkResult } from '../../../src/smoke/gates.ts'

const noGates = new Map()

test('the first suspicious line of the log is reported', () => {
  expect(checkResult(log, evaluateLog([]), noGates).status).toBe('pass')
  expect(checkResult(log, evaluateLog(['panic: x', 'FATAL']), noGates)).toMatchObject({
    status: 'warn',
    reason: 'suspicious line in the log: panic: x (and 1 more)',
  })
})
