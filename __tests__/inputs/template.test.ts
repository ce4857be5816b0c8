import fc from 'fast-check'
import { isWrong, type Parsed } from '../../src/core/parsed.ts'
import { checkTemplate, fillTemplate } from '../../src/inputs/template.ts'

const take = <T>(result: Parsed<T>): T | undefined => (isWrong(result) ? undefined : result.value)

describe('templates', () => {
  test('a value is never filled in again', () => {
    expect(fillTemplate('{a}-{b}', { a: '{b}', b: 'x' })).toBe('{b}-x')
  })

  test('a missing value makes it undefined, and names of Object are no values', () => {
    expect(fillTemplate('{a}', { a: undefined })).toBeUndefined()
    expect(fillTemplate('{constructor}', {})).toBeUndefined()
  })

  test('text without braces is always fine', () => {
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
