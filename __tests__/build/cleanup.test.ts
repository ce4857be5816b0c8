import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { removeTraces } from '../../src/build/cleanup.ts'
import type { Processes, ProcessResult } from '../../src/core/host.ts'

const volume = 'buildx_buildkit_aicleaner-build-abc0_state'

/** An engine that has the volume of a builder's node, and that is still at work removing its container for so many tries. */
async function remove(busyFor: number) {
  const calls: string[] = []
  let waits = 0
  let isThere = true
  const answer = (exitCode: number, stdout = '', stderr = ''): ProcessResult => ({ exitCode, stdout, stderr })
  const exec = async (command: string, args: readonly string[]): Promise<ProcessResult> => {
    const call = [command, ...args].join(' ')
    calls.push(call)
    if (call.includes(`volume ls --quiet --filter name=`)) return answer(0, isThere ? `${volume}\n` : '')
    if (call.startsWith('docker rm ')) return answer(1, '', 'removal of container is already in progress')
    if (!call.startsWith('docker volume rm ')) return answer(0)
    if (waits < busyFor) return answer(1, '', `remove ${volume}: volume is in use`)
    isThere = false
    return answer(0)
  }
  const processes = { exec, spawn: () => Promise.reject(new Error('nothing is followed here')) } satisfies Processes
  const temporary = await mkdtemp(join(tmpdir(), 'aicleaner-cleanup-'))
  const machine = { processes, environment: { HOME: temporary, DOCKER_HOST: 'tcp://nas:2376' } }
  const sleep = async () => {
    waits += 1
  }
  return { problems: await removeTraces({ runId: 'abc', temporary }, machine, { sleep }), calls, waits }
}

test.each([0, 1, 4])(
  'the leftovers of a builder are removed as soon as the engine allows it, after %i attempts',
  async (busyFor) => {
    const { problems, calls, waits } = await remove(busyFor)
    expect([problems, waits]).toEqual([[], busyFor])
    expect(calls.filter((call) => call === `docker volume rm --force ${volume}`)).toHaveLength(busyFor + 1)
    expect(calls.filter((call) => call === 'docker rm --force buildx_buildkit_aicleaner-build-abc0')).toHaveLength(
      busyFor + 1,
    )
    // What buildx knows, it removes itself, and first.
    const order = [
      'docker buildx rm --force aicleaner-build-abc',
      'docker rm --force buildx_buildkit_aicleaner-build-abc0',
    ]
    expect(calls.filter((call) => order.includes(call)).slice(0, 2)).toEqual(order)
  },
)

test('leftovers that cannot be removed are reported', async () => {
  const { problems, waits } = await remove(Number.POSITIVE_INFINITY)
  expect(problems).toEqual([`builder: remove ${volume}: volume is in use`])
  expect(waits).toBe(9)
})

test('does not ask a daemon again that does not answer', async () => {
  const temporary = await mkdtemp(join(tmpdir(), 'aicleaner-cleanup-'))
  let asked = 0
  const exec = async (_: string, args: readonly string[]): Promise<ProcessResult> => {
    if (!args.join(' ').includes('name=^buildx_buildkit_')) return { exitCode: 0, stdout: '', stderr: '' }
    asked += 1
    throw new Error('no response')
  }
  const processes = { exec, spawn: () => Promise.reject(new Error('nothing is followed here')) } satisfies Processes
  const machine = { processes, environment: { HOME: temporary, DOCKER_HOST: 'tcp://nas:2376' } }
  const sleep = () => Promise.reject(new Error('it waited'))
  expect(await removeTraces({ runId: 'abc', temporary }, machine, { sleep })).toEqual(['builder: no response'])
  expect(asked).toBe(1)
})

