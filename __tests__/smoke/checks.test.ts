import { describe, expect, test } from '@jest/globals'
import type { Program } from '../../src/image/elf.ts'
import { configMismatch, mayRun, resolveProgram } from '../../src/smoke/checks/architecture.ts'
import {
  judgeInit,
  judgeLog,
  judgeMemory,
  judgeSettling,
  judgeStartup,
  judgeUser,
} from '../../src/smoke/checks/running.ts'
import { judgeSockets, promised, readSockets } from '../../src/smoke/checks/sockets.ts'
import { judgeStop } from '../../src/smoke/checks/stop.ts'
import { judgeSupervisor } from '../../src/smoke/checks/supervisor.ts'
import type { ImageFacts } from '../../src/smoke/container/image.ts'
import { crashLoops, readProcesses } from '../../src/smoke/container/processes.ts'
import type { ContainerState } from '../../src/smoke/container/state.ts'
import { checkNames, defaultGates, judged } from '../../src/smoke/gates.ts'
import { memoryIn, memoryOf } from '../../src/smoke/memory.ts'
import { runConfig } from '../fixtures/target.ts'

const none = new Map()
const image = (changes: Partial<ImageFacts> = {}): ImageFacts => ({
  id: 'sha256:1',
  os: 'linux',
  architecture: 'arm64',
  entrypoint: [],
  command: [],
  environment: new Map(),
  user: '',
  workingFolder: '/',
  exposed: [],
  labels: new Map(),
  ...changes,
})

describe('gates', () => {
  test('turn a check that is not met into what the user wants, and leave one that is met alone', () => {
    expect(judged('stops', false, '', none).status).toBe(defaultGates.stops)
    expect(judged('stops', false, '', new Map([['stops', 'fail']])).status).toBe('fail')
    expect(judged('starts', false, '', new Map([['starts', 'off']])).status).toBe('skip')
    expect(judged('starts', true, '', new Map([['starts', 'fail']])).status).toBe('pass')
    expect(checkNames).toContain('read-only')
  })
})

describe('the architecture', () => {
  test.each([
    ['armv7', { architecture: 'arm', variant: 'v7' }, undefined],
    ['armv7', { architecture: 'arm' }, undefined],
    ['aarch64', { architecture: 'arm64', variant: 'v8' }, undefined],
    [
      'armv7',
      { architecture: 'arm', variant: 'v6' },
      'the image says it is for linux/arm/v6, and has to be for linux/arm/v7',
    ],
    ['aarch64', { architecture: 'amd64' }, 'the image says it is for linux/amd64, and has to be for linux/arm64'],
    [
      'amd64',
      { os: 'windows', architecture: 'amd64' },
      'the image says it is for windows/amd64, and has to be for linux/amd64',
    ],
  ] as const)('of %s matches the config %j or says why not', (architecture, config, expected) => {
    expect(configMismatch(image(config), architecture)).toBe(expected)
  })

  test('of a 64-bit machine includes its 32-bit kin', () => {
    expect([
      mayRun('386', 'amd64'),
      mayRun('arm', 'aarch64'),
      mayRun('arm64', 'armv7'),
      mayRun('amd64', 'aarch64'),
    ]).toEqual([true, true, false, false])
  })

  test('is that of the program behind scripts, links of scripts and PATH', async () => {
    const files: Record<string, Program> = {
      '/usr/bin/start': { kind: 'script', interpreter: '/usr/bin/env', argument: 'python3' },
      '/usr/bin/env': { kind: 'elf', machine: 'arm64' },
      '/app/run': { kind: 'script', interpreter: '/app/run' },
    }
    const read = async (path: string) => files[path]
    const surroundings = { environment: new Map([['PATH', '/bin:/usr/bin']]), workingFolder: '/app' }
    expect(await resolveProgram('start', surroundings, read)).toEqual({ path: '/usr/bin/env', machine: 'arm64' })
    expect(await resolveProgram('./run', surroundings, read)).toBeUndefined()
    expect(await resolveProgram('nothing', surroundings, read)).toBeUndefined()
  })

  test('is looked for in so many folders of PATH at most', async () => {
    const asked: string[] = []
    const folders = Array.from({ length: 5000 }, (_, index) => `/f${index}`)
    const surroundings = { environment: new Map([['PATH', folders.join(':')]]), workingFolder: '/' }
    await resolveProgram('x', surroundings, async (path) => void asked.push(path))
    expect(asked).toHaveLength(32)
  })
})

