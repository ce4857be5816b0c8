import { expect, test } from '@jest/globals'
import { evaluateInit } from '../../../src/smoke/checks/init.ts'

const noGates = new Map()

test('s6-overlay must be process 1', () => {
  expect(evaluateInit({ entrypoint: ['/init'] }, true, noGates).status).toBe('warn')
  expect(evaluateInit({ entrypoint: ['/init'] }, false, noGates).status).toBe('pass')
  expect(evaluateInit({ entrypoint: ['/run.sh'] }, true, noGates).status).toBe('pass')
})
