import { describe, expect, test } from '@jest/globals'
import { nextLink, retryAfter } from '../../src/core/http-headers.ts'

describe('Retry-After', () => {
  const now = Date.parse('2026-01-02T03:04:05Z')

  test.each([
    ['0', 0],
    ['7', 7_000],
    ['120', 120_000],
    ['Fri, 02 Jan 2026 03:04:35 GMT', 30_000],
    ['Fri, 02 Jan 2026 03:04:00 GMT', 0],
    [undefined, undefined],
    ['', undefined],
    ['-5', undefined],
    ['1.5', undefined],
    ['1e3', undefined],
    ['0x10', undefined],
    ['Infinity', undefined],
    ['NaN', undefined],
    ['soon', undefined],
    ['5 minutes', undefined],
    ['2026-01-02', undefined],
    ['Fri, 99 Jan 2026 03:04:35 GMT', undefined],
    ['x Fri, 02 Jan 2026 03:04:35 GMT', undefined],
    ['Fri, 02 Jan 2026 03:04:35 GMT x', undefined],
  ])('%j is %s ms', (value, expected) => {
    expect(retryAfter(value, now)).toBe(expected)
  })
})

test.each([
  [undefined, undefined],
  ['</v2/x?last=1>; rel="next"', '/v2/x?last=1'],
  ['</v2/x?last=1>;rel=next', '/v2/x?last=1'],
  ['<https://r/a>; rel="prev", <https://r/b>; title="b"; rel="next"', 'https://r/b'],
  ['<https://r/a>; rel="last"', undefined],
  ['https://r/a; rel="next"', undefined],
  [`<${'a'.repeat(8_192)}>; rel="next"`, undefined],
])('the next page of %j is %j', (header, target) => {
  expect(nextLink(header)).toBe(target)
})
