import fc from 'fast-check'
import { formatDuration } from '../../src/core/duration.ts'

test.each([
  [0, '0 ms'],
  [12, '12 ms'],
  [999.4, '999 ms'],
  [999.6, '1 s'],
  [1000, '1 s'],
  [2140, '2.1 s'],
  [9_949, '9.9 s'],
  [9_950, '10 s'],
  [59_499, '59 s'],
  [59_900, '1 min'],
  [61_000, '1 min 1 s'],
  [120_000, '2 min'],
  [185_000, '3 min 5 s'],
])('%d ms is %s', (ms, text) => expect(formatDuration(ms)).toBe(text))

test('the text is at most 5 % off', () => {
  const units = { ms: 1, s: 1000, min: 60_000 } as const
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 86_400_000 }), (ms) => {
      const parts = [...formatDuration(ms).matchAll(/([\d.]+) (ms|s|min)/g)]
      const stated = parts.reduce((sum, [, count, unit]) => sum + Number(count) * units[unit as keyof typeof units], 0)
      expect(Math.abs(stated - ms)).toBeLessThanOrEqual(ms * 0.05)
    }),
  )
})
