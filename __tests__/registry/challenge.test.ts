import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { parseChallenge } from '../../src/registry/challenge.ts'

describe('a challenge', () => {
  test.each([
    [
      'Bearer realm="https://auth.example/token",service="registry.example",scope="repository:a/b:pull,push"',
      { scheme: 'bearer', realm: 'https://auth.example/token', service: 'registry.example' },
    ],
    ['bearer realm=https://auth.example/token', { scheme: 'bearer', realm: 'https://auth.example/token' }],
    ['Basic realm="x"', { scheme: 'basic' }],
    ['Basic realm="x", Bearer realm="https://a/t"', { scheme: 'bearer', realm: 'https://a/t' }],
    ['Bearer service="x"', undefined],
    ['Negotiate', undefined],
    ['', undefined],
  ])('%s is understood', (header, expected) => {
    expect(parseChallenge(header)).toEqual(expected)
  })

  test('never hangs or throws for any header', () => {
    fc.assert(fc.property(fc.string(), (header) => void parseChallenge(`Bearer ${header}`)))
  })
})
