import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { mergeOptions } from '../../../src/smoke/options/merge.ts'

describe('options', () => {
  test.each([
    [{ a: 1, b: { c: 2, d: [1] } }, { b: { d: [2], e: 3 } }, { a: 1, b: { c: 2, d: [2], e: 3 } }],
    [{ a: { b: 1 } }, { a: 'text' }, { a: 'text' }],
    [{ a: null }, { a: { b: 1 } }, { a: { b: 1 } }],
    [{ a: 1 }, { a: null }, { a: null }],
    [{}, JSON.parse('{"__proto__": {"x": 1}}'), JSON.parse('{"__proto__": {"x": 1}}')],
  ])('%j with %j over them are %j', (defaults, given, expected) => {
    expect(mergeOptions(defaults, given)).toEqual(expected)
  })

  test('given last always win, and nothing else changes', () => {
    const plain = fc.dictionary(fc.string(), fc.integer())
    fc.assert(
      fc.property(plain, plain, (a, b) => {
        expect(mergeOptions(a, b)).toEqual({ ...a, ...b })
      }),
    )
  })
})
