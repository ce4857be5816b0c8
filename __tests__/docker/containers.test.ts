import { tmpdir } from 'node:os'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Processes } from '../../src/core/host.ts'
import {
  type ContainerSpec,
  createArguments,
  createContainer,
  errorOf,
  passEnvironment,
} from '../../src/docker/containers.ts'
import { lostLayer } from '../../src/docker/images.ts'

const spec = (changes: Partial<ContainerSpec> = {}): ContainerSpec => ({
  name: 'one',
  image: 'sha256:abc',
  labels: new Map([['aicleaner-build.run', 'r1']]),
  ...changes,
})

describe('the arguments of docker create', () => {
  test.each<[string, Partial<ContainerSpec>, readonly string[]]>([
    ['a command that looks like a flag', { command: ['--rm', 'x y'] }, ['sha256:abc', '--rm', 'x y']],
    ['init', { init: true }, ['--init']],
    [
      'a named volume with the labels of the run, hiding what the image has there',
      { mounts: [{ volume: 'v', target: '/data' }] },
      ['--mount', 'type=volume,source=v,target=/data,volume-nocopy,volume-label=aicleaner-build.run=r1'],
    ],
    [
      'an anonymous volume that is read-only',
      { mounts: [{ target: '/ssl', readOnly: true }] },
      ['--mount', 'type=volume,target=/ssl,volume-nocopy,readonly'],
    ],
    [
      'a path with a comma',
      { mounts: [{ target: '/a,readonly=false' }] },
      ['--mount', 'type=volume,"target=/a,readonly=false",volume-nocopy'],
    ],
    ['host names', { hosts: new Map([['supervisor', '172.30.32.2']]) }, ['--add-host', 'supervisor:172.30.32.2']],
    [
      'probe times in place of the image’s, its start period over at once',
      { health: { intervalMs: 1000, timeoutMs: 30_000, retries: 9 } },
      [
        '--health-interval',
        '1000ms',
        '--health-timeout',
        '30000ms',
        '--health-retries',
        '9',
        '--health-start-period',
        '1ms',
      ],
    ],
    [
      'the user’s own arguments last, so that they win',
      { extra: ['--memory', '1g'] },
      ['--memory', '1g', 'sha256:abc'],
    ],
  ])('have %s', (_, changes, expected) => {
    const args = createArguments(spec(changes))
    expect(args[0]).toBe('create')
    const at = args.indexOf(expected[0] ?? '')
    expect(args.slice(at, at + expected.length)).toEqual(expected)
  })

  test('have a file for the environment instead of values, which are secret', () => {
    const environment = new Map([['TOKEN', 'secret']])
    const args = createArguments(spec({ environment }), '/tmp/one.env')
    expect(args.slice(0, 3)).toEqual(['create', '--env-file', '/tmp/one.env'])
    expect(args.join(' ')).not.toContain('secret')
  })
})