describe('sockets', () => {
  const text = `  sl  local_address rem_address   st
   0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000
   1: 0100007F:1F91 00000000:0000 0A 00000000:00000000 00:00000000
   2: 0B00007F:A0B1 00000000:0000 0A 00000000:00000000 00:00000000
   3: 00000000:1F92 0100007F:0001 01 00000000:00000000 00:00000000
   0: 00000000000000000000000000000000:1FA3 00000000000000000000000000000000:0000 0A 00000000:00000000
   1: 00000000000000000000000001000000:1FA4 00000000000000000000000000000000:0000 0A 00000000:00000000`

  test('are those that listen, without Docker’s name server', () => {
    expect(readSockets(text)).toEqual([
      { port: 8080, local: false },
      { port: 8081, local: true },
      { port: 8099, local: false },
      { port: 8100, local: true },
    ])
  })

  test.each([
    [[{ port: 80, local: false }], [{ port: 80, by: 'ports' }], [80], 'pass', 'listens on 80'],
    [[], [{ port: 80, by: 'ports' }], [], 'warn', 'nothing listens on 80 (ports); listens on nothing'],
    [
      [{ port: 80, local: true }],
      [{ port: 80, by: 'ports' }],
      [],
      'warn',
      '80 (ports) listens on the loopback address only, so nobody reaches it; listens on nothing',
    ],
    [[{ port: 81, local: false }], [], [80], 'pass', 'listens on 81; 81 not declared; EXPOSE 80 without a listener'],
  ])('%j against %j and EXPOSE %j is %s', (sockets, wanted, exposed, status, reason) => {
    expect(judgeSockets(sockets, wanted, exposed, none)).toMatchObject({ status, reason })
  })

  test('are promised by ingress and by ports that are on', () => {
    const run = runConfig({
      ingress: true,
      ports: new Map([
        ['80/tcp', 8080],
        ['81/tcp', null],
        ['53/udp', 53],
        ['90', 90],
      ]),
    })
    expect(promised(run, 62_000).map(({ port }) => port)).toEqual([62_000, 80, 90])
  })
})

describe('stopping', () => {
  test.each([
    [0, 300, 'pass', 'stopped in 300 ms with exit code 0'],
    [3, 300, 'pass', 'stopped in 300 ms with exit code 3'],
    [
      143,
      300,
      'warn',
      'stopped in 300 ms, but with exit code 143: it did not handle SIGTERM, and the Supervisor logs that',
    ],
    [137, 10_100, 'warn', 'ignored SIGTERM for 10 s and was killed (exit code 137): data that was not written is lost'],
    [137, 200, 'warn', 'was killed after 200 ms (exit code 137)'],
  ])('with %i after %i ms is %s', (code, took, status, reason) => {
    expect(judgeStop(code, took, 10, none)).toMatchObject({ status, reason, durationMs: took })
  })
})

describe('the start by the image’s own probe times', () => {
  const check = (ms: number, times: Partial<NonNullable<ImageFacts['healthcheck']>> = {}) =>
    judgeStartup(
      {
        healthcheck: {
          test: [],
          intervalMs: 30_000,
          timeoutMs: 30_000,
          startPeriodMs: 0,
          startIntervalMs: 5000,
          retries: 3,
          ...times,
        },
      },
      ms,
      false,
      none,
    )
  test.each([
    [2000, {}, 'pass', /healthy after 30 s/],
    [31_000, {}, 'pass', /healthy after 1 min;/],
    [
      130_000,
      { intervalMs: 10_000, startPeriodMs: 200_000, startIntervalMs: 10_000 },
      'warn',
      /healthy after 2 min 10 s; the Supervisor waits 2 min/,
    ],
    [40_000, { intervalMs: 10_000 }, 'warn', /3 probes fail before and 3 make it unhealthy/],
    [40_000, { intervalMs: 10_000, startPeriodMs: 60_000 }, 'pass', /healthy after 40 s/],
    // Within the start period it is probed every five seconds, or as often as it says.
    [2000, { startPeriodMs: 60_000 }, 'pass', /healthy after 5 s/],
    [2000, { startPeriodMs: 60_000, startIntervalMs: 2000 }, 'pass', /healthy after 2 s/],
    [21_000, { startPeriodMs: 10_000, intervalMs: 10_000, retries: 2 }, 'warn', /after 30 s, but 2 probes fail before/],
  ])('ready after %i ms with %j is %s', (ms, times, status, reason) => {
    expect(check(ms, times)).toMatchObject({ status, reason: expect.stringMatching(reason) })
  })
  test('is not looked at without HEALTHCHECK, or emulated', () => {
    expect(judgeStartup({}, 1, false, none).status).toBe('skip')
    expect(
      judgeStartup(
        { healthcheck: { test: [], intervalMs: 1, timeoutMs: 1, startPeriodMs: 0, startIntervalMs: 1, retries: 1 } },
        1,
        true,
        none,
      ).status,
    ).toBe('skip')
  })
})