describe('an engine with a socket', () => {
  const label = 'label=aicleaner-build.run=abc'
  /** By what is asked, without what all have in common. */
  const left: Readonly<Record<string, unknown>> = {
    [`/containers/json ${label}`]: [{ Id: 'c1' }, { Id: 'c2' }],
    [`/networks ${label}`]: [{ Id: 'n1', Name: 'aicleaner-abc' }],
    [`/volumes ${label}`]: { Volumes: [{ Name: 'v1' }], Warnings: null },
    [`/images/json ${label}`]: [{ Id: 'sha256:1', RepoTags: null }],
    '/images/json reference=aicleaner-build.invalid/*:*-abc': [
      {
        Id: 'sha256:2',
        RepoTags: ['aicleaner-build.invalid/web:amd64-abc', 'mine:abc', 'aicleaner-build.invalid/web:amd64-abd'],
      },
    ],
    '/volumes name=^buildx_buildkit_aicleaner-build-abc': { Volumes: null, Warnings: null },
  }
  /** @param builders that buildx has files of; undefined: it has never made any. */
  async function clean(answers: Readonly<Record<string, unknown>>, builders?: readonly string[], config = 'HOME') {
    const home = await mkdtemp(join(tmpdir(), 'aicleaner-cleanup-'))
    const folders: Record<string, string> = { HOME: '.docker/buildx', DOCKER_CONFIG: 'buildx', BUILDX_CONFIG: '' }
    const instances = join(home, folders[config] ?? '', 'instances')
    if (builders) await mkdir(instances, { recursive: true })
    for (const name of builders ?? []) await writeFile(join(instances, name), '')
    const started: string[] = []
    const processes: Processes = {
      exec: async (command, args) => {
        started.push([command, ...args].join(' '))
        return { exitCode: 0, stdout: '', stderr: '' }
      },
      spawn: () => Promise.reject(new Error('nothing is followed here')),
    }
    const asked: string[] = []
    const problems = await removeTraces(
      { runId: 'abc', temporary: join(home, 'run') },
      { processes, environment: { HOME: home, [config]: home } },
      { sleep: async () => {} },
      async (socket, path) => {
        const { pathname, searchParams } = new URL(path, 'http://engine')
        const filters = Object.entries(JSON.parse(searchParams.get('filters') ?? '{}'))
        asked.push(`${socket} ${pathname} ${filters.map(([key, values]) => `${key}=${values}`).join(' ')}`)
        const answer = answers[asked.at(-1)?.replace(`${socket} `, '') ?? '']
        return answer === undefined ? undefined : typeof answer === 'string' ? answer : JSON.stringify(answer)
      },
    )
    await rm(home, { recursive: true })
    return { problems, started, asked }
  }
  const nothing = Object.fromEntries(
    Object.entries(left).map(([asked, answer]) => [asked, Array.isArray(answer) ? [] : { Volumes: [] }]),
  )

  test('removes all resources of this run, and no others', async () => {
    const { problems, started, asked } = await clean(left, ['aicleaner-build-abc', 'mine'])
    expect(problems).toEqual([])
    expect(started.toSorted()).toEqual([
      'docker buildx rm --force aicleaner-build-abc',
      'docker image rm --force aicleaner-build.invalid/web:amd64-abc',
      'docker image rm --force sha256:1',
      'docker network rm n1',
      'docker rm --force --volumes c1 c2',
      'docker volume rm --force v1',
    ])
    expect(asked.toSorted()).toEqual(
      Object.keys(left)
        .map((what) => `/var/run/docker.sock ${what}`)
        .toSorted(),
    )
  })

  test.each([
    ['HOME', []],
    ['DOCKER_CONFIG', ['mine', 'aicleaner-build-abcd']],
    ['BUILDX_CONFIG', ['mine']],
  ])('needs no process if nothing is left (%s)', async (config, builders) => {
    expect((await clean(nothing, builders, config)).started).toEqual([])
  })

  test.each([['HOME'], ['DOCKER_CONFIG'], ['BUILDX_CONFIG']])(
    'lets buildx remove its own builders (%s)',
    async (config) => {
      expect((await clean(nothing, ['aicleaner-build-abc'], config)).started).toEqual([
        'docker buildx rm --force aicleaner-build-abc',
      ])
    },
  )

  test('runs buildx if the list of builders is unknown', async () => {
    expect((await clean(nothing)).started).toEqual(['docker buildx rm --force aicleaner-build-abc'])
  })

  test.each([
    ['does not answer', undefined],
    ['answers no JSON', '<html>'],
    ['answers something else', '{"message":"no"}'],
    ['answers nothing', 'null'],
  ])('is asked with docker where it %s', async (_, answer) => {
    const answers = Object.fromEntries(
      Object.keys(left).flatMap((what) => (answer === undefined ? [] : [[what, answer]])),
    )
    const { problems, started } = await clean(answers, [])
    expect(problems).toEqual([])
    expect(started.toSorted()).toEqual(
      [
        'docker image ls --format {{.Repository}}:{{.Tag}} --filter reference=aicleaner-build.invalid/*:*-abc',
        `docker image ls --quiet --no-trunc --filter ${label}`,
        `docker network ls --quiet --no-trunc --filter ${label}`,
        `docker ps --all --quiet --no-trunc --filter ${label}`,
        `docker volume ls --quiet --filter ${label}`,
        'docker volume ls --quiet --filter name=^buildx_buildkit_aicleaner-build-abc',
      ].toSorted(),
    )
  })
})
