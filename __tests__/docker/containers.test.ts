import { describe, expect, test } from '@jest/globals'
import { type ContainerSpec, createArguments, environmentFile, saidBy } from '../../src/docker/containers.ts'

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

  test('have no value of the environment, which is secret, but a file', () => {
    const environment = new Map([['TOKEN', 'secret']])
    const args = createArguments(spec({ environment }), '/tmp/one.env')
    expect(args.slice(0, 3)).toEqual(['create', '--env-file', '/tmp/one.env'])
    expect(args.join(' ')).not.toContain('secret')
  })
})

test('the environment file leaves out what it cannot write: values of several lines', () => {
  const environment = new Map([
    ['A', 'x=y # z'],
    ['B', 'two\nlines'],
    ['C', ''],
  ])
  expect(environmentFile(environment)).toEqual({ text: 'A=x=y # z\nC=\n', others: new Map([['B', 'two\nlines']]) })
})

test.each([
  [
    'Error response from daemon: failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "/nope": stat /nope: no such file or directory\nError: failed to start containers: one\n',
    'unable to start container process: exec: "/nope": stat /nope: no such file or directory',
  ],
  ['WARNING: something\nError response from daemon: conflict', 'conflict'],
  ["unknown flag: --nope\n\nRun 'docker create --help' for more information\n", 'unknown flag: --nope'],
  ['', 'docker ended with 1'],
])('of %j the last word is kept', (stderr, expected) => {
  expect(saidBy({ exitCode: 1, stdout: '', stderr })).toBe(expected)
})
