import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { patchOf } from '../../../src/addon/migrate/patch.ts'
import { gitApply } from './git-apply.ts'

describe('a patch', () => {
  const diff = (before: string, after: string | undefined, file = 'f') => patchOf({ file, before, after })
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
    ['a space', 'a b', 'diff --git a/a b b/a b\n--- a/a b\n+++ b/a b\n'],
    [
      'a quote and a backslash',
      'a "\\',
      'diff --git "a/a \\"\\\\" "b/a \\"\\\\"\n--- "a/a \\"\\\\"\n+++ "b/a \\"\\\\"\n',
    ],
    ['a tab', 'a\tb', 'diff --git "a/a\\tb" "b/a\\tb"\n--- "a/a\\tb"\n+++ "b/a\\tb"\n'],
    ['a line end', 'a\nb', 'diff --git "a/a\\nb" "b/a\\nb"\n--- "a/a\\nb"\n+++ "b/a\\nb"\n'],
    [
      'a control character of two bytes',
      'a\u0085',
      'diff --git "a/a\\302\\205" "b/a\\302\\205"\n--- "a/a\\302\\205"\n+++ "b/a\\302\\205"\n',
    ],
    [
      'letters of other languages',
      'ü',
      'diff --git "a/\\303\\274" "b/\\303\\274"\n--- "a/\\303\\274"\n+++ "b/\\303\\274"\n',
    ],
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

describe('git takes the patch', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'plan-patch-'))
    execFileSync('git', ['init', '-q', folder])
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  test('of any change of any text', () => {
    const text = fc
      .array(fc.constantFrom('a\n', 'b\n', 'c\r\n', '\n', ' x\n'), { maxLength: 12 })
      .map((lines) => lines.join(''))
    const end = fc.constantFrom('', 'no end')
    let number = 0
    fc.assert(
      fc.property(text, end, text, end, (before, beforeEnd, after, afterEnd) => {
        number += 1
        // git takes an empty file that is removed for one that is not there.
        const change = {
          file: [`f ${number}`, `f${number}`, `g "${number}\\/ü`][number % 3] ?? '',
          before: `${before}${beforeEnd}` || 'x',
          after: number % 4 === 0 ? undefined : `${after}${afterEnd}` || 'y',
        }
        expect(gitApply(folder, [change])).toEqual([change.after])
      }),
      { numRuns: 40 },
    )
  })

  test.each([
    ['a space at its end', 'a '],
    ['spaces at its beginning', '  a/ b'],
    ['two folders that look like a and b', 'a/b/ b/a'],
    ['a tab', 'a\tb'],
    ['a line end', 'a\nb'],
    ['quotes and a backslash', `"a' \\`],
    ['an escape and a character of two bytes', 'a\u001b\u0085'],
    ['letters of other languages', 'größe/日本/🎉.yaml'],
  ])('of a file whose name has %s', (_, file) => {
    expect(gitApply(folder, [{ file, before: 'a\nü\n', after: 'a\nö\r\n' }])).toEqual(['a\nö\r\n'])
    expect(gitApply(folder, [{ file, before: 'a\nü', after: undefined }])).toEqual([undefined])
  })

  test.each([
    ['other lines', (index: number) => `a${index}`, (index: number) => `b${index}`],
    [
      'lines that repeat in another order',
      (index: number) => `${index % 3 > 0}`,
      (index: number) => `${index % 2 > 0}`,
    ],
    ['empty lines', () => '', (index: number) => `${index % 2 > 0}`],
  ])('of a large file that consists of %s, within seconds', (_, was, is) => {
    const text = (line: (index: number) => string) =>
      Array.from({ length: 30_000 }, (_, index) => line(index)).join('\n')
    const start = performance.now()
    expect(gitApply(folder, [{ file: 'f', before: text(was), after: text(is) }])).toEqual([text(is)])
    expect(performance.now() - start).toBeLessThan(10_000)
  })
})
