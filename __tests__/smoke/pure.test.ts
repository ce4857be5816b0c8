import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { extract } from 'tar-stream'
import { describeSmoke } from '../../src/smoke/describe.ts'
import { programOf } from '../../src/smoke/elf.ts'
import { ownChanges } from '../../src/smoke/evidence.ts'
import { exitInWords, seconds, startErrorInWords } from '../../src/smoke/exit.ts'
import { readImage } from '../../src/smoke/image.ts'
import { mergeOptions } from '../../src/smoke/merge.ts'
import { createOutput } from '../../src/smoke/output.ts'
import { readProcesses } from '../../src/smoke/processes.ts'
import { maskSecrets } from '../../src/smoke/secrets.ts'
import { networkArguments } from '../../src/smoke/stage.ts'
import { readState } from '../../src/smoke/state.ts'
import { isFree, readRoutes, routesInto, subnets } from '../../src/smoke/subnets.ts'
import { tar } from '../../src/smoke/tar.ts'
import { eventArguments } from '../../src/smoke/watch.ts'
import { growth } from '../growth.ts'

const same = (text: string): string => text

describe('options', () => {
  test.each([
    [{ a: 1, b: { c: 2, d: [1] } }, { b: { d: [2], e: 3 } }, { a: 1, b: { c: 2, d: [2], e: 3 } }],
    [{ a: { b: 1 } }, { a: 'text' }, { a: 'text' }],
    [{ a: null }, { a: { b: 1 } }, { a: { b: 1 } }],
    [{ a: 1 }, { a: null }, { a: null }],
    [{}, JSON.parse('{"__proto__": {"x": 1}}'), JSON.parse('{"__proto__": {"x": 1}}')],
  ])('%j with %j over them are %j', (defaults, given, expected) => {
    expect(mergeOptions(defaults, given)).toEqual(expected)
  })

  test('given last always win, and nothing else changes', () => {
    const plain = fc.dictionary(fc.string(), fc.integer())
    fc.assert(
      fc.property(plain, plain, (a, b) => {
        expect(mergeOptions(a, b)).toEqual({ ...a, ...b })
      }),
    )
  })
})

test('a tar archive is read back whole by another program', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ maxLength: 2000 }), async (content) => {
      const files: Record<string, { text: string; mode: number | undefined }> = {}
      const reader = extract()
      reader.end(Buffer.from(tar([{ path: 'data/options.json', content, mode: 0o600 }])))
      for await (const entry of reader) {
        const chunks: Buffer[] = []
        for await (const chunk of entry) chunks.push(chunk as Buffer)
        files[entry.header.name] = { text: Buffer.concat(chunks).toString('utf8'), mode: entry.header.mode }
      }
      const wellFormed = Buffer.from(content).toString('utf8')
      expect(files).toEqual({ 'data/options.json': { text: wellFormed, mode: 0o600 } })
    }),
    { numRuns: 50 },
  )
})

describe('in words', () => {
  test.each([
    [0, 'exit code 0: ended without an error'],
    [1, 'exit code 1'],
    [125, 'exit code 125: the Docker daemon could not run it'],
    [126, 'exit code 126: the entrypoint is not executable'],
    [127, 'exit code 127: the entrypoint was not found'],
    [128, 'exit code 128'],
    [129, 'exit code 129: ended by signal 1'],
    [132, 'exit code 132: illegal instruction (SIGILL): built for another processor'],
    [134, 'exit code 134: aborted (SIGABRT)'],
    [136, 'exit code 136: arithmetic error (SIGFPE)'],
    [137, 'exit code 137: killed (SIGKILL)'],
    [139, 'exit code 139: segmentation fault (SIGSEGV)'],
    [141, 'exit code 141: broken pipe (SIGPIPE)'],
    [143, 'exit code 143: ended by SIGTERM without handling it'],
    [192, 'exit code 192: ended by signal 64'],
    [193, 'exit code 193'],
    [255, 'exit code 255'],
  ])('%i', (code, words) => {
    expect(exitInWords(code)).toBe(words)
  })
  test.each([
    [12, '12 ms'],
    [999.4, '999 ms'],
    [1000, '1 s'],
    [2100, '2.1 s'],
    [9000, '9 s'],
    [59_400, '59 s'],
    [60_000, '1 min'],
    [125_000, '2 min 5 s'],
  ])('%i ms is %s', (ms, words) => {
    expect(seconds(ms)).toBe(words)
  })
  test.each([
    ['exec /x: exec format error', /another architecture/],
    ['stat /x: no such file or directory', /not found/],
    ['exec: "/x": permission denied', /not executable/],
    ['something else', /could not be started/],
  ])('%s', (said, words) => {
    expect(startErrorInWords(said)).toMatch(words)
  })
})