describe('a crash loop', () => {
  const top = (service: number, supervisor: string, command = 'python3 app.py', faults = 100) =>
    readProcesses(`PID PPID UID MINFL COMMAND\n10 1 0 ${faults} ${supervisor}\n${service} 10 0 7 ${command}\n`)

  test.each([
    ['s6', 's6-supervise web', 1],
    ['runit', 'runsv web', 1],
    ['supervisord', '/usr/bin/python3 /usr/bin/supervisord -c x', 1],
    ['a shell', '/bin/sh /run.sh', 0],
  ])('is seen below %s or not', (_, supervisor, loops) => {
    expect(crashLoops([top(11, supervisor), top(12, supervisor), top(13, supervisor)])).toHaveLength(loops)
  })

  test('is seen by what the ended leave in their supervisor, where no look catches them', () => {
    const look = (faults: number, supervisor: string) => top(99, supervisor, 'sleep 1', faults)
    const looks = (supervisor: string) => [1, 2, 2, 3, 4].map((faults) => look(faults, supervisor))
    expect(crashLoops(looks('/usr/bin/qemu-arm s6-supervise web'))).toEqual([
      { command: '/usr/bin/qemu-arm s6-supervise web', starts: 3 },
    ])
    // It may well start ten programs that end.
    expect(crashLoops(looks('supervisord'))).toEqual([])
    expect(crashLoops([look(1, 'runsv web'), look(2, 'runsv web'), look(3, 'runsv web')])).toEqual([])
  })

  test('needs three starts of one service', () => {
    expect(crashLoops([top(11, 'runsv web'), top(11, 'runsv web'), top(12, 'runsv web')])).toEqual([])
    const supervisor = 'supervisord'
    expect(crashLoops([top(11, supervisor, 'a'), top(12, supervisor, 'b'), top(13, supervisor, 'c')])).toEqual([])
  })
})

