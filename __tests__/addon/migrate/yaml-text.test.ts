// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of GitHub.
import fc from 'fast-check'
import type { Pair, YAMLMap, YAMLSeq } from 'yaml'
import { memoryFiles } from '../../../src/addon/files.ts'
import { unifiedDiff } from '../../../src/addon/migrate/diff.ts'
import { applyEdits, type Edit, lineEndOf, overlaps } from '../../../src/addon/migrate/edits.ts'
import {
  conditionOf,
  expressionsIn,
  jobsIn,
  mentions,
  onlyExpression,
  replaceExpressions,
  timesUsed,
  uses,
} from '../../../src/addon/migrate/expressions.ts'
import { sourceText } from '../../../src/addon/migrate/source-text.ts'
import { pairOf, scalarText, YamlText } from '../../../src/addon/migrate/yaml-text.ts'

describe('the source text of a file', () => {
  const source = (bytes: string | Uint8Array) => sourceText('f', memoryFiles(new Map([['f', bytes]])))

  test.each([
    ['nothing', ''],
    ['a byte order mark', '\uFEFF'],
    ['a byte order mark and the line ends of Windows', '\uFEFFü\r\n'],
    ['characters that begin as a byte order mark does', '\uFEC0'],
    ['characters that begin and end as a byte order mark does', '\uFF3F'],
    ['characters that end as a byte order mark does', '\u1EFF'],
  ])('is all of it: %s', async (_, text) => {
    expect(await source(text)).toBe(text)
  })

  test('is not known where the file cannot be read', async () => {
    expect(await source(new Uint8Array([0xff]))).toBeUndefined()
    expect(await sourceText('g', memoryFiles(new Map()))).toBeUndefined()
  })
})

describe('edits of a text', () => {
  const insert = (at: number, text: string): Edit => ({ from: at, to: at, text })

  test.each<[string, readonly Edit[], string]>([
    ['are made in the order of their places', [insert(6, '!'), { from: 0, to: 1, text: 'A' }], 'Abcdef!'],
    [
      'at one place insert before they replace, in the order given',
      [{ from: 2, to: 4, text: 'X' }, insert(2, '1'), insert(2, '2')],
      'ab12Xef',
    ],
    [
      'may remove what another removes',
      [
        { from: 1, to: 4, text: '' },
        { from: 2, to: 3, text: '' },
        { from: 3, to: 5, text: '' },
      ],
      'af',
    ],
    [
      'may touch each other',
      [
        { from: 1, to: 3, text: 'X' },
        { from: 3, to: 4, text: 'Y' },
      ],
      'aXYef',
    ],
  ])('%s', (_, edits, expected) => {
    expect(overlaps(edits)).toBe(false)
    expect(applyEdits('abcdef', edits)).toBe(expected)
  })

  test.each<[string, readonly Edit[]]>([
    ['a replacement in what is removed', [{ from: 1, to: 4, text: '' }, insert(2, 'x')]],
    [
      'a replacement after a short removal in a long one',
      [{ from: 0, to: 5, text: '' }, { from: 1, to: 2, text: '' }, insert(3, 'x')],
    ],
    [
      'two replacements of one text',
      [
        { from: 1, to: 4, text: 'x' },
        { from: 3, to: 5, text: 'y' },
      ],
    ],
  ])('cannot be made where there is %s', (_, edits) => {
    expect(overlaps(edits)).toBe(true)
    expect(() => applyEdits('abcdef', edits)).toThrow('edits overlap')
  })

  test('use the line end of the text', () => {
    expect([lineEndOf('a\r\nb'), lineEndOf('a\nb'), lineEndOf('a')]).toEqual(['\r\n', '\n', '\n'])
  })
})

