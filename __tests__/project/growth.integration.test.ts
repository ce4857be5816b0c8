import fc from 'fast-check'
import { checkBaseImage } from '../../src/addon/config/base-image.ts'
import { parseVersion } from '../../src/addon/version.ts'
import { readIgnores } from '../../src/audit/ignore.ts'
import { copiedBy } from '../../src/audit/scripts.ts'
import { explainFailure } from '../../src/build/explain-failure.ts'
import { collectExclusions } from '../../src/context/exclusions.ts'
import { safeLine } from '../../src/core/text.ts'
import { tooLongArgument } from '../../src/dockerfile/base-of.ts'
import { readDockerfile } from '../../src/dockerfile/dockerfile.ts'
import { expand, longestValue } from '../../src/dockerfile/expand.ts'
import { instructionOf } from '../../src/image/history.ts'
import { leftoverOf } from '../../src/image/leftovers.ts'
import { withoutArchitecture } from '../../src/plan/names.ts'
import { code, fence, html, prose, table } from '../../src/report/markdown/markdown.ts'
import { quoteExplanation } from '../../src/smoke/container/explanation.ts'
import { createLineKeeper } from '../../src/smoke/container/kept-lines.ts'
import { readProcesses, showCrashLoops } from '../../src/smoke/container/processes.ts'
import { validateValue } from '../../src/smoke/options/schema.ts'
import { audit } from '../audit/subjects.ts'
import { growth } from './growth.ts'

const fill = (unit: string, length: number): string => unit.repeat(length / unit.length)
// A Dockerfile of more than 128 kB is not read.
const dockerfile = (text: string) => () => [readDockerfile(text, 'Dockerfile'), audit(text)]

test.each<[string, (length: number) => () => unknown]>([
  ['a here-document of blanks', (n) => dockerfile(`FROM a\nRUN <<E\n${fill(' ', n)}x\nE\n`)],
  ['many instructions', (n) => dockerfile(`FROM a\n${fill('RUN a\n', n)}`)],
  [
    'many packages that later RUNs uninstall',
    (n) => dockerfile(`FROM a\n${fill('RUN apk add -t .b gcc\nRUN apk del .b\n', n)}`),
  ],
  ['COPY of slashes', (n) => dockerfile(`FROM a\nCOPY ${fill('/', n)}x /x\n`)],
  ['many continued lines', (n) => dockerfile(`FROM a\nRUN a ${fill('\\\n', n)}b\n`)],
  ['many stages', (n) => dockerfile(fill('FROM a AS b\n', n))],
  ['many arguments', (n) => dockerfile(`FROM a\n${fill('ARG A=$A\n', n)}`)],
  ['variables within variables', (n) => dockerfile(`FROM a\nENV A=${fill('${A:-', n)}\n`)],
  ['many here-documents', (n) => dockerfile(`FROM a\n${fill('RUN <<E\nE\n', n)}`)],
  ['comments that switch rules off', (n) => () => readIgnores(`# aicleaner-build ignore=a${fill(' ', n)}b\n`)],
  ['a comment of blanks', (n) => () => readIgnores(`#${fill(' ', n)}x\n`)],
  ['sources of COPY with many stars', (n) => () => copiedBy([`${fill('*a', 200)}b`])(fill('a', n))],
  ['a source of COPY of slashes', (n) => () => copiedBy([`${fill('/', n)}x`])('x')],
  [
    'sources of COPY and exclusions',
    (n) => () => collectExclusions([fill('b/', n)]).add({ path: fill('a/', n), bytes: 1 }),
  ],
  ['an image of dashes', (n) => () => withoutArchitecture(fill('-', n))],
  ['an image of placeholders', (n) => () => withoutArchitecture(`{arch}${fill('-{arch}', n)}`)],
  ['a base of blanks', (n) => () => checkBaseImage(`from${fill(' ', n)}\nx`)],
  ['a version of digits', (n) => () => parseVersion(`${fill('1', n)}\n`)],
  ['a version of plus signs', (n) => () => parseVersion(`1${fill('+', n)}\n+`)],
  ['an instruction of blanks', (n) => () => instructionOf(`RUN${fill(' ', n)}x`)],
  ['a name of blanks', (n) => () => safeLine(fill(' ', n))],
  ['a cell of backslashes', (n) => () => table(['a'], [[fill('\\', n)]])],
  ['a cell of blanks', (n) => () => table(['a'], [[`a${fill(' ', n)}b`]])],
  ['prose of backticks', (n) => () => prose(fill('` ``', n))],
  ['code of backticks', (n) => () => code(fill('` ', n))],
  ['HTML of words', (n) => () => html(fill('GH-a@b', n))],
  ['a fence of escape sequences', (n) => () => fence([fill('\u001b]', n)])],
  ['a path of folders for tests', (n) => () => leftoverOf(fill('app/', n))],
  ['the end of a build', (n) => () => explainFailure(fill('failed to resolve source metadata for a: ', n), 1)],
  ['a command line', (n) => () => showCrashLoops([readProcesses(`\n1 1 0 1 ${fill('qemu-', n)}\n`)])],
  ['an explanation of letters', (n) => () => quoteExplanation({ stdout: [fill('E', n)], stderr: [fill('s6-', n)] })],
  ['an explanation of escape sequences', (n) => () => quoteExplanation({ stdout: [fill('\u001b[0;', n)], stderr: [] })],
  ['a kept line of digits', (n) => () => createLineKeeper().add(fill('1a', n))],
  ['a process of blanks', (n) => () => readProcesses(`\n1 1 0 1${fill(' ', n)}\u2028\n`)],
  ['a type with a limit', (n) => () => validateValue(`float(${fill('1', n)}`, 1)],
  ['a number of digits', (n) => () => validateValue('float', `${fill('1', n)}x`)],
  ['an e-mail address', (n) => () => validateValue('email', fill('a.', n))],
])('the time for %s grows with the length of the text', (_, work) => {
  // Four times the text: four times as long where time grows with the length, sixteen times with its square.
  expect(growth(work, (run) => run(), 12_500, 4, 8)).toBeLessThan(8)
})

