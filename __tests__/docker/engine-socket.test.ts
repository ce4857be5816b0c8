import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Processes, ProcessResult } from '../../src/core/host.ts'
import { buildxFolder, findProgram, pluginFolders } from '../../src/docker/buildx-plugin.ts'
import { explainOldBuildx, inspectEngine } from '../../src/docker/engine.ts'
import { querySocket, socketOf } from '../../src/docker/engine-socket.ts'

describe('the socket of the engine', () => {
  test.each([
    ['the usual socket, if nothing is said', {}, {}, '/var/run/docker.sock'],
    [
      'the socket of DOCKER_HOST',
      { DOCKER_HOST: 'unix:///run/user/1000/docker.sock' },
      {},
      '/run/user/1000/docker.sock',
    ],
    [
      'the usual socket in the context "default"',
      { DOCKER_CONTEXT: 'default' },
      { currentContext: 'nas' },
      '/var/run/docker.sock',
    ],
    ['DOCKER_HOST before any context', { DOCKER_HOST: 'unix:///a.sock', DOCKER_CONTEXT: 'nas' }, {}, '/a.sock'],
    ['a way that only docker knows for TCP', { DOCKER_HOST: 'tcp://nas:2376' }, {}, undefined],
    ['a way that only docker knows for SSH', { DOCKER_HOST: 'ssh://nas' }, {}, undefined],
    ['a way that only docker knows for a context', { DOCKER_CONTEXT: 'nas' }, {}, undefined],
    ['a way that only docker knows for a context in use', {}, { currentContext: 'nas' }, undefined],
  ])('is %s', (_, environment, config, expected) => {
    expect(socketOf(environment, config)).toBe(expected)
  })

  test.each([
    ['beside the configuration of the user', { HOME: '/home/me' }, '/home/me/.docker/buildx'],
    ['beside a configuration elsewhere', { HOME: '/home/me', DOCKER_CONFIG: '/etc/d' }, '/etc/d/buildx'],
    ['in a folder of its own', { DOCKER_CONFIG: '/etc/d', BUILDX_CONFIG: '/b' }, '/b'],
    ['in none that has no name', { DOCKER_CONFIG: '/etc/d', BUILDX_CONFIG: '' }, '/etc/d/buildx'],
  ])('buildx keeps its builders %s', (_, environment, folder) => {
    expect(buildxFolder(environment)).toBe(folder)
  })

  test.each([
    ['the folders of the system after that of the user', {}, { HOME: '/home/me' }, '/home/me/.docker/cli-plugins'],
    ['DOCKER_CONFIG', {}, { DOCKER_CONFIG: '/etc/d' }, '/etc/d/cli-plugins'],
    ['what config.json adds', { cliPluginsExtraDirs: ['/opt/plugins'] }, {}, '/opt/plugins'],
  ])('looks for plugins in %s', (_, config, environment, first) => {
    const folders = pluginFolders(environment, config)
    expect(folders[0]).toBe(first)
    expect(folders).toContain('/usr/libexec/docker/cli-plugins')
  })
})

describe('inspecting the engine', () => {
  const info = {
    ServerVersion: '28.5.2',
    Architecture: 'x86_64',
    DriverStatus: [['driver-type', 'io.containerd.snapshotter.v1']],
    RegistryConfig: { IndexConfigs: { 'nas:5000': { Secure: false } } },
  }
  let folder: string
  let server: Server
  let body: string
  let calls: string[]
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'aicleaner-engine-'))
    for (const program of ['cli-plugins/docker-buildx', 'bin/docker']) {
      await mkdir(dirname(join(folder, program)))
      await writeFile(join(folder, program), '', { mode: 0o755 })
    }
    body = JSON.stringify(info)
    calls = []
    server = createServer((request, response) => {
      calls.push(`${request.method} ${request.url}`)
      response.end(body)
    })
    await new Promise<void>((ready) => server.listen(join(folder, 'engine.sock'), ready))
  })
  afterEach(async () => {
    server.close()
    await rm(folder, { recursive: true, force: true })
  })

  const dockerSays = JSON.stringify({
    ...info,
    ServerVersion: '27.0.0',
    ClientInfo: { Plugins: [{ Name: 'buildx', Version: 'v0.20.0' }] },
  })
  const host = (
    buildx = 'github.com/docker/buildx v0.29.1 a2b3c4\n',
    address = `unix://${join(folder, 'engine.sock')}`,
    path = `/nowhere:${join(folder, 'bin')}`,
  ) => {
    const exec = async (command: string, args: readonly string[]): Promise<ProcessResult> => {
      calls.push([command.replace(folder, ''), ...args].join(' '))
      return { exitCode: 0, stdout: command === 'docker' ? dockerSays : buildx, stderr: '' }
    }
    return {
      environment: { DOCKER_HOST: address, DOCKER_CONFIG: folder, PATH: path },
      processes: { exec, spawn: () => Promise.reject(new Error('nothing is followed here')) } satisfies Processes,
    }
  }

  test('takes one request at its socket, and starts no program', async () => {
    const engine = await inspectEngine(host())
    expect(calls).toEqual(['GET /info'])
    expect(engine).toEqual({
      version: '28.5.2',
      buildxProgram: join(folder, 'cli-plugins', 'docker-buildx'),
      store: 'containerd',
      machine: 'x64',
      context: 'default',
      insecureRegistries: ['nas:5000'],
    })
  })

  test('uses the docker command if the socket returns something else', async () => {
    body = 'not an engine'
    expect((await inspectEngine(host())).version).toBe('27.0.0')
  })

  test('uses the docker command if nothing listens at the socket', async () => {
    expect((await inspectEngine(host(undefined, `unix://${folder}/none.sock`))).version).toBe('27.0.0')
  })

  test('uses the docker command if docker is not in PATH, so that this is reported before the build', async () => {
    await inspectEngine(host(undefined, undefined, '/nowhere'))
    expect(calls).toEqual(['docker info --format {{json .}}'])
  })

  test('finds no buildx in folders without it and in relative paths', async () => {
    await rm(join(folder, 'cli-plugins'), { recursive: true })
    const none = await findProgram('docker-buildx', [join(folder, 'cli-plugins'), 'relative'])
    expect(none).toBeUndefined()
  })

  test.each([
    ['github.com/docker/buildx v0.12.0 abc', 'buildx v0.12.0 is too old'],
    ['github.com/docker/buildx 0.13.1+ds1 0.13.1+ds1-4', undefined],
    ['hello', undefined],
  ])('checks the version of buildx if a build fails without a message: %s', async (said, expected) => {
    const { processes } = host(said)
    const found = await explainOldBuildx({ buildxProgram: '/cli-plugins/docker-buildx' }, processes)
    expect(calls).toEqual(['/cli-plugins/docker-buildx version'])
    expect(found?.message.slice(0, expected?.length)).toBe(expected)
  })

  test('stops reading a response that does not end', async () => {
    body = 'x'.repeat(5 * 1024 * 1024)
    expect(await querySocket(join(folder, 'engine.sock'), '/info')).toBeUndefined()
  })
})
