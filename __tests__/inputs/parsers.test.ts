import fc from 'fast-check'
import { parseDuration } from '../../src/inputs/duration.ts'
import { assignmentLines, items, lines } from '../../src/inputs/lists.ts'
import { isWrong, type Parsed, quoted } from '../../src/inputs/parsed.ts'
import { parseTarget } from '../../src/inputs/paths.ts'
import { parseSize } from '../../src/inputs/size.ts'
import { checkTemplate, fillTemplate } from '../../src/inputs/template.ts'
import { quoteWord, splitWords } from '../../src/inputs/words.ts'
import { anyText } from '../any-text.ts'

const take = <T>(result: Parsed<T>): T | undefined => (isWrong(result) ? undefined : result.value)

describe('sizes', () => {
  test.each([
    ['120MB', 120_000_000],
    ['120MiB', 125_829_120],
    ['1.5GB', 1_500_000_000],
    ['500kB', 500_000],
    ['500KB', 500_000],
    ['1 GiB', 1_073_741_824],
    ['0B', 0],
    ['0.5kB', 500],
  ])('%s is %d bytes', (text, bytes) => {
    expect(take(parseSize(text))).toBe(bytes)
  })

  test.each([
    '',
    '120',
    'MB',
    '120 XB',
    '-1MB',
    '1e3MB',
    '1,5MB',
    '.5MB',
    '1.MB',
    '0x10MB',
    '1 MB 2',
    '99999999TB',
    'Infinity MB',
    '１MB',
  ])('%j is refused', (text) => {
    expect(isWrong(parseSize(text))).toBe(true)
  })

  test('reads back what it is given, in every unit', () => {
    const units = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 }
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.constantFrom(...Object.entries(units)), (number, [unit, factor]) => {
        expect(take(parseSize(`${number}${unit}`))).toBe(number * factor)
      }),
    )
  })

  test('is a whole number of bytes or a reason, whatever it is given', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const result = parseSize(text)
        expect(
          isWrong(result) ? result.remedy.length > 0 : Number.isSafeInteger(result.value) && result.value >= 0,
        ).toBe(true)
      }),
    )
  })
})

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

  test('gives back any words that were quoted for a shell', () => {
    fc.assert(
      fc.property(fc.array(anyText()), (words) => {
        expect(take(splitWords(words.map(quoteWord).join(' ')))).toEqual(words)
      }),
    )
  })
})

describe('lists', () => {
  test('line ends of any system, comments and blank lines', () => {
    expect(lines('a\r\nb\n\n # c\rd')).toEqual(['a', 'b', 'd'])
    expect(items('a, b\nc,,')).toEqual(['a', 'b', 'c'])
  })

  test('any value comes through a quoted line unchanged', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.string().filter((value) => !value.includes('\r')),
          { minLength: 1 },
        ),
        (values) => {
          const text = values.map((value) => `"K=${value.replaceAll('"', '""')}"`).join('\n')
          expect(take(assignmentLines(text))).toEqual(values.map((value) => `K=${value}`))
        },
      ),
    )
  })
})

describe('templates', () => {
  test('a value is never filled in again', () => {
    expect(fillTemplate('{a}-{b}', { a: '{b}', b: 'x' })).toBe('{b}-x')
  })

  test('a missing value makes it undefined, and names of Object are no values', () => {
    expect(fillTemplate('{a}', { a: undefined })).toBeUndefined()
    expect(fillTemplate('{constructor}', {})).toBeUndefined()
  })

  test('text without braces is always fine', () => {
    fc.assert(
      fc.property(
        fc.string().filter((text) => !/[{}]/.test(text)),
        (text) => {
          expect(take(checkTemplate(text, []))).toBe(text)
          expect(fillTemplate(text, {})).toBe(text)
        },
      ),
    )
  })
})

describe('targets', () => {
  test('never lead out of the workspace', () => {
    const part = fc.constantFrom('..', '.', 'a', '', 'b c', '...', 'rootfs')
    fc.assert(
      fc.property(fc.array(part, { minLength: 1 }), fc.boolean(), (parts, absolute) => {
        const path = take(parseTarget((absolute ? '/workspace/' : '') + parts.join('/'), '/workspace'))
        if (path === undefined) return
        expect(path.startsWith('/')).toBe(false)
        let depth = 0
        for (const one of path.split('/')) {
          depth += one === '..' ? -1 : one === '.' ? 0 : 1
          expect(depth).toBeGreaterThanOrEqual(0)
        }
      }),
    )
  })
})

test('a quoted text is one short line', () => {
  fc.assert(
    fc.property(anyText({ maxLength: 300 }), (text) => {
      expect(quoted(text)).not.toMatch(/\p{Cc}/u)
      expect(quoted(text).length).toBeLessThanOrEqual(82)
    }),
  )
})