test('the check distinguishes quadratic from linear growth', () => {
  const text = (length: number) => fill('a', length)
  // So long that the clock's steps do not hide it, however fast the expression is once it is compiled.
  expect(growth(text, (long) => /a+b/.test(long), 12_000, 4, 8)).toBeGreaterThan(8)
  expect(growth(text, (long) => /^a+b/.test(long), 12_000, 4, 8)).toBeLessThan(8)
})

describe('variables that double', () => {
  const doubling = (keyword: string, lines: number): string =>
    Array.from({ length: lines }, (_, index) => `${keyword} A${index + 1}=$A${index}$A${index}`).join('\n')

  test.each([
    ['before FROM', `ARG A0=aaaaaaaaaa\n${doubling('ARG', 60)}\nFROM x:$A60\n`],
    ['in a stage', `FROM x\nARG A0=aaaaaaaaaa\n${doubling('ARG', 60)}\nLABEL a=$A60\n`],
    ['of the environment', `FROM x\nENV A0=aaaaaaaaaa\n${doubling('ENV', 60)}\nUSER $A60\n`],
  ])('%s do not fill the memory', (_, text) => {
    expect(readDockerfile(text, 'Dockerfile').dockerfile).toBeDefined()
    expect(JSON.stringify(audit(text)).length).toBeLessThan(100_000)
  })

  test('a value is never longer than the limit', () => {
    fc.assert(
      // biome-ignore lint/suspicious/noTemplateCurlyInString: variables of a Dockerfile.
      fc.property(fc.array(fc.constantFrom('$A', '${A:-$A$A}', 'b', '${B:+$A}'), { maxLength: 20 }), (parts) => {
        const value = expand(parts.join(''), (name) => (name === 'A' ? 'x'.repeat(5000) : undefined))
        expect(value === undefined || value.length <= longestValue).toBe(true)
      }),
    )
  })
})

test('quotes of a file in messages are cut', () => {
  const { diagnostics } = readDockerfile(
    `FROM a\n${'RUNN'.padEnd(100_000, 'N')} a\nFROM b AS ${'c'.repeat(100_000)}\nFROM d AS ${'c'.repeat(100_000)}\n`,
    'Dockerfile',
  )
  expect(diagnostics.length).toBeGreaterThan(0)
  for (const { message, remedy } of diagnostics) expect((message + remedy).length).toBeLessThan(9000)
})

test('an argument that doubles with each line is reported by its name', () => {
  const lines = Array.from({ length: 60 }, (_, index) => `ARG A${index + 1}=$A${index}$A${index}`)
  const { dockerfile } = readDockerfile(`ARG A0=aaaaaaaaaa\n${lines.join('\n')}\nFROM x:$A60\n`, 'Dockerfile')
  expect(dockerfile && tooLongArgument(dockerfile, 'amd64', new Map())).toBe('A11')
  expect(dockerfile && tooLongArgument(dockerfile, 'amd64', new Map([['A10', 'x']]))).toBe('A25')
})
