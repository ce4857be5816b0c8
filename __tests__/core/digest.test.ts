import { expect, test } from '@jest/globals'
import { isDigest } from '../../src/core/digest.ts'
import { sha256, sha256Hex } from '../../src/core/sha256.ts'

// Source: NIST, SHA-256 of the empty message and of "abc".
test.each([
  ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
])('the digest of %j', (content, hex) => {
  expect([sha256Hex(content), sha256(content), sha256(Buffer.from(content))]).toEqual([
    hex,
    `sha256:${hex}`,
    `sha256:${hex}`,
  ])
})

test.each([
  [sha256('x'), true],
  [sha256('x').toUpperCase(), false],
  [sha256Hex('x'), false],
  [`${sha256('x')}0`, false],
  [`${sha256('x')}\n`, false],
  [`sha512:${'a'.repeat(128)}`, false],
  ['sha256:../../etc', false],
  [['sha256:'], false],
  [undefined, false],
])('%j is a digest: %s', (value, expected) => {
  expect(isDigest(value)).toBe(expected)
})
