import { EventEmitter } from 'node:events'
import { describe, expect, jest, test } from '@jest/globals'
import fc from 'fast-check'
import { error } from '../../../src/core/diagnostics.ts'
import type { Log } from '../../../src/core/host.ts'
import { escapeControls } from '../../../src/core/text.ts'
import { actionsLog } from '../../../src/platform/log/actions.ts'
import {
  commandMessage,
  escapedLine,
  escapedLines,
  longestLine,
  printUncaught,
} from '../../../src/platform/log/escape.ts'
import { terminalLog } from '../../../src/platform/log/terminal.ts'
import { type Command, dotnetWhiteSpace, parseCommand } from '../../fakes/runner/commands.ts'
import { anyText } from '../../fixtures/any-text.ts'
import { growth } from '../../project/growth.ts'

const commands = [
  '::set-output name=x::y',
  '::add-mask::a',
  '::stop-commands::token',
  '::error::x',
  '::ERROR file=a::x',
  '::debug::x',
  '##[error]x',
  '##[add-mask]x',
  'text ##[group]x',
]
/** What could hide the start of a command from us, and not from a runner, or the other way round. */
const prefixes = [
  ...dotnetWhiteSpace,
  '',
  '\ufeff',
  '\u200b',
  '\u00ad',
  '\u180e',
  '\u0000',
  '\u001b[0m',
  '\u009b',
  '\ud800',
]
const lineEnds = /\r\n|\r|\n/

/** What a runner does with what is printed: lines, each of them a command or not. */
const obeyed = (printed: string): readonly Command[] =>
  printed.split(lineEnds).flatMap((line) => parseCommand(line) ?? [])

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a terminal.
const acts = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]|\p{Cs}/u

/** Everything that a log writes to standard output, as a runner would read it. */
function printedBy(log: () => Log, use: (log: Log) => void): string {
  let printed = ''
  const write = (chunk: unknown): boolean => {
    printed += String(chunk)
    return true
  }
  const spies = [process.stdout, process.stderr].map((stream) => jest.spyOn(stream, 'write').mockImplementation(write))
  try {
    use(log())
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
  return printed
}

const logs = [
  ['runner', actionsLog],
  ['terminal', () => terminalLog()],
] as const

describe.each(logs)('the log of a %s', (_, open) => {
  test.each(prefixes.map((prefix) => [prefix]))('prints a command after %j as text', (prefix) => {
    for (const command of commands) {
      const line = `${prefix}${command}`
      for (const text of [line, `first\n${line}`, `first\r${line}`, `first\r\n${line}\r\n`, `\n \t${line}`]) {
        const printed = printedBy(open, (log) => log.info(text))
        expect(obeyed(printed)).toEqual([])
        expect(printed).not.toMatch(acts)
      }
    }
  })

  test('never prints a command or a control character from its input', () => {
    const piece = fc.oneof(
      fc.constantFrom(...prefixes, ...commands, '\n', '\r', ':', '#', '[', ']', '%0A', '%', ','),
      anyText(),
    )
    const hostile = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''))
    fc.assert(
      fc.property(hostile, (text) => {
        const printed = printedBy(open, (log) => {
          log.info(text)
          log.debug(text)
          log.group(text)
          log.endGroup()
          log.report(error(text, text, text, { file: text, line: 1, column: 1 }))
        })
        // Our own, and no other.
        const names = obeyed(printed).map(({ name }) => name)
        expect(names).toEqual(open === actionsLog ? ['debug', 'group', 'endgroup', 'error'] : [])
        expect(printed).not.toMatch(acts)
      }),
      { numRuns: 300 },
    )
  })

  test('removes colours, titles, links and clipboard sequences of a container', () => {
    const text =
      '\u001b[1;31mred\u001b[0m \u001b]8;;https://evil.example\u0007link\u001b]8;;\u0007 \u001b]52;c;ZXZpbA==\u0007\u001b]0;title\u001b\\ \u009b31m'
    const printed = printedBy(open, (log) => log.info(text))
    expect(printed).not.toMatch(acts)
    expect(printed).toMatch(/^red \\u001b\]8;;/)
  })

  test('cuts a line that is too long, and reports its length', () => {
    for (const character of ['x', '\u0085', ':', '\u2028', '😀']) {
      const printed = printedBy(open, (log) => log.info(`ok\n${character.repeat(200_000)}\nend`))
      const [ok, long = '', end] = printed.split('\n')
      expect([ok, end]).toEqual(['ok', 'end'])
      expect(long.length).toBeLessThanOrEqual(longestLine + 1)
      expect(long).toMatch(/ … \(cut: the line has \d+ characters\)$/)
      expect(long).not.toMatch(acts)
    }
    expect(printedBy(open, (log) => log.report(error('a/b', 'x'.repeat(5e6), ''))).length).toBeLessThan(10_000)
  })

  test('masks a secret that is split by escape sequences or by the end of a cut line', () => {
    const printed = printedBy(open, (log) => {
      log.mask('hunter2secret')
      log.info('hunter2\u001b[0msecret')
      for (let at = longestLine - 120; at < longestLine + 20; at += 1) log.info(`${' '.repeat(at)}hunter2secret`)
    }).replaceAll('::add-mask::hunter2secret\n', '')
    expect(printed).toContain('***')
    expect(printed).not.toMatch(/hunt/)
  })

  test('registers a secret with the runner only once', () => {
    const printed = printedBy(open, (log) => {
      for (const secret of ['hunter2secret', 'hunter2secret', 'first\nsecond', 'second']) log.mask(secret)
    })
    const told = printed.match(/^::add-mask::.*$/gm) ?? []
    expect(told).toEqual([...new Set(told)])
    if (printed !== '') expect(told).toHaveLength(4)
  })

  test.each([
    ['exit code 1', 'Look at the log.', 'exit code 1. Look at the log.'],
    ['It is root.', 'Add USER.', 'It is root. Add USER.'],
    ['the tag is "latest"', 'Pin it.', 'the tag is "latest". Pin it.'],
    ['GitHub says "No."', 'Ask it.', 'GitHub says "No." Ask it.'],
    ['it failed (see "log.")', 'Ask.', 'it failed (see "log.") Ask.'],
    ['Why?', 'Who knows!', 'Why? Who knows!'],
    ['it begins so …', 'Ask.', 'it begins so … Ask.'],
    ['exit code 1', '', 'exit code 1'],
  ])('ends %j before the remedy %j', (message, remedy, expected) => {
    expect(printedBy(open, (log) => log.report(error('a/b', message, remedy)))).toContain(expected)
  })

  test('does not change other text', () => {
    const text = 'std::vector<int> ::x\n\tgrün — 日本語 😀 :: # [x] #[x'
    expect(printedBy(open, (log) => log.info(text))).toBe(`${text}\n`)
  })
})

