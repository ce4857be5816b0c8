import fc from 'fast-check'
import { isWrong, type Parsed } from '../../src/core/parsed.ts'
import { quoteForShell, splitWords } from '../../src/core/shell-words.ts'
import { anyText } from '../fixtures/any-text.ts'

// Other characters are written with `$(…)`, which only a shell expands.
const printable = anyText().map((text) => text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, ''))

const take = <T>(result: Parsed<T>): T | undefined => (isWrong(result) ? undefined : result.value)

describe('words', () => {
  test.each<[string, readonly string[]]>([
    ['', []],
    ['  a  b ', ['a', 'b']],
    [`'a b' "c d" e\\ f`, ['a b', 'c d', 'e f']],
    [`"a \\"b\\" \\\\ \\n"`, ['a "b" \\ \\n']],
    [`''`, ['']],
    [`a'b'"c"`, ['abc']],
    ['$(rm -rf /) `x` * ~', ['$(rm', '-rf', '/)', '`x`', '*', '~']],
    ['--all \\\n  --target x', ['--all', '--target', 'x']],
    ['--all \\\r\n  --target x', ['--all', '--target', 'x']],
  ])('%j becomes %j', (text, expected) => {
    expect(take(splitWords(text))).toEqual(expected)
  })

  test.each([`'a`, `"a`, 'a\\'])('%j is refused', (text) => {
    expect(isWrong(splitWords(text))).toBe(true)
  })

  test('of printable characters are unchanged after quoting for a shell', () => {
    fc.assert(
      fc.property(fc.array(printable), (words) => {
        expect(take(splitWords(words.map(quoteForShell).join(' ')))).toEqual(words)
      }),
    )
  })
})
