import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Host } from '../../../src/core/host.ts'
import { openContainerInspector } from '../../../src/smoke/container/inspector.ts'

const id = 'a'.repeat(64)
const inspected = { State: { Status: 'running', Running: true, Pid: 7 } }

describe('a container is inspected', () => {
  let folder: string
  let server: Server
  /** What the engine answers, by the end of the path. Anything else is not found. */
  let engine: Record<string, unknown>
  let calls: string[]
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'aicleaner-inspector-'))
    calls = []
    engine = {
      json: inspected,
      'top?ps_args=S%20-eo%20pid%2Cppid%2Cuid%2Cmin_flt%2Cargs': {
        Titles: ['PID', 'PPID', 'UID', 'MINFL', 'COMMAND'],
        Processes: [
          ['7', '1', '0', '99', 's6-supervise  web'],
          ['no number', '1', '0', '99', 'x'],
          ['8', '7', 'nobody', '3', `python ${'x'.repeat(1000)}`],
        ],
      },
      'stats?stream=false&one-shot=true': { memory_stats: { usage: 3_000_000, stats: { inactive_file: 1_000_000 } } },
    }
    server = createServer((request, response) => {
      calls.push(`${request.method} ${request.url}`)
      const answer = engine[`${request.url}`.replace(`/containers/${id}/`, '')]
      response
        .writeHead(answer === undefined ? 404 : 200)
        .end(JSON.stringify(answer ?? { message: 'no such container' }))
    })
    await new Promise<void>((ready) => server.listen(join(folder, 'engine.sock'), ready))
  })
  afterEach(async () => {
    server.close()
    await rm(folder, { recursive: true, force: true })
  })

  const docker: Readonly<Record<string, string>> = {
    inspect: JSON.stringify([{ State: { Status: 'exited', Running: false, ExitCode: 3 } }]),
    top: 'PID PPID UID MINFL COMMAND\n9 1 0 5 nginx\n',
    stats: '2MiB / 23GiB\n',
  }
  const host = (address: string, says = docker) =>
    ({
      environment: { DOCKER_HOST: address, DOCKER_CONFIG: folder },
      processes: {
        exec: async (command: string, [what = '', ...args]: readonly string[]) => {
          calls.push([command, what, ...args].join(' '))
          return { exitCode: what in says ? 0 : 1, stdout: says[what] ?? '', stderr: '' }
        },
      },
    }) as unknown as Host
  const here = () => `unix://${join(folder, 'engine.sock')}`

  test('at the socket of the engine, and no program is started', async () => {
    const inspector = await openContainerInspector(id, host(here()))
    expect(await inspector.state()).toMatchObject({ status: 'running', running: true, pid: 7 })
    expect(await inspector.processes()).toEqual([
      { pid: 7, parent: 1, uid: '0', faults: 99, command: 's6-supervise  web' },
      { pid: 8, parent: 7, uid: 'nobody', faults: 3, command: `python ${'x'.repeat(505)}` },
    ])
    expect(await inspector.memory()).toBe(2_000_000)
    expect(calls.filter((call) => !call.startsWith(`GET /containers/${id}/`))).toEqual([])
  })

  test('by docker if the socket does not have it any more', async () => {
    const inspector = await openContainerInspector(id, host(here()))
    engine = {}
    expect(await inspector.state()).toMatchObject({ status: 'exited', exitCode: 3 })
    expect(calls.at(-1)).toBe(`docker inspect --type container ${id}`)
    // Values that are missing once are unknown once.
    expect([await inspector.processes(), await inspector.memory()]).toEqual([undefined, undefined])
    expect(calls.filter((call) => call.startsWith('docker'))).toHaveLength(1)
  })

  test('and is gone if docker does not have it either', async () => {
    const inspector = await openContainerInspector(id, host(here(), {}))
    engine = {}
    expect(await inspector.state()).toBeUndefined()
  })

  test.each([
    ['without a listener', () => `unix://${folder}/none.sock`],
    ['that only docker finds', () => 'tcp://nas:2376'],
  ])('by docker alone at an engine %s', async (_, address) => {
    const inspector = await openContainerInspector(id, host(address()))
    expect(await inspector.state()).toMatchObject({ status: 'exited', exitCode: 3 })
    expect(await inspector.processes()).toEqual([{ pid: 9, parent: 1, uid: '0', faults: 5, command: 'nginx' }])
    expect(await inspector.memory()).toBe(2 * 2 ** 20)
    expect(calls).toEqual([
      `docker inspect --type container ${id}`,
      `docker top ${id} S -eo pid,ppid,uid,min_flt,args`,
      `docker stats --no-stream --format {{.MemUsage}} ${id}`,
    ])
  })

  test('by docker, which does not know it either: its processes are unknown', async () => {
    const inspector = await openContainerInspector(id, host('tcp://nas:2376', {}))
    expect([await inspector.state(), await inspector.processes(), await inspector.memory()]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })
})