describe('the head of a program', () => {
  const elf = (machine: number, wide: boolean, little: boolean): Buffer => {
    const head = Buffer.alloc(128)
    head.write('\x7fELF', 'latin1')
    head[4] = wide ? 2 : 1
    head[5] = little ? 1 : 2
    if (little) head.writeUInt16LE(machine, 18)
    else head.writeUInt16BE(machine, 18)
    return head
  }
  test.each([
    [elf(62, true, true), { kind: 'elf', machine: 'amd64' }],
    [elf(183, true, true), { kind: 'elf', machine: 'arm64' }],
    [elf(40, false, true), { kind: 'elf', machine: 'arm' }],
    [elf(22, true, false), { kind: 'elf', machine: 's390x' }],
    [elf(999, true, true), { kind: 'elf', machine: 'e_machine 999' }],
    [
      Buffer.from('#!/usr/bin/env  python3 -u\nx'),
      { kind: 'script', interpreter: '/usr/bin/env', argument: 'python3 -u' },
    ],
    [Buffer.from('#!/bin/sh\n'), { kind: 'script', interpreter: '/bin/sh' }],
    [Buffer.from('#!\n'), { kind: 'unknown' }],
    [Buffer.from('\x7fEL'), { kind: 'unknown' }],
    [Buffer.alloc(0), { kind: 'unknown' }],
  ])('%#', (head, expected) => {
    expect(programOf(head)).toEqual(expected)
  })
  test('never makes the reader fail', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void programOf(Buffer.from(bytes))))
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 60, maxLength: 300 }), fc.boolean(), (bytes, wide) => {
        const head = Buffer.from(bytes)
        head.write('\x7fELF', 'latin1')
        head[4] = wide ? 2 : 1
        programOf(head)
      }),
    )
  })
})

describe('what docker inspect says', () => {
  test('of a container', () => {
    const text = JSON.stringify([
      {
        Created: '2026-01-01T00:00:00.5Z',
        RestartCount: 0,
        State: {
          Status: 'exited',
          Running: false,
          OOMKilled: true,
          ExitCode: 137,
          StartedAt: '2026-01-01T00:00:01Z',
          FinishedAt: '0001-01-01T00:00:00Z',
          Health: {
            Status: 'unhealthy',
            Log: [{ Start: '2026-01-01T00:00:02Z', End: '2026-01-01T00:00:02.25Z', ExitCode: 1, Output: 'no\n' }],
          },
        },
        NetworkSettings: { Networks: { a: { IPAddress: '172.30.33.1' }, b: { IPAddress: '' } } },
      },
    ])
    const state = readState(text)
    expect(state).toMatchObject({
      exitCode: 137,
      outOfMemory: true,
      startedAt: Date.UTC(2026, 0, 1, 0, 0, 1),
      health: { status: 'unhealthy', probes: [{ durationMs: 250, exitCode: 1, output: 'no' }] },
      addresses: new Map([['a', '172.30.33.1']]),
    })
    expect(state?.finishedAt).toBeUndefined()
  })
  test.each(['', '[]', 'Error', '{}', '[null]'])('of nothing: %j', (text) => {
    expect(readState(text)).toBeUndefined()
    expect(readImage(text)).toBeUndefined()
  })
  test.each([
    [undefined, undefined],
    [{ Test: ['NONE'] }, undefined],
    [{ Test: [] }, undefined],
    [{ Test: ['CMD', 'x'] }, { intervalMs: 30_000, timeoutMs: 30_000, startPeriodMs: 0, retries: 3 }],
    [
      { Test: ['CMD', 'x'], Interval: 5e9, Retries: 9, StartPeriod: 1e9 },
      { intervalMs: 5000, retries: 9, startPeriodMs: 1000 },
    ],
  ])('of an image with HEALTHCHECK %j', (Healthcheck, expected) => {
    const image = readImage(JSON.stringify([{ Id: 'sha256:1', Config: { Healthcheck, Env: ['A=b=c', 'D'] } }]))
    if (expected) expect(image?.healthcheck).toMatchObject(expected)
    else expect(image?.healthcheck).toBeUndefined()
    expect(image?.environment).toEqual(
      new Map([
        ['A', 'b=c'],
        ['D', ''],
      ]),
    )
  })
})