describe('what is seen while it runs', () => {
  const running = { running: true } as ContainerState
  const probe = (exitCode: number) => ({ at: 0, durationMs: 1, exitCode, output: 'no' })
  const look = readProcesses(
    'PID PPID UID MINFL COMMAND\n7 5 1000 9 /sbin/docker-init -- /run.sh\n8 7 0 9 /bin/sh /run.sh\n',
  )

  test('is settled while it runs, and its HEALTHCHECK does not fail again', () => {
    expect(judgeSettling(running, [probe(1), probe(0), probe(1)], [], 3000, none).status).toBe('pass')
    expect(judgeSettling(running, [probe(0), probe(1), probe(1)], [], 3000, none)).toMatchObject({
      status: 'fail',
      reason: 'HEALTHCHECK was successful and then failed again: no',
    })
    expect(judgeSettling({ ...running, running: false, exitCode: 2 }, [], [], 3000, none)).toMatchObject({
      status: 'fail',
      reason: 'was ready and then ended, exit code 2',
    })
  })

  test('is the user of the first process', () => {
    expect(judgeUser([look], none)).toMatchObject({ status: 'pass', reason: 'process 1 runs as user 1000' })
    const root = [readProcesses('PID PPID UID MINFL COMMAND\n7 5 0 9 /run.sh\n')]
    expect(judgeUser(root, none).status).toBe('pass')
    expect(judgeUser(root, new Map([['user', 'warn']])).status).toBe('warn')
    expect(judgeUser([], none).status).toBe('skip')
  })

  test('is s6-overlay without its place', () => {
    expect(judgeInit({ entrypoint: ['/init'] }, true, none).status).toBe('warn')
    expect(judgeInit({ entrypoint: ['/init'] }, false, none).status).toBe('pass')
    expect(judgeInit({ entrypoint: ['/run.sh'] }, true, none).status).toBe('pass')
  })

  test('is what the log says, and how much memory', () => {
    expect(judgeLog([], none).status).toBe('pass')
    expect(judgeLog(['panic: x', 'FATAL'], none)).toMatchObject({
      status: 'warn',
      reason: 'the log says: panic: x (and 1 more)',
    })
    expect(judgeMemory(true, 2 ** 20, none)).toMatchObject({
      status: 'fail',
      reason: expect.stringContaining('1.0 MiB'),
    })
  })

  test.each([
    ['12.5MiB / 23GiB', 13_107_200],
    ['976KiB / 23.54GiB', 999_424],
    ['0B / 0B', undefined],
    ['-- / --', undefined],
    ['', undefined],
  ])('memory %j is %p bytes', (text, bytes) => {
    expect(memoryOf(text)).toBe(bytes)
  })

  test.each([
    ['without what the kernel may take back, cgroup v1', { usage: 5000, stats: { total_inactive_file: 2000 } }, 3000],
    ['without what the kernel may take back, cgroup v2', { usage: 5000, stats: { inactive_file: 2000 } }, 3000],
    ['whole, where nothing is said of that', { usage: 5000, stats: {} }, 5000],
    ['whole, where that is not less', { usage: 5000, stats: { inactive_file: 5000 } }, 5000],
    ['unknown for a container that has ended', {}, undefined],
    ['unknown for null', null, undefined],
  ])('memory of an engine’s answer is %s', (_, memory_stats, bytes) => {
    expect(memoryIn(JSON.stringify({ memory_stats }))).toBe(bytes)
  })

  test.each(['', 'null', '{}', 'no JSON', '[]'])('memory of the answer %j is unknown', (text) => {
    expect(memoryIn(text)).toBeUndefined()
  })
})

describe('the Supervisor', () => {
  const stage = { supervisor: { kind: 'gateway' }, exact: true, address: '172.30.32.2' } as const
  const guest = { calls: ['GET /info → 200'], unknown: [], denied: [], stopAsked: undefined, leave: () => {} }
  test.each([
    ['answered', guest, stage, false, 'pass', 'asked for 1 thing, all answered'],
    ['not asked', { ...guest, calls: [] }, stage, false, 'pass', 'never asked'],
    [
      'elsewhere',
      guest,
      { ...stage, exact: false, address: '10.1.1.2' },
      false,
      'pass',
      "asked for 1 thing, all answered (at 10.1.1.2: the Supervisor's network is taken on this machine)",
    ],
    ['asked to stop', { ...guest, stopAsked: 'stop it' }, stage, false, 'fail', 'stop it'],
    [
      'asked in vain',
      { ...guest, unknown: ['GET /x'] },
      stage,
      false,
      'warn',
      'not known to the Supervisor mock: GET /x',
    ],
    [
      'not there',
      undefined,
      { ...stage, supervisor: { kind: 'none', why: 'w' } as const },
      false,
      'skip',
      'the Supervisor mock could not be started: w',
    ],
    [
      'not there, but demanded',
      undefined,
      { ...stage, supervisor: { kind: 'none', why: 'w' } as const },
      true,
      'fail',
      'the Supervisor mock could not be started: w',
    ],
    ['switched off', undefined, stage, false, 'skip', 'switched off'],
  ] as const)('%s', (_, seen, where, demanded, status, reason) => {
    expect(judgeSupervisor(seen, where, demanded, none)).toMatchObject({ status, reason })
  })

  test('names the first few of two hundred refused requests', () => {
    const denied = Array.from({ length: 200 }, (_, index) => `GET /${index}: no`)
    const { reason } = judgeSupervisor({ ...guest, denied, unknown: denied }, stage, false, none)
    expect(reason).toMatch(
      /^refused: GET \/0: no; .*; and 195 more; not known to the Supervisor mock: GET \/0: no, .*, and 195 more$/,
    )
  })
})
