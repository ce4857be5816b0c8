import { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { parseTally, readTallies, tallyReader } from '../../../src/smoke/container/death-tally.ts'
import { type Member, tar } from '../../image/samples/tar.ts'

/** The tally of a service that died twice below s6 2.11, 2.5 s apart. */
const recorded = Buffer.from('400000006b0e37e22c908989' + '0100' + '400000006b0e37e60fd04de2' + '0100', 'hex')

const tallyAt = (folder: string, content: Buffer = recorded): Member => ({
  path: `${folder}/supervise/death_tally`,
  content,
})

/** What a reader makes of an archive, in pieces of `size` bytes. */
async function read(archive: Buffer, size = archive.length) {
  const { output, tallies } = tallyReader()
  const pieces = Array.from({ length: Math.ceil(archive.length / size) }, (_, index) =>
    archive.subarray(index * size, (index + 1) * size),
  )
  await finished(Readable.from(pieces).pipe(output)).catch(() => {})
  return tallies()
}

describe('the death tally of s6', () => {
  test('has the times in milliseconds and the exit codes', () => {
    const record = Buffer.from('400000006b0e37e22c908989' + '0100' + '400000006b0e37e60fd04de2' + '8b0b', 'hex')
    expect(parseTally(record)).toEqual([
      { atMs: Date.UTC(2026, 11, 1, 2, 58, 5) + 747, exitCode: 1 },
      { atMs: Date.UTC(2026, 11, 1, 2, 58, 9) + 265, exitCode: 139 },
    ])
  })
  test('is empty if it ends within a record, as for s6', () => {
    expect(parseTally(recorded.subarray(1))).toEqual([])
    expect(parseTally(Buffer.alloc(0))).toEqual([])
  })
  test('may be any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
        for (const { atMs, exitCode } of parseTally(Buffer.from(bytes))) {
          expect(Number.isFinite(atMs)).toBe(true)
          expect(exitCode).toBeGreaterThanOrEqual(0)
        }
      }),
    )
  })
})

describe('an archive of /run', () => {
  test.each<[string, string, string | undefined]>([
    ['a legacy service', 'run/s6/legacy-services/web', 'web'],
    ['a service of s6-rc', 'run/s6-rc:s6-rc-init:aBcDeF/servicedirs/web', 'web'],
    ['a logger', 'run/service/web/log', 'web/log'],
    ['a name that would break the sentence', 'run/service/a"b\nc', "a'b c"],
    ['a runner of s6-rc', 'run/s6-rc/servicedirs/s6rc-oneshot-runner', undefined],
    ['a service of s6-linux-init', 'run/service/s6-linux-init-shutdownd', undefined],
  ])('has %s', async (_, folder, service) => {
    const tallies = await read(tar([{ path: 'run/' }, tallyAt(folder), tallyAt('run/service/other', Buffer.alloc(0))]))
    expect(tallies?.map((one) => [one.service, one.deaths.length])).toEqual([
      ...(service === undefined ? [] : [[service, 2]]),
      ['other', 0],
    ])
  })
  test('of an add-on without services has those of s6 only', async () => {
    expect(await read(tar([tallyAt('run/service/s6-linux-init-shutdownd')]))).toEqual([])
  })
  test('is read in pieces of any size', async () => {
    const archive = tar([tallyAt('run/service/web'), { path: 'run/pipe', type: '6' }, tallyAt('run/service/db')])
    const whole = await read(archive)
    expect(whole).toHaveLength(2)
    for (const size of [1, 13, 511, 700]) expect(await read(archive, size)).toEqual(whole)
  })
  test.each<[string, Buffer]>([
    ['has no tally', tar([{ path: 'run/' }, { path: 'run/lock', content: 'x' }])],
    ['is cut', tar([tallyAt('run/service/web')]).subarray(0, 700)],
    ['is no archive', Buffer.alloc(2048, 'x')],
    ['leaves its folder', tar([tallyAt('run/../../web')])],
    [
      'has a file that is too large',
      tar([tallyAt('run/service/web'), { path: 'run/big', type: '0', size: 65 * 1024 * 1024 }]),
    ],
    [
      'has too many files',
      tar(Array.from({ length: 20_001 }, (_, index) => ({ path: `run/${index}` })).concat(tallyAt('run/web') as never)),
    ],
  ])('that %s gives nothing', async (_, archive) => {
    expect(await read(archive)).toBeUndefined()
  })
  test('has a limit for services and for records', async () => {
    const services = Array.from({ length: 300 }, (_, index) => tallyAt(`run/service/s${index}`))
    expect(await read(tar(services))).toHaveLength(200)
    const long = tallyAt('run/service/long', Buffer.alloc(14 * 4097))
    expect(await read(tar([long, tallyAt('run/service/web')]))).toHaveLength(1)
  })
})

describe('reading the tallies of a container', () => {
  const log = { debug: () => {} } as never
  const { signal } = new AbortController()
  const given = (spawn: unknown) => ({ processes: { spawn, exec: spawn } as never, log, signal })

  test('copies /run and uses no program of the image', async () => {
    const calls: unknown[] = []
    const tallies = await readTallies(
      'abc',
      given(async (command: string, args: readonly string[], { output }: { output: NodeJS.WritableStream }) => {
        calls.push([command, ...args])
        await finished(Readable.from([tar([tallyAt('run/service/web')])]).pipe(output))
        return 0
      }),
    )
    expect(calls).toEqual([['docker', 'cp', 'abc:/run', '-']])
    expect(tallies).toMatchObject([{ service: 'web' }])
  })
  test.each<[string, () => Promise<number>]>([
    ['the folder is missing', async () => 1],
    ['docker cannot be started', () => Promise.reject(new Error('no docker'))],
  ])('gives nothing if %s', async (_, spawn) => {
    expect(await readTallies('abc', given(spawn))).toBeUndefined()
  })
})
