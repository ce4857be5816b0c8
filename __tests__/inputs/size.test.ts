import fc from 'fast-check'
import { isWrong, type Parsed } from '../../src/core/parsed.ts'
import { parseSize } from '../../src/inputs/size.ts'

const take = <T>(result: Parsed<T>): T | undefined => (isWrong(result) ? undefined : result.value)

describe('sizes', () => {
  test.each([
    ['120MB', 120_000_000],
    ['120MiB', 125_829_120],
    ['1.5GB', 1_500_000_000],
    ['500kB', 500_000],
    ['500KB', 500_000],
    ['1 GiB', 1_073_741_824],
    ['0B', 0],
    ['0.5kB', 500],
  ])('%s is %d bytes', (text, bytes) => {
    expect(take(parseSize(text))).toBe(bytes)
  })

  test.each([
    '',
    '120',
    'MB',
    '120 XB',
    '-1MB',
    '1e3MB',
    '1,5MB',
    '.5MB',
    '1.MB',
    '0x10MB',
    '1 MB 2',
    '99999999TB',
    'Infinity MB',
    '１MB',
  ])('%j is refused', (text) => {
    expect(isWrong(parseSize(text))).toBe(true)
  })

  test('are unchanged when written and read in any unit', () => {
    const units = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 }
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.constantFrom(...Object.entries(units)), (number, [unit, factor]) => {
        expect(take(parseSize(`${number}${unit}`))).toBe(number * factor)
      }),
    )
  })

  test('are a whole number of bytes or an error for any text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const result = parseSize(text)
        expect(
          isWrong(result) ? result.remedy.length > 0 : Number.isSafeInteger(result.value) && result.value >= 0,
        ).toBe(true)
      }),
    )
  })
})
