import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { createLineKeeper } from '../../../src/smoke/container/kept-lines.ts'

const keep = (lines: readonly string[]): readonly string[] => {
  const keeper = createLineKeeper()
  for (const line of lines) keeper.add(line)
  return keeper.lines()
}

/** Different lines, without digits. */
const words = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => 'x'.repeat(index + 1))

describe('of a log', () => {
  test('all lines are kept if they are at most 200', () => {
    expect(keep(words(200))).toEqual(words(200))
  })
  test('the first and the last 100 lines are kept', () => {
    const lines = words(250)
    expect(keep(lines)).toEqual([...lines.slice(0, 100), '… 50 lines omitted', ...lines.slice(150)])
    expect(keep(words(201))[100]).toBe('… 1 line omitted')
  })
  test.each<[string, readonly string[], readonly string[]]>([
    ['two similar lines are kept', ['GET 1', 'GET 2'], ['GET 1', 'GET 2']],
    ['of three similar lines, the first and the last', ['a1', 'a22', 'a3'], ['a1', '… 1 similar line', 'a3']],
    ['lines that differ in words are kept', ['GET /a 1', 'GET /b 1', 'GET /a 2'], ['GET /a 1', 'GET /b 1', 'GET /a 2']],
    [
      'the requests of an access log are one',
      Array.from({ length: 9 }, (_, second) => `172.30.33.1 [12:00:0${second}] "GET / HTTP/1.1" 200`),
      [
        '172.30.33.1 [12:00:00] "GET / HTTP/1.1" 200',
        '… 7 similar lines',
        '172.30.33.1 [12:00:08] "GET / HTTP/1.1" 200',
      ],
    ],
  ])('%s', (_, lines, expected) => {
    expect(keep(lines)).toEqual(expected)
  })
  test('similar lines never displace others', () => {
    const requests = Array.from({ length: 1000 }, (_, index) => `GET / ${index}`)
    expect(keep(['FATAL: no broker', ...requests])).toEqual([
      'FATAL: no broker',
      'GET / 0',
      '… 998 similar lines',
      'GET / 999',
    ])
  })
  test('the first and the last line are always kept, and never more than 601 lines', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[ab1]{0,3}$/), { minLength: 1, maxLength: 900 }), (lines) => {
        const kept = keep(lines)
        expect([kept[0], kept.at(-1)]).toEqual([lines[0], lines.at(-1)])
        expect(kept.length).toBeLessThanOrEqual(601)
      }),
    )
  })
  test('nothing is kept after it is cleared', () => {
    const keeper = createLineKeeper()
    for (const line of words(300)) keeper.add(line)
    keeper.clear()
    keeper.add('new')
    expect(keeper.lines()).toEqual(['new'])
  })
})