describe('the environment of a container', () => {
  const pass = (pairs: Readonly<Record<string, string>>, own: readonly string[] = []) =>
    passEnvironment({ environment: new Map(Object.entries(pairs)), ownerVariables: new Set(own) })

  test('is passed in a file, not in the arguments or the environment of docker', () => {
    expect(pass({ A: 'x=y # z', C: '', TOKEN: 'secret' }, ['TOKEN'])).toEqual({
      file: 'A=x=y # z\nC=\nTOKEN=secret\n',
      arguments: [],
      child: new Map(),
    })
  })

  test.each([
    ['several lines', 'two\nlines'],
    ['a carriage return', 'two\rlines'],
    ['more than a line of the file may have', 'x'.repeat(65_536)],
  ])('goes as an argument where a public value has %s, and never into the environment of docker', (_, value) => {
    expect(pass({ DOCKER_CONFIG: value, PATH: value, LD_PRELOAD: value })).toEqual({
      file: '',
      arguments: ['--env', `DOCKER_CONFIG=${value}`, '--env', `PATH=${value}`, '--env', `LD_PRELOAD=${value}`],
      child: new Map(),
    })
  })

  test('goes through the environment of docker where it is the owner’s and has several lines, but under no name that docker reads', () => {
    const names = [
      'PATH',
      'HOME',
      'DOCKER_HOST',
      'LD_PRELOAD',
      'SSH_AUTH_SOCK',
      'https_proxy',
      'GODEBUG',
      'SSL_CERT_FILE',
    ]
    const pairs = Object.fromEntries(['MY_KEY', ...names].map((name) => [name, 'a\nb']))
    expect(pass(pairs, ['MY_KEY', ...names])).toEqual({
      file: '',
      arguments: ['--env', 'MY_KEY'],
      child: new Map([['MY_KEY', 'a\nb']]),
    })
  })

  test('never contains a bare name, for any names and values', () => {
    const piece = fc.constantFrom('\n', '\r', '=', ' ', '#', '\0', 'A', 'INPUT_PASSWORD', 'PATH', '-', 'é')
    const text = fc.array(piece, { maxLength: 6 }).map((parts) => parts.join(''))
    fc.assert(
      fc.property(fc.dictionary(text, text), fc.array(text), (pairs, own) => {
        const { file, arguments: args, child } = pass(pairs, own)
        for (const line of file.split('\n').slice(0, -1)) {
          const at = line.indexOf('=')
          expect(pairs).toHaveProperty([line.slice(0, at)], line.slice(at + 1))
        }
        const bare = args.filter((arg) => arg !== '--env' && !arg.includes('='))
        expect(bare).toEqual([...child.keys()])
        for (const name of child.keys()) expect(own).toContain(name)
      }),
    )
  })
})

test.each([
  [
    'Error response from daemon: failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "/nope": stat /nope: no such file or directory\nError: failed to start containers: one\n',
    'unable to start container process: exec: "/nope": stat /nope: no such file or directory',
  ],
  ['WARNING: something\nError response from daemon: conflict', 'conflict'],
  ["unknown flag: --nope\n\nRun 'docker create --help' for more information\n", 'unknown flag: --nope'],
  ['', 'docker ended with 1'],
])('the error message of %j is its last error', (stderr, expected) => {
  expect(errorOf({ exitCode: 1, stdout: '', stderr })).toBe(expected)
})

describe('a container whose layers the engine removed during its creation', () => {
  const id = 'a'.repeat(64)
  const lost = `Error response from daemon: NotFound: parent snapshot sha256:${'1'.repeat(64)} does not exist: not found`

  /** What `docker create` says, call by call; the last answer stays. */
  async function create(...answers: readonly string[]) {
    let calls = 0
    const ask = async () => {
      const said = answers[Math.min(calls, answers.length - 1)] ?? ''
      calls += 1
      return said === id ? { exitCode: 0, stdout: `${id}\n`, stderr: '' } : { exitCode: 1, stdout: '', stderr: said }
    }
    const created = await createContainer(spec(), {
      processes: { exec: ask } as unknown as Processes,
      temporary: tmpdir(),
    })
    return { ...created, calls }
  }

  test.each<[string, readonly string[], Record<string, unknown>]>([
    ['is created by the second attempt', [lost, id], { id, calls: 2 }],
    ['is created by the third attempt', [lost, lost, id], { id, calls: 3 }],
    ['fails after three attempts', [lost], { error: expect.stringMatching(/^NotFound: parent snapshot /), calls: 3 }],
    ['is not retried after any other error', ['Error: no such image', id], { error: 'Error: no such image', calls: 1 }],
  ])('%s', async (_, answers, expected) => {
    expect(await create(...answers)).toEqual(expected)
  })
})

test.each([
  [
    `failed to prepare extraction snapshot "extract-1-x sha256:${'2'.repeat(64)}": parent snapshot sha256:${'1'.repeat(64)} does not exist: not found`,
    true,
  ],
  [`parent snapshot sha256:${'1'.repeat(64)} does not exist: not found\n`, true],
  [
    `process "/bin/sh -c echo parent snapshot sha256:${'1'.repeat(64)} does not exist: not found" did not complete successfully: exit code: 1`,
    false,
  ],
  ['ghcr.io/a/b:1: not found', false],
])('whether a layer was lost, of %j', (said, expected) => {
  expect(lostLayer(said)).toBe(expected)
})
