import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { isVersionTag } from '../../src/plan/version-tag.ts'

test.each<[tag: string, version: string, expected: boolean]>([
  ['1.2.3', '1.2.3', true],
  ['v1.2.3', '1.2.3', true],
  ['1.2.3', 'v1.2.3', true],
  ['1.2.3-alpine', '1.2.3', true],
  ['1.2.3_alpine', '1.2.3', true],
  ['amd64-1.2.3', '1.2.3', true],
  ['addon-v1.2.3', '1.2.3', true],
  ['2025.12.0', '2025.12.0', true],
  ['2025.12.0b3', '2025.12.0b3', true],
  ['2025.12.0B3', '2025.12.0b3', true],
  ['1.2.3-ls416', '1.2.3-ls416', true],
  // A tag has no "+".
  ['1.2.3-5', '1.2.3+5', true],
  ['7', '7', true],
  // These move from version to version.
  ['1', '1.2.3', false],
  ['1.2', '1.2.3', false],
  ['latest', '1.2.3', false],
  ['edge', '1.2.3', false],
  ['beta', '1.2.3', false],
  ['pr-12', '1.2.3', false],
  ['sha-1a2b3c4', '1.2.3', false],
  ['20251201', '1.2.3', false],
  // Another version that has this one as a part of its text.
  ['11.2.3', '1.2.3', false],
  ['1.2.30', '1.2.3', false],
  ['1.2.3.4', '1.2.3', false],
  ['0.1.2.3', '1.2.3', false],
  ['1.2.3rc1', '1.2.3', false],
  ['x1.2.3', '1.2.3', false],
  ['dev1.2.3', '1.2.3', false],
  // Not a version, so its tag moves.
  ['dev', 'dev', false],
  ['edge', 'edge', false],
  ['latest', 'latest', false],
  ['1a2b3c4', '1a2b3c4', false],
])('the tag %s is that of version %s: %s', (tag, version, expected) => {
  expect(isVersionTag(tag, version)).toBe(expected)
})

test('the tag of a version is its own, whatever its numbers', () => {
  const numbers = fc.array(fc.nat(3000), { minLength: 1, maxLength: 5 })
  fc.assert(
    fc.property(numbers, fc.constantFrom('', 'v'), fc.constantFrom('', '-rc1', 'b2', '-ls7'), (all, v, suffix) => {
      const version = `${all.join('.')}${all.length === 1 && suffix === 'b2' ? '-b2' : suffix}`
      expect(isVersionTag(`${v}${version}`, version)).toBe(true)
      expect(isVersionTag('latest', version)).toBe(false)
      expect(isVersionTag(`${version}.1`, version)).toBe(false)
    }),
  )
})
