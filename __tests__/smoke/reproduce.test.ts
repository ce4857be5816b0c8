import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { ContainerSpec } from '../../src/docker/containers.ts'
import { buildLine, reproduce } from '../../src/smoke/reproduce.ts'
import { lineEndVariable, quoted, shellLine } from '../../src/smoke/shell.ts'
import { anyText } from '../any-text.ts'
import { target } from '../fixtures/target.ts'

const same = (text: string): string => text
const folder = mkdtempSync(join(tmpdir(), 'aicleaner-paste-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Runs the line with the system's own `sh`; `docker` writes its arguments into a file, each with a NUL after it. Resolves with those of each call. */
function paste(line: string): readonly (readonly string[])[] {
  const home = mkdtempSync(join(folder, 'run-'))
  const stub = `docker() { printf '%s\\0' "$@" >> '${home}/calls'; printf '\\1' >> '${home}/calls'; }`
  execFileSync('sh', ['-c', `${stub}\n${line}\ncd '${home}' && pwd`], {
    cwd: home,
    env: { PATH: process.env.PATH, TMPDIR: home },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  // The list of calls, and the folder of mktemp where there is one: nothing that a word could have made.
  expect(readdirSync(home).filter((name) => name !== 'calls' && !name.startsWith('tmp.'))).toEqual([])
  return readFileSync(join(home, 'calls'), 'utf8')
    .split('\u0001')
    .slice(0, -1)
    .map((call) => call.split('\0').slice(0, -1))
}

const hostile = [
  '$(touch owned)',
  '`touch owned`',
  "'; touch owned; '",
  '"; touch owned; "',
  'a\ntouch owned\n',
  'a\n\n',
  '\r touch owned',
  '> owned',
  '| tee owned',
  '& touch owned',
  '\\',
  "'",
  "\\'",
  '!!',
  '~',
  '*',
  '=ls',
  '#',
  '--rm',
  '$nl',
  '"$nl"',
  '$' + '{nl}',
  '%s%n',
  '\u001b[201~touch owned',
  '\u0085::error::x',
  'x\u202Ey\u2066',
  'é 😀 \u2028',
  '\t',
  '',
]
// A byte 1 is the mark between calls in this test; NUL cannot be in an argument.
const text = fc
  .array(fc.oneof(fc.constantFrom(...hostile), anyText({ maxLength: 8 })), { maxLength: 4 })
  .map((parts) => parts.join('').replaceAll('\0', '').replaceAll('\u0001', ''))

describe('a word for a shell', () => {
  test.each([
    ['a/b:c=1', 'a/b:c=1'],
    ['', "''"],
    ['\0', "''"],
    ['a\0b', "'ab'"],
    ['$(x)', "'$(x)'"],
    ["'", "''\\'''"],
    ['=ls', "'=ls'"],
    ['a b\nc', "'a b'\"$nl\"'c'"],
    ['\u001b', '"$(printf \'\\033\')"'],
    ['\u202e', '"$(printf \'\\342\\200\\256\')"'],
  ])('%j is %s', (word, expected) => {
    expect(quoted(word)).toBe(expected)
  })

  test('comes back as it was, whatever it holds, and can be printed', () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 12 }), (words) => {
        const line = shellLine([['docker', ...words.map(quoted)].join(' ')])
        expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u)
        expect(paste(line)).toEqual([words])
      }),
      { numRuns: 60 },
    )
  })

  test('needs the variable only where it has a line end', () => {
    expect(shellLine([quoted('a b')])).toBe("'a b'")
    expect(shellLine([quoted('a\nb')])).toBe(`${lineEndVariable} && 'a'"$nl"'b'`)
  })
})

describe('the line to try it by hand', () => {
  const spec = (changes: Partial<ContainerSpec>): ContainerSpec => ({
    name: 'n',
    image: 'smoke/addon:amd64',
    labels: new Map(),
    ...changes,
  })

  test('gives docker each value as one argument and runs nothing of it', () => {
    fc.assert(
      fc.property(text, text, text, fc.array(text, { maxLength: 3 }), text, (value, path, name, extra, option) => {
        const made = spec({
          hostname: name,
          environment: new Map([['NOTE', value]]),
          mounts: [{ target: '/data' }, { target: path, readOnly: true }],
          tmpfs: [path],
          devices: [value],
          ulimits: new Map([['nofile', value]]),
          extra,
        })
        const line = reproduce(made, { option }, same, buildLine(target({ context: path || '.', stage: name }), same))
        expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u)
        const [build, run] = paste(line)
        expect(build?.slice(0, 3)).toEqual(['buildx', 'build', '--load'])
        expect(run?.at(-1)).toBe('smoke/addon:amd64')
        const valuesOf = (flag: string) => run?.flatMap((word, at) => (run[at - 1] === flag ? [word] : []))
        expect(valuesOf('--hostname')).toContain(name)
        expect(valuesOf('--env')).toContain(`NOTE=${value}`)
        expect(valuesOf('--device')).toContain(value)
        expect(valuesOf('--ulimit')).toContain(`nofile=${value}`)
        expect(valuesOf('--volume')?.at(-1)).toMatch(/^\/.*\/map/s)
        expect(valuesOf('--volume')?.at(-1)?.endsWith(`/map${path}:${path}:ro`)).toBe(true)
      }),
      { numRuns: 60 },
    )
  })

  test('names the image once more where a value is the same text', () => {
    const image = 'smoke/addon:amd64'
    const [run] = paste(reproduce(spec({ hostname: image, extra: ['--memory', '1g'] }), {}, same))
    expect(run?.slice(-3)).toEqual(['--volume', '1g', image].toSpliced(0, 1, '--memory'))
  })
})

describe('the line to build it by hand', () => {
  test('gives docker each value as one argument, and the folder is neither a flag nor an address', () => {
    fc.assert(
      fc.property(text, text, text, (folder_, value, file) => {
        const context = folder_ || '.'
        const one = target({
          context,
          dockerfile: file,
          buildArguments: new Map([['A', value]]),
          buildContexts: new Map([['B', value]]),
        })
        const [args] = paste(shellLine([buildLine(one, same)]))
        expect(args?.at(-1)).toMatch(/^(\.|\.\/.*|\w[\w-]*(\/[\w.-]+)*)$/s)
        expect(args?.at(-1)?.endsWith(context)).toBe(true)
        expect(args).toEqual(expect.arrayContaining([`A=${value}`, `B=${value}`, file]))
      }),
      { numRuns: 60 },
    )
  })

  test.each([
    ['addon', 'addon'],
    ['.', '.'],
    ['--push', './--push'],
    ['github.com/octo/addons', './github.com/octo/addons'],
    ['https:/x', './https:/x'],
  ])('%s is built as %s', (context, expected) => {
    expect(buildLine(target({ context }), same)).toMatch(new RegExp(`aarch64 ${expected.replaceAll('.', '\\.')}$`))
  })
})