describe('what a container prints', () => {
  test('is kept from its end, in order, short, and masked', () => {
    const output = createOutput((text) => text.replaceAll('secret', '***'))
    for (let index = 0; index < 1000; index += 1) output.add(`${index} secret ${'x'.repeat(3000)}`, 'stdout')
    output.add('other', 'stderr')
    expect(output.stdout).toHaveLength(200)
    expect(output.stdout[0]).toMatch(/^800 \*\*\*/)
    expect(output.stdout.at(-1)).toMatch(/^999 \*\*\* x{10}/)
    expect(output.stdout.at(-1)?.length).toBeLessThan(2010)
    expect(output.stderr).toEqual(['other'])
    expect(output.lines).toBe(1001)
    output.forget()
    output.add('new', 'stdout')
    expect([output.stdout, output.stderr]).toEqual([['new'], []])
  })
  test.each([
    ['Traceback (most recent call last):', true],
    ['panic: runtime error', true],
    ['2026 level FATAL: no database', true],
    ['a non-fatal problem', false],
    ['all is well', false],
    ['[FATAL tini (7)] exec /x failed', false],
  ])('is suspicious: %s → %p', (line, expected) => {
    const output = createOutput(same)
    output.add(line, 'stderr')
    expect(output.suspicious).toEqual(expected ? [line] : [])
  })
})

test('secrets are masked by their name, or as passwords of the schema; short ones would blank out the log', () => {
  const masked: string[] = []
  const log = { mask: (secret: string) => void masked.push(secret) } as Parameters<typeof maskSecrets>[2]
  maskSecrets(
    {
      smokeOptions: {
        pin: 'hunter2000',
        mqtt: { password: 'sesame-1', host: 'broker.example' },
        list: [{ api_key: 'say "abc"' }],
        api_token: 'x1',
      },
      smokeServices: { mqtt: { host: 'broker.example', password: 'service-1' } },
      smokeEnvironment: new Map([
        ['MY_SECRET', 'environment-1'],
        ['MODE', 'production'],
      ]),
      smokeRunArguments: ['--env', 'A_TOKEN=argument-1', '--env=B_TOKEN=argument-2', '-eC_TOKEN=argument-3', '--x=y'],
    },
    { pin: 'password', mqtt: { password: 'str', host: 'str' } },
    log,
  )
  expect(masked).toEqual([
    'hunter2000',
    'sesame-1',
    'say "abc"',
    // As it stands in options.json.
    'say \\"abc\\"',
    'service-1',
    'environment-1',
    'argument-1',
    'argument-2',
    'argument-3',
  ])
})

describe('networks and events', () => {
  test('the first subnet is the Supervisor’s own, and none overlaps another', () => {
    expect(subnets[0]).toMatchObject({ subnet: '172.30.32.0/23', supervisor: '172.30.32.2' })
    expect(new Set(subnets.map(({ subnet }) => subnet)).size).toBe(subnets.length)
    // As many jobs as a large machine runs at once, each with a network.
    expect(subnets.length).toBeGreaterThan(30)
    for (const { subnet, range, first, supervisor } of subnets) {
      const [, network = '', third = ''] = /^(\d+\.\d+)\.(\d+)\.0\/23$/.exec(subnet) ?? []
      expect([range, first, supervisor]).toEqual([
        `${network}.${Number(third) + 1}.0/24`,
        `${network}.${third}.1`,
        `${network}.${third}.2`,
      ])
    }
  })
  test('a subnet that two engines gave away has two routes', () => {
    const route = (device: string) => `${device} 00201EAC 00000000 0001 0 0 0 00FEFFFF 0 0 0\n`
    const [own] = subnets
    if (!own) throw new Error('no subnet')
    const count = (...devices: string[]) => routesInto(own, readRoutes(`Iface\n${devices.map(route).join('')}`))
    expect([count(), count('br-1'), count('br-1', 'br-2')]).toEqual([0, 1, 2])
  })
  test('a subnet is free where this machine has no route into it', () => {
    const header = 'Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT\n'
    const routes = (line: string) => readRoutes(header + line)
    const [own] = subnets
    if (!own) throw new Error('no subnet')
    // The default route; 172.17.0.0/16; 172.30.33.0/24; 172.30.0.0/16; 172.30.34.0/24.
    expect(isFree(own, routes('eth0 00000000 010200C0 0003 0 0 0 00000000 0 0 0\n'))).toBe(true)
    expect(isFree(own, routes('docker0 000011AC 00000000 0001 0 0 0 0000FFFF 0 0 0\n'))).toBe(true)
    expect(isFree(own, routes('br 00211EAC 00000000 0001 0 0 0 00FFFFFF 0 0 0\n'))).toBe(false)
    expect(isFree(own, routes('vpn 00001EAC 00000000 0001 0 0 0 0000FFFF 0 0 0\n'))).toBe(false)
    expect(isFree(own, routes('br 00221EAC 00000000 0001 0 0 0 00FFFFFF 0 0 0\n'))).toBe(true)
    expect(readRoutes('')).toEqual([])
  })
  test('a network carries the label of the run', () => {
    expect(networkArguments('n', 'r', { subnet: 's', range: 'p', gateway: 'g' })).toEqual([
      ...[
        'network',
        'create',
        '--label',
        'aicleaner-build.run=r',
        '--subnet',
        's',
        '--ip-range',
        'p',
        '--gateway',
        'g',
        'n',
      ],
    ])
  })
  test('events are asked for from the creation on, by the daemon’s clock', () => {
    expect(eventArguments('id', '2026-01-01T00:00:00Z').slice(0, 3)).toEqual([
      'events',
      '--since',
      '2026-01-01T00:00:00Z',
    ])
    expect(eventArguments('id', undefined)).not.toContain('--since')
  })
})

