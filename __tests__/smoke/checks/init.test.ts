import { expect, test } from '@jest/globals'
import { evaluateInit, init } from '../../../src/smoke/checks/init.ts'
import { checkResult } from '../../../src/smoke/gates.ts'

const noGates = new Map()

test('s6-overlay must be process 1', () => {
  const status = (s6: boolean, dockerInit: boolean) => checkResult(init, evaluateInit(s6, dockerInit), noGates).status
  expect(status(true, true)).toBe('warn')
  expect(status(true, false)).toBe('pass')
  expect(status(false, true)).toBe('pass')
})
