import { expect, test } from '@jest/globals'
import { relayProgram } from '../../../src/smoke/supervisor/relay-program.ts'

test('the relay program uses only its parameters', () => {
  const program = relayProgram()
  expect(() => new Function(program)).not.toThrow()
  expect(program).not.toMatch(/\bimport\b|_swc|exports\./)
})