test.each([
  [['C /usr', 'C /usr/sbin', 'A /usr/sbin/docker-init', 'A /data'], []],
  [
    ['A /sbin', 'A /sbin/docker-init', 'A /state', 'A /sbin/other'],
    ['A /sbin', 'A /state', 'A /sbin/other'],
  ],
  [
    ['C /etc', 'C /etc/passwd', 'A /mnt', 'A /mnt/share'],
    ['C /etc', 'C /etc/passwd'],
  ],
  [
    ['C /var', 'A /var/empty'],
    ['C /var', 'A /var/empty'],
  ],
])('of the changes %j those are the add-on’s own: %j', (lines, expected) => {
  expect(ownChanges(lines, ['/data', '/mnt/share'])).toEqual(expected)
})

test('a container that changes any number of files is looked at in time that grows with their number', () => {
  const changes = (count: number) => [
    'C /srv',
    ...Array.from({ length: count }, (_, index) => [`A /srv/d${index}`, `A /srv/d${index}/e`]).flat(),
  ]
  expect(ownChanges(changes(20), ['/data'])).toHaveLength(41)
  expect(growth(changes, (lines) => ownChanges(lines, ['/data']), 1000, 8, 24)).toBeLessThan(24)
})

test('a process list of any length is cut, and so are its lines', () => {
  const line = (pid: number) => ` ${pid} 1 0 5 ${'qemu-'.repeat(2000)}`
  const looked = readProcesses(
    ['PID PPID UID MINFL COMMAND', ...Array.from({ length: 3000 }, (_, n) => line(n))].join('\n'),
  )
  expect(looked).toHaveLength(1000)
  expect(Math.max(...looked.map(({ command }) => command.length))).toBeLessThan(512)
})

test('a result reads as a log: verdict, checks, evidence', () => {
  const lines = describeSmoke({
    status: 'failed',
    readiness: 'HEALTHCHECK',
    reason: 'not ready',
    durationMs: 1,
    diagnostics: [
      { severity: 'error', code: 'a/b', message: 'One.', remedy: '', where: { file: 'c', line: 2, column: 3 } },
      { severity: 'error', code: 'a/b', message: 'Two.', remedy: 'Do.' },
    ],
    checks: [
      { name: 'starts', status: 'pass', reason: 'started' },
      { name: 'healthy', status: 'fail', reason: 'not ready', durationMs: 1500 },
      { name: 'stops', status: 'pass', reason: 'stopped in 1.5 s', durationMs: 1500 },
    ],
    evidence: {
      state: 'running, starting',
      outOfMemory: false,
      probes: [
        { at: 0, durationMs: 20, exitCode: 1, output: 'two\nlines' },
        { at: 1, durationMs: 30, exitCode: 1, output: '' },
        { at: 2, durationMs: 1500, exitCode: 1, output: '' },
      ],
      stdout: ['out'],
      stderr: [],
      diff: ['A /state'],
      supervisorCalls: ['GET /info → 200'],
      reproduce: 'docker run x',
      image: 'sha256:1',
      emulated: true,
    },
  })
  expect(lines).toEqual([
    'Smoke test failed: not ready',
    '  ready when: HEALTHCHECK',
    '  ✓ starts: started',
    '  ✗ healthy: not ready (1.5 s)',
    '  ✓ stops: stopped in 1.5 s',
    '  options (2):',
    '    c:2:3: One.',
    '    Two. Do.',
    '  state: running, starting',
    '  image: sha256:1 (emulated)',
    '  probes (3):',
    '    exit code 1 after 20 ms: two',
    '    lines',
    '    2 times exit code 1 after 30 ms to 1.5 s',
    '  stdout, last lines:',
    '    out',
    '  changed files:',
    '    A /state',
    '  calls to the Supervisor:',
    '    GET /info → 200',
    '  to try it by hand (without a Supervisor):',
    '    docker run x',
  ])
})
