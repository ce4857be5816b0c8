import fc from 'fast-check'
import { isWrong, type Parsed } from '../../src/core/parsed.ts'
import { checkTemplate, fillTemplate } from '../../src/inputs/template.ts'

const take = <T>(result: Parsed<T>): T | undefined => (isWrong(result) ? undefined : result.value)

describe('templates', () => {
  test('do not expand placeholders in values', () => {
    expect(fillTemplate('{a}-{b}', { a: '{b}', b: 'x' })).toBe('{b}-x')
  })

  test('are undefined if a value is missing, even for names of object properties', () => {
    expect(fillTemplate('{a}', { a: undefined })).toBeUndefined()
    expect(fillTemplate('{constructor}', {})).toBeUndefined()
  })

  test('may be text without braces', () => {
    fc.assert(
      fc.property(
        fc.string().filter((text) => !/[{}]/.test(text)),
        (text) => {
          expect(take(checkTemplate(text, []))).toBe(text)
          expect(fillTemplate(text, {})).toBe(text)
        },
      ),
    )
  })
})
