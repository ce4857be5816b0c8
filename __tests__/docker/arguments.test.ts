import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { assignments, csv, flag } from '../../src/docker/arguments.ts'
import { anyText } from '../fixtures/any-text.ts'

describe('flag', () => {
  test.each([
    ['a text', '--tag', 'a', ['--tag', 'a']],
    ['a number', '--level', 9, ['--level', '9']],
    ['a list, once for each', '--tag', ['a', 'b'], ['--tag', 'a', '--tag', 'b']],
    ['true, without a value', '--pull', true, ['--pull']],
    ['false, not at all', '--pull', false, []],
    ['nothing, not at all', '--target', undefined, []],
    ['an empty list, not at all', '--tag', [], []],
    [
      'a value that looks like a flag, as one argument of its own',
      '--build-arg',
      ['X=--push'],
      ['--build-arg', 'X=--push'],
    ],
  ])('writes %s', (_, name, value, expected) => {
    expect(flag(name, value)).toEqual(expected)
  })
})

test('assignments keep spaces, equals signs and line ends inside one argument', () => {
  expect(assignments(new Map([['NOTE', 'a b, c=d\ne']]))).toEqual(['NOTE=a b, c=d\ne'])
})

describe('csv', () => {
  test.each([
    ['plain fields', { type: 'oci', dest: '/tmp/x' }, 'type=oci,dest=/tmp/x'],
    ['a folder with a comma', { type: 'oci', dest: '/tmp/a,b' }, 'type=oci,"dest=/tmp/a,b"'],
    ['a quote', { id: 'a"b' }, '"id=a""b"'],
    ['no field that is undefined', { type: 'oci', level: undefined }, 'type=oci'],
  ])('writes %s', (_, fields, expected) => {
    expect(csv(fields)).toBe(expected)
  })

  test('any value is unchanged when it is parsed as Go parses a CSV record', () => {
    fc.assert(
      fc.property(
        anyText().filter((text) => !text.includes('\r')),
        (dest) => {
          expect(readCsv(csv({ type: 'oci', dest }))).toEqual(['type=oci', `dest=${dest}`])
        },
      ),
    )
  })
})

/** RFC 4180, one record. */
function readCsv(record: string): string[] {
  const fields: string[] = []
  let rest = record
  for (;;) {
    const match = /^"((?:[^"]|"")*)"(?:,|$)/.exec(rest) ?? /^([^,"]*)(?:,|$)/.exec(rest)
    if (!match) throw new Error(`not CSV: ${rest}`)
    fields.push(rest.startsWith('"') ? (match[1] ?? '').replaceAll('""', '"') : (match[1] ?? ''))
    if (match[0].length === rest.length && !match[0].endsWith(',')) return fields
    rest = rest.slice(match[0].length)
  }
}