test.each([
  ['file', { file: 'a%0A,line=9,b:c\r\n::error::x.yaml' }, 'a%0A,line=9,b:c\\r\\n::error::x.yaml'],
  ['file', { file: 'a,title=x::y' }, 'a,title=x::y'],
  ['title', { code: 'x,file=/etc/passwd::y%2C' }, 'x,file=/etc/passwd::y%2C'],
] as const)('a %s of an annotation is one property with any content: %j', (property, parts, expected) => {
  const { code = 'a/b', file = 'x.yaml' } = parts as { code?: string; file?: string }
  const printed = printedBy(actionsLog, (log) => log.report(error(code, 'm', 'r', { file, line: 3, column: 5 })))
  const [command, ...others] = obeyed(printed)
  expect(others).toEqual([])
  expect(command).toMatchObject({ name: 'error', message: 'm. r' })
  expect(Object.keys(command?.properties ?? {}).sort()).toEqual(['col', 'file', 'line', 'title'])
  expect(command?.properties[property]).toBe(expected)
})

test('a message that post prints without @actions/core is one line, and arrives as it is', () => {
  const text = '50% of a\n::set-output name=x::y\u0085 %0A::error::z'
  const [command, ...others] = obeyed(`::warning title=t::${commandMessage(text)}`)
  expect(others).toEqual([])
  expect(command?.message).toBe('50% of a\\n::set-output name=x::y\\u0085 %0A::error::z')
})

test.each([
  ['\u202egnp.exe', '\\u202egnp.exe'],
  ['a\u2066b\u2069\u200e\u200f\u061c', 'a\\u2066b\\u2069\\u200e\\u200f\\u061c'],
  ['\ud83d', '\\ud83d'],
  ['😀 \u200d', '😀 \u200d'],
  ['a\r\n\tb\u0000\u007f\u0085', 'a\\r\\n\\tb\\u0000\\u007f\\u0085'],
])('%j is printed as %s', (text, expected) => {
  expect(escapeControls(text)).toBe(expected)
  expect(escapedLine(text)).toBe(expected)
})

describe('the work for one line', () => {
  test.each([
    '\u2028',
    ' ',
    '\u0085',
    '\u001b[',
    '\u001b[0',
    '\u001b[ ',
    ':',
    '#',
    '##[',
    '\ud800',
    '\n',
    '\r',
    ' ::\n',
  ])('is linear in the length of the text: %j', (piece) => {
    const both = (text: string) => [escapedLines(text), escapedLine(text)]
    expect(growth((length) => piece.repeat(length / piece.length), both, 12_500, 8, 24)).toBeLessThan(24)
  })
})

test('an error that no code foresaw is printed as text, and ends the program', () => {
  const program = new EventEmitter()
  const exit = jest.spyOn(process, 'exit').mockImplementation((() => undefined) as never)
  try {
    const printed = printedBy(actionsLog, () => {
      printUncaught(program)
      program.emit('uncaughtException', new Error('x\n\u0085::set-output name=a::b\u001b]52;c;eA==\u0007'))
    })
    expect(obeyed(printed)).toEqual([])
    expect(printed).not.toMatch(acts)
    expect(exit).toHaveBeenCalledWith(1)
  } finally {
    exit.mockRestore()
  }
})
