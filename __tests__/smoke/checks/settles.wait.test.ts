import type { Writable } from 'node:stream'
import { expect, test } from '@jest/globals'
import type { Host } from '../../../src/core/host.ts'
import type { GateAction } from '../../../src/inputs/options.ts'
import { settles } from '../../../src/smoke/checks/settles.ts'
import type { ProcessSample } from '../../../src/smoke/container/processes.ts'
import { tar } from '../../../src/smoke/container/tar.ts'

const startedAt = Date.UTC(2026, 11, 1)

/** A record of s6: a time (TAI64N), an exit code and a signal. */
function record(atMs: number, exitCode: number): Buffer {
  const bytes = Buffer.alloc(14)
  const at = startedAt + atMs
  bytes.writeBigUInt64BE(2n ** 62n + BigInt(Math.floor(at / 1000) + 37))
  bytes.writeUInt32BE((at % 1000) * 1e6, 8)
  bytes.writeUInt8(exitCode, 12)
  return bytes
}

type Death = readonly [atMs: number, exitCode: number]

interface Given {
  /** When the service ends, in milliseconds after the start of the container. Undefined: there is no record. */
  readonly deaths?: readonly Death[]
  /** Whose record it is. */
  readonly service?: string
  readonly entrypoint?: string
  readonly gate?: GateAction
  readonly kind?: 'healthcheck' | 'stays-up'
  readonly running?: boolean
  /** It ends this long after the start of the container. */
  readonly endsMs?: number
  /** The command line of a supervisor whose service gets a new process with each sample; a sample takes a second. */
  readonly supervisor?: string
}

/** Three seconds after the start, with a clock that moves with each wait. */
async function settle(given: Given) {
  const { deaths, entrypoint = '/init', gate, kind = 'healthcheck', running = true } = given
  const { service = 'web', endsMs = Number.POSITIVE_INFINITY, supervisor } = given
  let now = startedAt + 3000
  let reads = 0
  const samples: ProcessSample[] = []
  const process = (pid: number, command: string) => ({ pid, parent: pid === 1 ? 0 : 1, uid: '0', faults: 1, command })
  const sample = () => {
    const seconds = Math.floor(Math.min(now - startedAt, endsMs) / 1000)
    while (supervisor !== undefined && samples.length < seconds)
      samples.push([process(1, supervisor), process(100 + samples.length, '/run.sh')])
  }
  sample()
  const until = () => (deaths ?? []).filter(([atMs]) => startedAt + atMs <= now)
  const sleep = async (ms: number) => {
    now += ms
    sample()
  }
  const host = {
    clock: { now: () => now, sleep },
    signal: new AbortController().signal,
    log: { debug: () => {} },
    processes: {
      async spawn(_: string, __: readonly string[], { output }: { output: Writable }) {
        reads += 1
        const content = Buffer.concat(until().map(([atMs, exitCode]) => record(atMs, exitCode)))
        const files = deaths ? [{ path: `run/service/${service}/supervise/death_tally`, content, mode: 0o644 }] : []
        await new Promise<void>((done) => output.end(tar(files), () => done()))
        return 0
      },
    },
  } as unknown as Host
  const state = { running, startedAt, exitCode: 0 }
  const observer = {
    ...{ id: 'c', probes: [] },
    inspect: async () => ({ ...state, running: running && now - startedAt < endsMs }),
  }
  const context = {
    ...{ state, host, settledMs: 2500, monitor: { samples }, image: { entrypoint: [entrypoint] } },
    outcome: { kind: 'ready', signals: [{ kind }], afterMs: 500 },
    run: { observer, output: { stdout: [], stderr: [] } },
    options: { smokeChecks: new Map(gate ? [['settles', gate]] : []) },
  }
  const found = await settles.afterSettling?.(context as never)
  return { ...found, reads, waitedMs: now - startedAt - 3000 }
}

test('an add-on whose services run needs one look, and no wait', async () => {
  expect(await settle({ deaths: [] })).toMatchObject({
    ...{ status: 'pass', reads: 1, waitedMs: 0, durationMs: 2500 },
    reason: 'still works 2.5 s after it became ready',
  })
})

test('the time of an add-on that has to stay up counts from its start', async () => {
  expect(await settle({ deaths: [], kind: 'stays-up' })).toMatchObject({ reason: 'still works 2.5 s after the start' })
})

test('a service that fails every 2.5 s is a crash loop after some more seconds', async () => {
  const deaths = [1, 2, 3, 4, 5].map((times): Death => [times * 2500, 1])
  const found = await settle({ deaths })
  expect(found).toMatchObject({
    status: 'unmet',
    reason: expect.stringMatching(/^crash loop: service "web" ended 3 times, 2\.5 s apart/),
  })
  expect(found.waitedMs).toBeGreaterThan(0)
  expect(found.waitedMs).toBeLessThanOrEqual(6000)
  expect(found.durationMs).toBe(2500 + found.waitedMs)
})

test('a service that failed once and then runs has recovered, as soon as it has run for long enough', async () => {
  const found = await settle({ deaths: [[2000, 1]] })
  expect(found).toMatchObject({ status: 'pass', reason: expect.stringContaining('ended once, 2 s after the start') })
  expect(found.waitedMs).toBeGreaterThan(0)
  expect(found.waitedMs).toBeLessThan(6000)
})

test('a service that failed late needs nearly the whole wait', async () => {
  expect(await settle({ deaths: [[2900, 1]] })).toMatchObject({
    ...{ status: 'pass', waitedMs: 5700 },
    reason: expect.stringContaining('and not again since then'),
  })
})

test('a service that fails again at the end of the wait is a crash loop', async () => {
  const found = await settle({
    deaths: [
      [2900, 1],
      [8600, 1],
    ],
  })
  expect(found).toMatchObject({
    ...{ status: 'unmet', waitedMs: 6000 },
    reason: expect.stringMatching(/^crash loop: .* 2 times/),
  })
})

test.each<[string, Given]>([
  ['another entrypoint, without s6', { entrypoint: '/run.sh' }],
  ['a check that is off', { gate: 'off' }],
  ['a container that has ended', { running: false }],
])('the records of s6 are not read for %s', async (_, given) => {
  const found = await settle({ deaths: [[100, 1]], ...given })
  expect([found.reads, found.waitedMs]).toEqual([0, 0])
})

test('without records and a process supervisor, process samples decide at once', async () => {
  expect(await settle({})).toMatchObject({ status: 'pass', reads: 1, waitedMs: 0 })
})

test('without records, there must be enough process samples to tell', async () => {
  expect(await settle({ supervisor: 's6-supervise web' })).toMatchObject({
    ...{ status: 'unmet', reads: 1, waitedMs: 6000, durationMs: 8500 },
    reason: expect.stringMatching(/^crash loop: "s6-supervise web" started its service 9 times/),
  })
})

test('without records, samples are awaited while the container runs', async () => {
  expect(await settle({ supervisor: 's6-supervise web', endsMs: 4000 })).toMatchObject({
    ...{ status: 'unmet', waitedMs: 1000 },
    reason: expect.stringMatching(/^was ready and then ended/),
  })
})

test('the records of s6 itself show that no service of the add-on has failed', async () => {
  const service = 's6-linux-init-shutdownd'
  const found = await settle({ deaths: [], service, supervisor: `s6-supervise ${service}` })
  expect(found).toMatchObject({ status: 'pass', reads: 1, waitedMs: 0 })
})
