import { describe, expect, test } from '@jest/globals'
import { buildxCommand, readEngine } from '../../src/docker/engine.ts'

const info = (changes: Record<string, unknown> = {}) =>
  JSON.stringify({
    ServerVersion: '28.5.2',
    Architecture: 'x86_64',
    DriverStatus: [['driver-type', 'io.containerd.snapshotter.v1']],
    RegistryConfig: { IndexConfigs: { 'docker.io': { Secure: true }, 'nas:5000': { Secure: false } } },
    ClientInfo: { Context: 'default', Plugins: [{ Name: 'buildx', Version: 'v0.29.1' }] },
    ...changes,
  })

describe('reading docker info', () => {
  test('returns the image store, the machine, buildx and the registries without TLS', () => {
    expect(readEngine(info())).toEqual({
      version: '28.5.2',
      store: 'containerd',
      machine: 'x64',
      context: 'default',
      insecureRegistries: ['nas:5000'],
    })
  })

  test.each([
    ['overlay2', [['Backing Filesystem', 'extfs']]],
    ['no driver status at all', null],
  ])('detects the classic store by %s', (_, DriverStatus) => {
    expect(readEngine(info({ DriverStatus })).store).toBe('classic')
  })

  test.each([
    ['aarch64', 'arm64'],
    ['armv7l', 'arm'],
    ['i686', 'ia32'],
    ['riscv64', 'riscv64'],
  ])('calls a machine of %s %s, as Node does', (Architecture, expected) => {
    expect(readEngine(info({ Architecture })).machine).toBe(expected)
  })

  test.each([
    [
      'the daemon is down',
      info({ ServerVersion: undefined, ServerErrors: ['Cannot connect to the Docker daemon'] }),
      '',
      /Cannot connect/,
    ],
    ['nothing was printed', '', 'docker: permission denied', /permission denied|nothing that can be read/],
    ['buildx is missing', info({ ClientInfo: { Plugins: [] } }), '', /no buildx plugin.*Install it/s],
    [
      'buildx is too old',
      info({ ClientInfo: { Plugins: [{ Name: 'buildx', Version: 'v0.12.1' }] } }),
      '',
      /0\.12\.1 is too old.*Update/s,
    ],
  ])('reports an error with a remedy if %s', (_, stdout, stderr, expected) => {
    const attempt = () => readEngine(stdout, stderr)
    expect(attempt).toThrow(expected)
    expect(attempt).toThrow(expect.objectContaining({ kind: 'environment' }))
  })

  test.each(['v0.13.0', '0.29.1+ds1', 'v1.0.0', 'v0.100.2-rc1'])('buildx %s is new enough', (Version) => {
    expect(readEngine(info({ ClientInfo: { Plugins: [{ Name: 'buildx', Version }] } })).version).toBe('28.5.2')
  })
})

describe('a call of buildx', () => {
  test('starts the plugin directly if docker returns its path', () => {
    const Plugins = [{ Name: 'buildx', Version: 'v0.29.1', Path: '/usr/libexec/docker/cli-plugins/docker-buildx' }]
    const engine = readEngine(info({ ClientInfo: { Plugins } }))
    expect(buildxCommand(engine, ['buildx', 'build', '.'])).toEqual([
      '/usr/libexec/docker/cli-plugins/docker-buildx',
      ['build', '.'],
    ])
  })

  test('uses the docker command if the path is unknown', () => {
    expect(buildxCommand(readEngine(info()), ['buildx', 'build', '.'])).toEqual(['docker', ['buildx', 'build', '.']])
  })
})
