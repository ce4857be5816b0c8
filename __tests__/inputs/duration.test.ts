import { isWrong, type Parsed } from '../../src/core/parsed.ts'
import { parseDuration } from '../../src/inputs/duration.ts'

const take = <T>(result: Parsed<T>): T | undefined => (isWrong(result) ? undefined : result.value)

describe('durations', () => {
  test.each([
    ['60s', 60_000],
    ['1m30s', 90_000],
    ['500ms', 500],
    ['1.5m', 90_000],
    ['1h', 3_600_000],
  ])('%s is %d ms', (text, ms) => {
    expect(take(parseDuration(text))).toBe(ms)
  })

  test.each(['', '60', '0s', '-1s', '1 s', 's', '1d', '7h', '1s1', '1m30'])('%j is refused', (text) => {
    expect(isWrong(parseDuration(text))).toBe(true)
  })
})
