import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { lineEndVariable, quoteForShell, shellLine } from '../../../src/core/shell-words.ts'
import type { ContainerSpec } from '../../../src/docker/containers.ts'
import { buildCommand, reproduceCommand } from '../../../src/smoke/container/reproduce.ts'
import { anyText } from '../../fixtures/any-text.ts'
import { target } from '../../fixtures/target.ts'

const same = (text: string): string => text
const folder = mkdtempSync(join(tmpdir(), 'aicleaner-paste-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Runs one line with the system's own `sh`; gives the arguments of each call of `docker`. */
const paste = (line: string): readonly (readonly string[])[] => pasteAll([line])[0] ?? []

/** Runs lines with `sh`, each by itself; in each, `docker` writes its arguments into a file, with a NUL after each of them. */
function pasteAll(lines: readonly string[]): readonly (readonly (readonly string[])[])[] {
  const homes = lines.map(() => mkdtempSync(join(folder, 'run-')))
  const script = lines.map((line, index) => {
    const home = homes[index]
    const stub = `docker() { printf '%s\\0' "$@" >> '${home}/calls'; printf '\\1' >> '${home}/calls'; }`
    return `(\ncd '${home}' && TMPDIR='${home}'\n${stub}\n${line}\ncd '${home}' && pwd\n) || exit 1`
  })
  execFileSync('sh', ['-c', script.join('\n')], {
    cwd: folder,
    env: { PATH: process.env.PATH, TMPDIR: folder },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  return homes.map((home) => {
    // The list of calls, and the folder of mktemp where there is one: nothing that a word could have made.
    expect(readdirSync(home).filter((name) => name !== 'calls' && !name.startsWith('tmp.'))).toEqual([])
    return readFileSync(join(home, 'calls'), 'utf8')
      .split('\u0001')
      .slice(0, -1)
      .map((call) => call.split('\0').slice(0, -1))
  })
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

const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u

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
    expect(quoteForShell(word)).toBe(expected)
  })

  test('is unchanged for any content, and printable', () => {
    // A hundred in one shell: to start one takes longer than all of them.
    const all = fc.sample(fc.array(text, { minLength: 1, maxLength: 12 }), 100)
    const lines = all.map((words) => shellLine([['docker', ...words.map(quoteForShell)].join(' ')]))
    for (const line of lines) expect(line).not.toMatch(unprintable)
    expect(pasteAll(lines)).toEqual(all.map((words) => [words]))
  })

  test('needs the variable only where it has a line end', () => {
    expect(shellLine([quoteForShell('a b')])).toBe("'a b'")
    expect(shellLine([quoteForShell('a\nb')])).toBe(`${lineEndVariable} && 'a'"$nl"'b'`)
  })
})

describe('the command to reproduce a run', () => {
  const spec = (changes: Partial<ContainerSpec>): ContainerSpec => ({
    name: 'n',
    image: 'smoke/addon:amd64',
    labels: new Map(),
    ...changes,
  })

  test('gives docker each value as one argument and runs nothing of it', () => {
    const all = fc.sample(fc.tuple(text, text, text, fc.array(text, { maxLength: 3 }), text), 100)
    const lines = all.map(([value, path, name, extra, option]) => {
      const made = spec({
        hostname: name,
        environment: new Map([['NOTE', value]]),
        mounts: [{ target: '/data' }, { target: path, readOnly: true }],
        tmpfs: [path],
        devices: [value],
        ulimits: new Map([['nofile', value]]),
        extra,
      })
      return reproduceCommand(made, { option }, same, buildCommand(target({ context: path || '.', stage: name }), same))
    })
    for (const line of lines) expect(line).not.toMatch(unprintable)
    for (const [index, [build, run]] of pasteAll(lines).entries()) {
      const [value, path, name] = all[index] ?? []
      expect(build?.slice(0, 3)).toEqual(['buildx', 'build', '--load'])
      expect(run?.at(-1)).toBe('smoke/addon:amd64')
      const valuesOf = (flag: string) => run?.flatMap((word, at) => (run[at - 1] === flag ? [word] : []))
      expect(valuesOf('--hostname')).toContain(name)
      expect(valuesOf('--env')).toContain(`NOTE=${value}`)
      expect(valuesOf('--device')).toContain(value)
      expect(valuesOf('--ulimit')).toContain(`nofile=${value}`)
      expect(valuesOf('--volume')?.at(-1)).toMatch(/^\/.*\/map/s)
      expect(valuesOf('--volume')?.at(-1)?.endsWith(`/map${path}:${path}:ro`)).toBe(true)
    }
  })

  test('names the image once more where a value is the same text', () => {
    const image = 'smoke/addon:amd64'
    const [run] = paste(reproduceCommand(spec({ hostname: image, extra: ['--memory', '1g'] }), {}, same))
    expect(run?.slice(-3)).toEqual(['--volume', '1g', image].toSpliced(0, 1, '--memory'))
  })
})

describe('the command to build the image', () => {
  test('gives docker each value as one argument, and the folder is neither a flag nor an address', () => {
    const all = fc.sample(fc.tuple(text, text, text), 100)
    const lines = all.map(([context, value, dockerfile]) => {
      const buildArguments = new Map([['A', value]])
      const buildContexts = new Map([['B', value]])
      return shellLine([
        buildCommand(target({ context: context || '.', dockerfile, buildArguments, buildContexts }), same),
      ])
    })
    for (const [index, [args]] of pasteAll(lines).entries()) {
      const [context, value, dockerfile] = all[index] ?? []
      expect(args?.at(-1)).toMatch(/^(\.|\.\/.*|\w[\w-]*(\/[\w.-]+)*)$/s)
      expect(args?.at(-1)?.endsWith(context || '.')).toBe(true)
      expect(args).toEqual(expect.arrayContaining([`A=${value}`, `B=${value}`, dockerfile]))
    }
  })

  test.each([
    ['addon', 'addon'],
    ['.', '.'],
    ['--push', './--push'],
    ['github.com/octo/addons', './github.com/octo/addons'],
    ['https:/x', './https:/x'],
  ])('%s is built as %s', (context, expected) => {
    expect(buildCommand(target({ context }), same)).toMatch(new RegExp(`aarch64 ${expected.replaceAll('.', '\\.')}$`))
  })
})
