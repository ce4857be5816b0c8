import { PassThrough, Readable, Writable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { finished } from 'node:stream/promises'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { createProcesses, readLines } from '../src/processes.ts'

const processes = createProcesses({ PATH: process.env.PATH })

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
