import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { PassThrough, Readable, Writable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { finished } from 'node:stream/promises'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { createProcesses, readLines } from '../../src/platform/processes.ts'
import { processesWith, signal } from '../fakes/runner/process-tree.ts'

const processes = createProcesses({ PATH: process.env.PATH })

describe('lines', () => {
  const linesOf = async (chunks: readonly string[]): Promise<readonly string[]> => {
    const lines: string[] = []
    const stream = Readable.from(chunks.map((chunk) => Buffer.from(chunk, 'latin1')))
    readLines(stream, (line) => lines.push(line))
    await finished(stream)
    return lines
  }

  test('do not depend on the chunks of the stream', () =>
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
      processes.spawn('sh', ['-c', script], { output, onLine }),
      buffer(output),
    ])
    expect([exitCode, [...bytes], lines]).toEqual([3, [0xff, 0, 0x61, 0x0a, 0x62], ['stderr: said']])
  })

  test('ends the process if it cannot be written', async () => {
    const output = new Writable({ write: (_chunk, _encoding, done) => done(new Error('no space left on device')) })
    output.on('error', () => {})
    const exitCode = await processes.spawn('sh', ['-c', 'while :; do echo more; done'], { output })
    expect(exitCode).toBeGreaterThan(128)
  })
})

/** What a program leaves open, and how it takes a SIGTERM. */
const hanging: readonly (readonly [string, string])[] = [
  ['a program that only waits', 'exec sleep 1000'],
  ['one that ignores SIGTERM', 'trap "" TERM; while :; do sleep 1000; done'],
  ['one that has started another and waits for it', 'sleep 1000 & wait'],
  ['one that has ended, and left another that keeps its output open', 'sleep 1000 &'],
  [
    'one that has ended, and left another that keeps its output open and ignores SIGTERM',
    'sh -c \'trap "" TERM; while :; do sleep 1000; done\' &',
  ],
]

describe('a command that exceeds its timeout', () => {
  const setUp = () => {
    const mark = randomUUID()
    return { environment: { MARK: mark }, left: () => processesWith(`MARK=${mark}`) }
  }

  // At once: most of the time is waiting.
  test('is ended with all its child processes, even if they ignore SIGTERM', async () => {
    const outcomes = hanging.map(async ([what, script]) => {
      const { environment, left } = setUp()
      const asked = processes.exec('sh', ['-c', script], { environment, timeoutMs: 700, graceMs: 200 })
      await expect(asked).rejects.toMatchObject({ diagnostics: [{ code: 'environment/no-answer' }] })
      const stayed = await left()
      for (const { pid } of stayed) signal(pid, 'SIGKILL')
      return [what, stayed.map(({ command }) => command)]
    })
    expect(await Promise.all(outcomes)).toEqual(hanging.map(([what]) => [what, []]))
  })

  test('does not keep this program running, even if another process holds its streams', async () => {
    const { environment, left } = setUp()
    // A group of its own: nothing ends it, and it has all three streams.
    const script = 'exec 3<&0; setsid sleep 1000 <&3 & exec sleep 1000'
    const program = `
      import { createProcesses } from ${JSON.stringify(join(import.meta.dirname, '../../src/platform/processes.ts'))}
      const options = { input: 'x'.repeat(1_000_000), timeoutMs: 1500, graceMs: 200 }
      await createProcesses(process.env).exec('sh', ['-c', ${JSON.stringify(script)}], { ...options, pass: ['MARK'] }).catch(() => {})`
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    const [exitCode] = await once(child, 'exit')
    const stayed = await left()
    for (const { pid } of stayed) signal(pid, 'SIGKILL')
    expect([exitCode, stayed.map(({ command }) => command)]).toEqual([0, ['sleep 1000']])
  })
})

test('an aborted program is not waited for if another process keeps its output open', async () => {
  const mark = randomUUID()
  const over = new AbortController()
  const exitCode = await processes.spawn('sh', ['-c', 'setsid sleep 1000 & echo begun; wait'], {
    environment: { MARK: mark },
    signal: over.signal,
    graceMs: 100,
    onLine: () => over.abort(),
  })
  expect(exitCode).toBe(143)
  for (const { pid } of await processesWith(`MARK=${mark}`)) signal(pid, 'SIGKILL')
})

describe('a command', () => {
  test('returns both streams and the exit code', async () => {
    const answer = await processes.exec('sh', ['-c', 'cat; echo no >&2; exit 3'], { input: 'given' })
    expect(answer).toEqual({ exitCode: 3, stdout: 'given', stderr: 'no\n' })
  })

  test('returns at most the first 32 MiB of output', async () => {
    const { exitCode, stdout } = await processes.exec('sh', ['-c', 'head -c 40000000 /dev/zero | tr "\\0" x'])
    expect([exitCode, stdout.length]).toEqual([0, 32 * 1024 * 1024])
  })

  test('that is not installed is reported as missing', async () => {
    await expect(processes.exec('no-such-program', [])).rejects.toMatchObject({
      kind: 'environment',
      diagnostics: [{ code: 'environment/no-program' }],
    })
  })
})