describe('a unified diff', () => {
  const diff = (before: string, after: string | undefined, file = 'f') => unifiedDiff({ file, before, after })
  const head = 'diff --git a/f b/f\n--- a/f\n+++ b/f\n'

  test.each<[string, string, string | undefined, string]>([
    ['is empty where nothing changes', 'a\n', 'a\n', ''],
    [
      'removes a file',
      'a\nb\n',
      undefined,
      'diff --git a/f b/f\ndeleted file mode 100644\n--- a/f\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-a\n-b\n',
    ],
    ['fills an empty file', '', 'a\n', `${head}@@ -0,0 +1,1 @@\n+a\n`],
    [
      'shows three lines around a change',
      '1\n2\n3\n4\nold\n6\n7\n8\n9\n',
      '1\n2\n3\n4\nnew\n6\n7\n8\n9\n',
      `${head}@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-old\n+new\n 6\n 7\n 8\n`,
    ],
    [
      'joins changes with six lines between them',
      'a\n1\n2\n3\n4\n5\n6\nb\n',
      'A\n1\n2\n3\n4\n5\n6\nB\n',
      `${head}@@ -1,8 +1,8 @@\n-a\n+A\n 1\n 2\n 3\n 4\n 5\n 6\n-b\n+B\n`,
    ],
    [
      'separates changes with seven, and counts on by what the first adds',
      'a\n1\n2\n3\n4\n5\n6\n7\nb\n',
      'A\nA\n1\n2\n3\n4\n5\n6\n7\n',
      `${head}@@ -1,4 +1,5 @@\n-a\n+A\n+A\n 1\n 2\n 3\n@@ -6,4 +7,3 @@\n 5\n 6\n 7\n-b\n`,
    ],
    [
      'says where the last line has no end',
      'a\nb',
      'a\nb\n',
      `${head}@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n`,
    ],
    [
      'keeps the lines that both have in one order',
      'a\nb\nc\nd\n',
      'b\nx\nd\na\n',
      `${head}@@ -1,4 +1,4 @@\n-a\n b\n-c\n+x\n d\n+a\n`,
    ],
    ['removes one of two equal lines', 'a\na\n', 'a\n', `${head}@@ -1,2 +1,1 @@\n a\n-a\n`],
    ['adds a second equal line', 'a\nb\n', 'a\na\nb\n', `${head}@@ -1,2 +1,3 @@\n a\n+a\n b\n`],
  ])('%s', (_, before, after, expected) => {
    expect(diff(before, after)).toBe(expected)
  })

  test.each([
    ['a space', 'a b', 'diff --git a/a b b/a b\n--- a/a b\t\n+++ b/a b\t\n'],
    [
      'a quote and a backslash',
      'a "\\',
      'diff --git "a/a \\"\\\\" "b/a \\"\\\\"\n--- "a/a \\"\\\\"\n+++ "b/a \\"\\\\"\n',
    ],
    ['a tab', 'a\tb', 'diff --git "a/a\\011b" "b/a\\011b"\n--- "a/a\\011b"\n+++ "b/a\\011b"\n'],
    ['a line end', 'a\nb', 'diff --git "a/a\\012b" "b/a\\012b"\n--- "a/a\\012b"\n+++ "b/a\\012b"\n'],
    [
      'a control character of two bytes',
      'a\u0085',
      'diff --git "a/a\\302\\205" "b/a\\302\\205"\n--- "a/a\\302\\205"\n+++ "b/a\\302\\205"\n',
    ],
    ['letters of other languages', 'ü', 'diff --git a/ü b/ü\n--- a/ü\n+++ b/ü\n'],
  ])('writes a name with %s as git does', (_, file, expected) => {
    expect(diff('a\n', 'b\n', file)).toBe(`${expected}@@ -1,1 +1,1 @@\n-a\n+b\n`)
  })

  test('has both texts in its lines, and changes no more of them than needed', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 9 })
    const common = (a: readonly string[], b: readonly string[]): number => {
      const [[first, ...left], [other, ...right]] = [a, b]
      if (first === undefined || other === undefined) return 0
      return first === other ? 1 + common(left, right) : Math.max(common(left, b), common(a, right))
    }
    fc.assert(
      fc.property(text, text, (was, is) => {
        const [before, after] = [was, is].map((lines) => lines.map((line) => `${line}\n`).join('')) as [string, string]
        if (before === after) return
        let old = was.map((line) => `${line}\n`)
        const result: string[] = []
        let at = 0
        const [, ...hunks] = diff(before, after).split(/^(?=@@)/m)
        for (const hunk of hunks) {
          const [start = '', ...rows] = hunk.trimEnd().split('\n').length > 0 ? hunk.slice(0, -1).split('\n') : []
          const [from = 0, count = 0, to = 0, made = 0] = (start.match(/\d+/g) ?? []).map(Number)
          const first = count === 0 ? from : from - 1
          result.push(...old.slice(at, first))
          expect(result).toHaveLength(made === 0 ? to : to - 1)
          const part = (kinds: string) =>
            rows.filter((row) => kinds.includes(row[0] ?? '?')).map((row) => `${row.slice(1)}\n`)
          expect(part(' -')).toEqual(old.slice(first, first + count))
          expect(part(' +')).toHaveLength(made)
          result.push(...part(' +'))
          at = first + count
        }
        expect([...result, ...old.slice(at)].join('')).toBe(after)
        const removed = diff(before, after).match(/^-(?!--)/gm)?.length ?? 0
        expect(removed).toBe(was.length - common(was, is))
        old = []
      }),
    )
  })
})

