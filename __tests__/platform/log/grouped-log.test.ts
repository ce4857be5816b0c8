import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Log } from '../../../src/core/host.ts'
import { openLogGroups } from '../../../src/platform/log/grouped-log.ts'
import { createMasks } from '../../../src/platform/log/masks.ts'

function recorder(): { readonly log: Log; readonly said: string[] } {
  const said: string[] = []
  const log: Log = {
    info: (line) => said.push(line),
    debug: () => {},
    report: () => {},
    group: (title) => said.push(`[${title}`),
    endGroup: () => said.push(']'),
    mask: () => {},
    redact: (text) => text,
  }
  return { log, said }
}

describe('log groups', () => {
  test('are printed in order, even if a later one logs first', () => {
    const { log, said } = recorder()
    const [a, b] = openLogGroups(log, ['a', 'b'])
    b?.line('b1')
    a?.line('a1')
    b?.close('b is done')
    a?.line('a2')
    a?.close('a is done')
    expect(said).toEqual(['[a', 'a1', 'a2', ']', 'a is done', '[b', 'b1', ']', 'b is done'])
  })

  test('print the first open group immediately', () => {
    const { log, said } = recorder()
    const [a] = openLogGroups(log, ['a', 'b'])
    a?.line('now')
    expect(said).toEqual(['[a', 'now'])
  })

  test('never interleave or lose lines, in any order of events', () => {
    const happenings = fc.array(fc.tuple(fc.nat(3), fc.boolean()), { maxLength: 60 })
    fc.assert(
      fc.property(happenings, (order) => {
        const { log, said } = recorder()
        const titles = ['0', '1', '2', '3']
        const lanes = openLogGroups(log, titles)
        const expected = titles.map(() => [] as string[])
        const closed = new Set<number>()
        for (const [index, [lane, close]] of order.entries()) {
          if (closed.has(lane)) continue
          if (close) {
            lanes[lane]?.close(`${lane} done`)
            closed.add(lane)
          } else {
            lanes[lane]?.line(`${lane}:${index}`)
            expected[lane]?.push(`${lane}:${index}`)
          }
        }
        for (const [index, lane] of lanes.entries()) if (!closed.has(index)) lane.close(`${index} done`)
        expect(said).toEqual(
          titles.flatMap((title, index) => [`[${title}`, ...(expected[index] ?? []), ']', `${title} done`]),
        )
      }),
    )
  })

  test('drop lines if long lines would use too much memory', () => {
    const { log, said } = recorder()
    const [a, b] = openLogGroups(log, ['a', 'b'])
    for (let index = 0; index < 3_000; index += 1) b?.line(`${index} ${'x'.repeat(100_000)}`)
    a?.close('')
    b?.close('')
    expect(said.join('').length).toBeLessThan(9_000_000)
    expect(said.find((line) => line.startsWith('2999 '))).toMatch(/cut: the line has 100005 characters/)
    const kept = said.filter((line) => line.includes('cut:')).length
    const dropped = said.map((line) => /(\d+) lines left out/.exec(line)?.[1]).find(Boolean)
    expect(kept + Number(dropped)).toBe(3_000)
  })

  test('mask a secret even if a line is cut there', () => {
    const { log, said } = recorder()
    const [a] = openLogGroups({ ...log, redact: (text) => text.replaceAll('hunter2', '***') }, ['a'])
    for (let at = 8_100; at < 8_200; at += 1) a?.line(`${'x'.repeat(at)}hunter2${'x'.repeat(500)}`)
    expect(said.join('\n')).not.toMatch(/hunt|hun\b/)
  })

  test('keep only the last lines of a flood, and report how many are missing', () => {
    const { log, said } = recorder()
    const [a, b] = openLogGroups(log, ['a', 'b'])
    for (let index = 0; index < 130_000; index += 1) b?.line(`line ${index}`)
    a?.close('')
    b?.close('')
    expect(said.length).toBeLessThan(60_000)
    expect(said).toContain('line 129999')
    expect(said.find((line) => line.includes('left out'))).toBeDefined()
  })
})

describe('masks', () => {
  test('hide every line of a secret, the longest first', () => {
    const masks = createMasks()
    masks.add('key')
    masks.add('key-of-the-house\nsecond line')
    expect(masks.redact('key-of-the-house, second line, key')).toBe('***, ***, ***')
  })

  test('return each new value once', () => {
    const masks = createMasks()
    expect(masks.add('hunter2')).toEqual(['hunter2'])
    expect(masks.add('hunter2')).toEqual([])
    expect(masks.add('one line\nhunter2\r\none line\nno')).toEqual(['one line\nhunter2\r\none line\nno', 'one line'])
    expect(masks.add('other')).toEqual(['other'])
  })

  test('ignore values that are too short to be a secret', () => {
    const masks = createMasks()
    masks.add('1')
    expect(masks.redact('armv7 10 MB')).toBe('armv7 10 MB')
  })
})
