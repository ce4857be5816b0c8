// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of GitHub.

import fc from 'fast-check'
import type { Pair, YAMLMap, YAMLSeq } from 'yaml'
import { applyEdits } from '../../../src/addon/migrate/edits.ts'
import { pairOf, scalarText, YamlText } from '../../../src/addon/migrate/yaml-text.ts'

describe('a YAML file of which lines change', () => {
  /** The pair at names, from the top. */
  const find = (page: YamlText, ...names: readonly string[]): Pair => {
    let map: unknown = page.document.contents
    let found: Pair | undefined
    for (const name of names) {
      found = pairOf(map, name)
      map = found?.value
    }
    if (!found) throw new Error(`no ${names.join('.')}`)
    return found
  }
  const itemsOf = (page: YamlText, name: string) => (find(page, name).value as YAMLSeq).items

  test('gives each offset its row and column, and each row its text', () => {
    const lines = fc.array(fc.constantFrom('a: 1', '', '  b', '# ü'), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(lines, fc.constantFrom('\n', '\r\n'), (rows, eol) => {
        const text = rows.join(eol)
        const page = new YamlText(text, 'w.yml')
        expect(page.eol).toBe(rows.length > 1 ? eol : '\n')
        let offset = 0
        for (const [row, line] of rows.entries()) {
          expect(page.row(row)).toBe(line)
          for (let column = 0; column <= line.length; column += 1) {
            expect(page.rowOf(offset + column)).toBe(row)
            expect(page.locationOf(offset + column)).toEqual({ file: 'w.yml', line: row + 1, column: column + 1 })
          }
          offset += line.length + eol.length
        }
        expect(page.row(rows.length)).toBe('')
      }),
    )
  })

  test.each([
    ['a text with a comment', 'a: x # why\nb: 1\n', 'a: x'],
    ['a text in quotes', 'a: "x"   \n', 'a: "x"'],
    ['nothing', 'a:\nb: 1\n', 'a:'],
    ['no value in braces', '{ a, b }', undefined],
    ['a map', 'a:\n  x: 1 # why\n\n# b\nb: 1\n', 'a:\n  x: 1'],
    ['a list of maps', 'a:\n  - x: 1\n    y: |\n      t\n\n  # c\nb: 1\n', 'a:\n  - x: 1\n    y: |\n      t'],
    ['a list in brackets', 'a: [1, 2 ] # why\nb: 1\n', 'a: [1, 2 ]'],
    ['an empty map', 'a: {}\nb: 1\n', 'a: {}'],
  ])('knows where a pair with %s ends', (_, text, source) => {
    const page = new YamlText(text, 'w.yml')
    if (source === undefined) expect(page.source(find(page, 'b'))).toBe('b')
    else expect(page.source(find(page, 'a'))).toBe(source)
  })

  test.each<[string, string, readonly string[], boolean, string | undefined]>([
    ['one line', 'a: 1\nb: 2 # why\nc: 3\n', ['b'], false, 'a: 1\nc: 3\n'],
    ['all lines of a value', 'a: |\n  x\n  y\nb: 2\n', ['a'], false, 'b: 2\n'],
    ['a last line without an end', 'a: 1\nb: 2', ['b'], false, 'a: 1\n'],
    ['not the comments above', '# a\na: 1\n# b\nb: 2\n', ['b'], false, '# a\na: 1\n# b\n'],
    [
      'the comments above, where they belong to it',
      '# a\na: 1\n  # b\n# b\nb: 2\nc: 3\n',
      ['b'],
      true,
      '# a\na: 1\nc: 3\n',
    ],
    ['comments from the first line on', '# a\na: 1\nb: 2\n', ['a'], true, 'b: 2\n'],
    ['one of the empty lines around', 'a: 1\n\nb: 2\n \n\nc: 3\n', ['b'], true, 'a: 1\n\nc: 3\n'],
    ['no empty line behind what has none before', 'a: 1\nb: 2\n\nc: 3\n', ['b'], true, 'a: 1\n\nc: 3\n'],
    ['the empty line before the end', 'a: 1\n\n \nb: 2\n\n\n', ['b'], true, 'a: 1\n'],
    ['no empty line, where only the pair goes', 'a: 1\n\nb: 2\n\nc: 3\n', ['b'], false, 'a: 1\n\n\nc: 3\n'],
    ['no empty line before the end, where only the pair goes', 'a: 1\n\nb: 2\n', ['b'], false, 'a: 1\n\n'],
    ['no comment behind what stays', 'a: 1 # a\nb: 2\n', ['b'], true, 'a: 1 # a\n'],
    ['the empty line before a last line without an end', 'a: 1\n\nb: 2', ['b'], true, 'a: 1\n'],
    ['the empty line before spaces at the end', 'a: 1\n\nb: 2\n  ', ['b'], true, 'a: 1\n  '],
    ['the whole file', 'a: 1\n', ['a'], true, ''],
    ['several', 'a: 1\nb: 2\nc: 3\n', ['a', 'c'], false, 'b: 2\n'],
    ['some in braces', '{ a: 1, b: "x, y", c: 3 } # why\n', ['a'], false, '{ b: "x, y", c: 3 } # why\n'],
  ])('loses %s', (_, text, names, above, expected) => {
    const page = new YamlText(text, 'w.yml')
    const pairs = names.map((name) => find(page, name))
    const edits = page.removePairs(page.document.contents as YAMLMap, pairs, ...(above ? [true] : []))
    expect(edits && applyEdits(text, edits)).toBe(expected)
  })

  test('loses the empty line behind the first of its parts', () => {
    const text = 'jobs:\n  a: 1\n\n  b: 2\n'
    const page = new YamlText(text, 'w.yml')
    const edits = page.removePairs(find(page, 'jobs').value as YAMLMap, [find(page, 'jobs', 'a')], true)
    expect(edits && applyEdits(text, edits)).toBe('jobs:\n  b: 2\n')
  })

  test.each([
    ['first', 0, 'l:\n  # two\n  - y: 2\n    z: 3\n\n  -  w\n'],
    ['second', 1, 'l:\n  # one\n  - x: 1\n\n  -  w\n'],
    ['last', 2, 'l:\n  # one\n  - x: 1\n  # two\n  - y: 2\n    z: 3\n'],
  ])('loses the %s item of a list with its comments', (_, index, expected) => {
    const text = 'l:\n  # one\n  - x: 1\n  # two\n  - y: 2\n    z: 3\n\n  -  w\n'
    const page = new YamlText(text, 'w.yml')
    const edit = page.removeItem(itemsOf(page, 'l')[index])
    expect(edit && applyEdits(text, [edit])).toBe(expected)
  })

  test('keeps what shares its line with something else', () => {
    const page = new YamlText('l:\n  - x: 1\n    y: 2\nf: [a]\nn:\n  - - a\n', 'w.yml')
    const map = itemsOf(page, 'l')[0] as YAMLMap
    expect(page.removePairs(map, [pairOf(map, 'x') as Pair])).toBeUndefined()
    expect(page.removePairs(map, [pairOf(map, 'x') as Pair, pairOf(map, 'y') as Pair])).toBeUndefined()
    expect(page.removePairs(map, [pairOf(map, 'y') as Pair])).toHaveLength(1)
    expect(page.removeItem(itemsOf(page, 'f')[0])).toBeUndefined()
    expect(page.dashOf((itemsOf(page, 'n')[0] as YAMLSeq).items[0])).toBeUndefined()
    expect(page.dashOf(map)).toBe(2)
  })

  test.each([
    ['above its comments', 'l:\n  # x\n  - x\n', 0, 'l:\n  - new\n  # x\n  - x\n'],
    ['below what has a comment behind it', 'l: # l\n  - x\n', 0, 'l: # l\n  - new\n  - x\n'],
    ['apart, where the others are', 'l:\n - x\n \n - y\n', 1, 'l:\n - x\n \n - new\n\n - y\n'],
    ['with the line ends of the file', 'l:\r\n- x\r\n\r\n- y\r\n', 1, 'l:\r\n- x\r\n\r\n- new\r\n\r\n- y\r\n'],
  ])('gets an item before another, %s', (_, text, index, expected) => {
    const page = new YamlText(text, 'w.yml')
    expect(applyEdits(text, [page.insertItem(itemsOf(page, 'l')[index], 'new')])).toBe(expected)
  })

  test.each([
    ['between others', 'a: 1 # why\nb: 2\n', 'a: 1 # why\nx\ny\nb: 2\n'],
    ['at the end', 'a: 1\n', 'a: 1\nx\ny\n'],
    ['at an end without a line end', 'a: 1', 'a: 1\nx\ny'],
    ['with the line ends of the file', 'a: 1\r\nb: 2', 'a: 1\r\nx\r\ny\r\nb: 2'],
  ])('gets lines below a pair, %s', (_, text, expected) => {
    const page = new YamlText(text, 'w.yml')
    expect(applyEdits(text, [page.insertBelow(find(page, 'a'), ['x', 'y'])])).toBe(expected)
  })

  test('knows which parts anchors and aliases tie together', () => {
    const page = new YamlText('a: &x 1\nb: *x\nc: { d: [*x] }\ne: { f: 1 }\n', 'w.yml')
    const tied = ['a', 'b', 'c', 'e'].map((name) => page.isTied(find(page, name).value))
    expect(tied).toEqual([true, true, true, false])
    // Asked again, it answers the same.
    expect(['a', 'b', 'c', 'e'].map((name) => page.isTied(find(page, name).value))).toEqual(tied)
  })

  test('finds pairs by name and texts of scalars only', () => {
    const page = new YamlText('? [a]\n: 1\nb: 2\nc: ~\nd: [1]\n', 'w.yml')
    const text = (name: string) => scalarText(find(page, name).value)
    expect([text('b'), text('c'), text('d'), scalarText(undefined)]).toEqual(['2', undefined, undefined, undefined])
    expect([pairOf(page.document.contents, 'a'), pairOf([], 'a'), pairOf(undefined, 'a')]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })
})
