import { expect, test } from '@jest/globals'
import { mayPass, RegistryError } from '../../src/registry/error.ts'

test.each([
  [undefined, true],
  [408, true],
  [429, true],
  [500, true],
  [503, true],
  [400, false],
  [401, false],
  [403, false],
  [404, false],
])('an answer of %s may pass: %s', (status, expected) => {
  expect(mayPass(new RegistryError('x', status))).toBe(expected)
})

test.each([
  ['ENOTFOUND', false],
  ['EAI_AGAIN', true],
  ['ECONNRESET', true],
])('a connection that fails with %s may pass: %s', (code, expected) => {
  const cause = Object.assign(new Error(code), { code })
  expect(mayPass(new RegistryError('x', undefined, undefined, cause))).toBe(expected)
})
