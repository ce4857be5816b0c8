import fc from 'fast-check'
import { quoted } from '../../src/core/parsed.ts'
import { anyText } from '../fixtures/any-text.ts'

test('a quoted text is one short line', () => {
  fc.assert(
    fc.property(anyText({ maxLength: 300 }), (text) => {
      expect(quoted(text)).not.toMatch(/\p{Cc}/u)
      expect(quoted(text).length).toBeLessThanOrEqual(82)
    }),
  )
})

test.each([
  ['a name', '"a name"'],
  ['a\r\nb\tc', String.raw`"a\r\nb\tc"`],
  ['\u0000\u001b[31m\u009f', String.raw`"\u0000\u001b[31m\u009f"`],
  ['\u200b\u200f\u202e\u2066\u2028\ufeff', String.raw`"\u200b\u200f\u202e\u2066\u2028\ufeff"`],
  ['ä€😀', '"ä€😀"'],
  ['x'.repeat(80), `"${'x'.repeat(80)}"`],
  ['x'.repeat(81), `"${'x'.repeat(77)}..."`],
])('%j is quoted as %s', (text, expected) => {
  expect(quoted(text)).toBe(expected)
})
