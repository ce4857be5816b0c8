import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable, Writable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { finished } from 'node:stream/promises'
import { afterAll, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { createProcesses, readLines } from '../src/processes.ts'

const processes = createProcesses({ PATH: process.env.PATH })
const folder = mkdtempSync(join(tmpdir(), 'aicleaner-processes-'))
const pidFile = join(folder, 'pid')
afterAll(() => rmSync(folder, { recursive: true }))

describe('lines', () => {
  const linesOf = async (chunks: readonly string[]): Promise<readonly string[]> => {
    const lines: string[] = []
    const stream = Readable.from(chunks.map((chunk) => Buffer.from(chunk, 'latin1')))
    readLines(stream, (line) => lines.push(line))
    await finished(stream)
    return lines
  }

  test('are the same however they are cut into chunks', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: fc.constantFrom('a', '\n', '\r\n', '\xc3\xa9', '') }), { maxLength: 8 }),
        fc.integer({ min: 1, max: 5 }),
        async (texts, size) => {
          const text = texts.join('')
          const whole = Buffer.from(text, 'latin1').toString('utf8').split('\n')
          const expected = whole.map((line) => line.replace(/\r$/, ''))
          if (whole.at(-1) === '') expected.pop()
          const chunks = text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? []
          expect(await linesOf(chunks)).toEqual(expected)
        },
      ),
    ))

  test('that do not end are cut at 4 MiB', async () => {
    const lines = await linesOf([...Array.from({ length: 90 }, () => 'x'.repeat(100_000)), '\nend'])
    expect(lines.map(({ length }) => length)).toEqual([4_194_304, 4_194_304, 9_000_000 - 2 * 4_194_304, 3])
  })
})

describe('standard output as a stream', () => {
  test('comes byte for byte, and lines are those of standard error alone', async () => {
    const output = new PassThrough()
    const lines: string[] = []
    const script = `printf '\\377\\000a\\nb'; echo said >&2; exit 3`
    const onLine = (line: string, stream: string) => lines.push(`${stream}: ${line}`)
    const [exitCode, bytes] = await Promise.all([
      processes.follow('sh', ['-c', script], { output, onLine }),
      buffer(output),
    ])
    expect([exitCode, [...bytes], lines]).toEqual([3, [0xff, 0, 0x61, 0x0a, 0x62], ['stderr: said']])
  })

  test('one that takes no more ends the process', async () => {
    const output = new Writable({ write: (_chunk, _encoding, done) => done(new Error('no space left on device')) })
    output.on('error', () => {})
    const exitCode = await processes.follow('sh', ['-c', 'while :; do echo more; done'], { output })
    expect(exitCode).toBeGreaterThan(128)
  })
})

describe('a question', () => {
  test('has its answer from both streams, and the exit code', async () => {
    const answer = await processes.ask('sh', ['-c', 'cat; echo no >&2; exit 3'], { input: 'given' })
    expect(answer).toEqual({ exitCode: 3, stdout: 'given', stderr: 'no\n' })
  })

  test('that is not answered ends the program that was asked', async () => {
    const child = processes.ask('sh', ['-c', 'echo $$ > "$0"; exec sleep 1000', pidFile], { timeoutMs: 500 })
    await expect(child).rejects.toMatchObject({ diagnostics: [{ code: 'environment/no-answer' }] })
    const pid = readFileSync(pidFile, 'utf8').trim()
    // It is ended a moment later than it is given up.
    while (existsSync(`/proc/${pid}`)) await new Promise((resolve) => setTimeout(resolve, 10))
  })

  test('is answered by the first 32 MiB of what a program says', async () => {
    const { exitCode, stdout } = await processes.ask('sh', ['-c', 'head -c 40000000 /dev/zero | tr "\\0" x'])
    expect([exitCode, stdout.length]).toEqual([0, 32 * 1024 * 1024])
  })

  test('of a program that is not there says so', async () => {
    await expect(processes.ask('no-such-program', [])).rejects.toMatchObject({
      kind: 'environment',
      diagnostics: [{ code: 'environment/no-program' }],
    })
  })
})