describe('expressions of GitHub in a text', () => {
  test.each([
    ['none', 'a }} b', []],
    ['one that has no end', 'a ${{ b', []],
    [
      'two',
      'x ${{ a }}${{b}} y',
      [
        { inner: 'a', from: 2, to: 10 },
        { inner: 'b', from: 10, to: 16 },
      ],
    ],
    ['an empty one', '${{}}', [{ inner: '', from: 0, to: 5 }]],
  ])('are found: %s', (_, text, expected) => {
    expect(expressionsIn(text)).toEqual(expected)
  })

  test.each([
    [' ${{ a.b }}\n', 'a.b'],
    ['${{ a }}x', undefined],
    ['x${{ a }}', undefined],
    ['${{ a }}${{ b }}', undefined],
    ['a', undefined],
  ])('are the whole of %j: %s', (text, expected) => {
    expect(onlyExpression(text)).toBe(expected)
  })

  test('are replaced, each by itself, or not at all where one cannot be', () => {
    expect(replaceExpressions('1 ${{ a }} 2 ${{ b }} 3', (inner) => `<${inner}>`)).toBe('1 <a> 2 <b> 3')
    expect(replaceExpressions('${{ a }}${{ b }}', (inner) => (inner === 'b' ? undefined : ''))).toBeUndefined()
    expect(replaceExpressions('none', () => undefined)).toBe('none')
  })

  test.each([
    ["${{ a == 'x' }}", "a == 'x'"],
    ["  a   ==\n 'x' ", "a == 'x'"],
    ['${{a}} b', '${{ a }} b'],
    ['true', 'true'],
  ])('are compared as conditions without what makes no difference: %j', (text, expected) => {
    expect(conditionOf(text)).toBe(expected)
  })

  test.each([
    ['matrix', true],
    ['MATRIX.arch', true],
    ['fromJSON(matrix.x)', true],
    ['my-matrix.arch', false],
    ['matrixes.arch', false],
    ['needs.matrix', false],
    ["'a matrix'", true],
    ["github['matrix'].x", false],
    ["x == matrix['arch']", true],
    ['', false],
  ])('use a context: %j: %s', (expression, expected) => {
    expect(uses(expression, 'matrix')).toBe(expected)
    expect(mentions(`x \${{ github.ref }} \${{ ${expression} }}`, 'matrix')).toBe(expected)
  })

  test.each([
    ["needs['init'].outputs.A", 'needs.Init.outputs.a', 1],
    ["NEEDS[ 'init' ].outputs['a'] + needs.init.outputs.a.b + needs.init", 'needs.init.outputs.a', 2],
    ["needs['init]", 'needs.init', 0],
    ['needs.init', 'needs.init.outputs', 0],
  ])('count a name in any form: %s', (expression, name, times) => {
    expect(timesUsed(expression, name)).toBe(times)
    expect(uses(expression, name)).toBe(times > 0)
  })

  test.each([
    ["needs.A.result == 'x' && needs['b-c'].outputs.x", ['a', 'b-c']],
    ['toJSON(needs)', [undefined]],
    ['x.needs.a + my_needs.a', []],
  ])('name jobs: %s', (expression, jobs) => {
    expect(jobsIn(expression)).toEqual(jobs)
  })

  test('are not what stands outside of them', () => {
    expect(mentions('matrix.arch ${{ github.ref }}', 'matrix')).toBe(false)
  })
})

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
            expect(page.place(offset + column)).toEqual({ file: 'w.yml', line: row + 1, column: column + 1 })
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
