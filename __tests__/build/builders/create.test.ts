import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import type { Builder, Opening } from '../../../src/build/builders/builder.ts'
import { chooseBuilder } from '../../../src/build/builders/choose.ts'
import { configFile, createBuilder, inspect, removeBuilder } from '../../../src/build/builders/create.ts'
import { error, Failure } from '../../../src/core/diagnostics.ts'
import { buildkitImage } from '../../../src/core/pins.ts'
import { answeredHost } from '../../fixtures/processes.ts'

const engine = { version: '28', store: 'classic', machine: 'x64', context: 'default', insecureRegistries: [] } as const
const options = { driver: 'docker-container', driverOptions: [], endpoints: [], endpointTls: {} } as const
const builder: Builder = { name: 'b', driver: 'docker-container', owned: true, nodes: [] }
const nodes = [
  { endpoint: 'tcp://one:1', platforms: ['linux/amd64'] },
  { endpoint: 'tcp://two:2', platforms: ['linux/arm64', 'linux/arm/v7'] },
] as const
const inspection = `Name: b
Driver: docker-container

Nodes:
Name: b0
Endpoint: tcp://one:1
Status: running
Platforms: linux/amd64*
`

type Answers = Parameters<typeof answeredHost>[0]
const start = (answer: Answers, changes: Partial<Opening['options']> = {}, program?: string) => {
  const answered = answeredHost(answer)
  const opening: Opening = {
    options: { ...options, ...changes },
    engine: { ...engine, ...(program !== undefined && { buildxProgram: program }) },
    host: answered.host,
  }
  return { ...answered, opening }
}
const open = ({ options, engine, host }: Opening) => chooseBuilder(options, engine, { ...host, runId: '7' }).open()
const words = (asked: readonly { readonly args: readonly string[] }[]) => asked.map(({ args }) => args.join(' '))
const rejection = (work: Promise<unknown>) => work.catch((reason: unknown) => reason)

describe('a new builder', () => {
  test('for this machine is created and booted by one process', async () => {
    const { opening, asked } = start(() => ({}))
    expect(await createBuilder(builder, { driverOptions: ['image=x'] }, opening)).toBe(builder)
    expect(asked).toEqual([
      {
        command: 'docker',
        args: 'buildx create --name b --driver docker-container --driver-opt image=x --bootstrap'.split(' '),
        options: { timeoutMs: 180_000 },
      },
    ])
  })

  test('is created by the plugin directly if its path is known', async () => {
    const { opening, asked } = start(() => ({}), {}, '/plugins/docker-buildx')
    await createBuilder(builder, { driverOptions: [] }, opening)
    expect(asked[0]).toMatchObject({ command: '/plugins/docker-buildx', args: expect.arrayContaining(['create']) })
    expect(asked[0]?.args[0]).toBe('create')
  })

  test('of several nodes is appended to, booted, and asked what its nodes can build', async () => {
    const { opening, asked } = start((args) => (args[1] === 'inspect' ? { stdout: inspection } : {}), {
      endpoints: nodes,
    })
    const made = await createBuilder(builder, { driverOptions: [] }, opening)
    expect(words(asked)).toEqual([
      'buildx create --name b --driver docker-container --platform linux/amd64 -- tcp://one:1',
      'buildx create --name b --driver docker-container --append --platform linux/arm64,linux/arm/v7 -- tcp://two:2',
      'buildx inspect --bootstrap -- b',
    ])
    expect(made).toMatchObject({ name: 'b', owned: true, nodes: [{ name: 'b0', running: true }] })
  })

  test.each([
    ['remote', 'buildx inspect -- b'],
    ['kubernetes', 'buildx inspect --bootstrap -- b'],
  ] as const)('of the %s driver is asked about itself', async (driver, expected) => {
    const { opening, asked } = start((args) => (args[1] === 'inspect' ? { stdout: inspection } : {}))
    await createBuilder({ ...builder, driver }, { driverOptions: [] }, opening)
    expect(words(asked).at(-1)).toBe(expected)
  })

  test('is tried three times after a temporary failure, and removed each time', async () => {
    const { opening, asked, waits, lines } = start((args) =>
      args[1] === 'create' ? { exitCode: 1, stderr: 'ERROR: it broke' } : {},
    )
    const thrown = await rejection(createBuilder(builder, { driverOptions: [] }, opening))
    expect(thrown).toMatchObject({ kind: 'environment', diagnostics: [{ code: 'environment/no-builder' }] })
    const create = 'buildx create --name b --driver docker-container --bootstrap'
    const remove = 'buildx rm --force b'
    expect(words(asked)).toEqual([create, remove, create, remove, create, remove])
    expect(asked[1]).toMatchObject({ command: 'docker', options: { timeoutMs: 60_000 } })
    expect(waits).toEqual([2000, 4000])
    expect(lines).toEqual([
      'The docker-container builder did not start: it broke. Trying again in 2 s.',
      'The docker-container builder did not start: it broke. Trying again in 4 s.',
    ])
  })

  test('that does not start in time is removed, and the error says what did not end', async () => {
    const { opening, asked } = start(() => ({}))
    const { exec } = opening.host.processes
    const late = new Failure('environment', [error('environment/no-answer', 'It did not finish.', '')])
    const processes = {
      ...opening.host.processes,
      exec: async (...call: Parameters<typeof exec>) => {
        const result = await exec(...call)
        if (call[1][1] === 'create') throw late
        return result
      },
    }
    const slow = { ...opening, host: { ...opening.host, processes } }
    expect(await rejection(createBuilder(builder, { driverOptions: [] }, slow))).toBe(late)
    expect(words(asked)).toEqual([
      'buildx create --name b --driver docker-container --bootstrap',
      'buildx rm --force b',
    ])
  })

  test('that works at the second attempt is used', async () => {
    const { opening, asked } = start((_, count) => (count === 1 ? { exitCode: 1, stderr: 'ERROR: it broke' } : {}))
    expect(await createBuilder(builder, { driverOptions: [] }, opening)).toBe(builder)
    expect(asked).toHaveLength(3)
  })

  test('whose options are wrong is tried once', async () => {
    const { opening, asked, waits } = start((args) =>
      args[1] === 'create' ? { exitCode: 1, stderr: 'ERROR: invalid driver option x' } : {},
    )
    await rejection(createBuilder(builder, { driverOptions: ['x'] }, opening))
    expect(words(asked).at(-1)).toBe('buildx rm --force b')
    expect([asked.length, waits.length]).toEqual([2, 0])
  })

  test('is not tried again after the run was cancelled', async () => {
    const { opening, asked } = start(() => ({ exitCode: 1, stderr: 'ERROR: it broke' }))
    const host = { ...opening.host, signal: AbortSignal.abort() }
    await rejection(createBuilder(builder, { driverOptions: [] }, { ...opening, host }))
    expect(asked).toHaveLength(2)
  })

  test('fails if a second node cannot be appended or does not respond', async () => {
    for (const failing of [2, 3]) {
      const { opening, asked } = start(
        (_, count) => (count === failing ? { exitCode: 1, stderr: 'ERROR: invalid driver option' } : {}),
        { endpoints: nodes },
      )
      const thrown = await rejection(createBuilder(builder, { driverOptions: [] }, opening))
      expect(thrown).toMatchObject({ diagnostics: [{ code: 'environment/no-builder' }] })
      expect(asked).toHaveLength(failing + 1)
    }
  })

  test('gets the pinned BuildKit and the configuration of the inputs', async () => {
    const { opening, asked } = start(() => ({}), { buildkitdConfig: 'buildkitd.toml' })
    await open(opening)
    expect(words(asked)).toEqual([
      `buildx create --name aicleaner-build-7 --driver docker-container --driver-opt image=${buildkitImage} --buildkitd-config /workspace/buildkitd.toml --bootstrap`,
    ])
  })

  test('gets no configuration file without inputs for it', async () => {
    const { opening, asked } = start(() => ({}), { driverOptions: ['image=own'] })
    await open(opening)
    expect(words(asked)).toEqual([
      'buildx create --name aicleaner-build-7 --driver docker-container --driver-opt image=own --bootstrap',
    ])
  })
})

test('an existing builder is not removed', async () => {
  const { opening, asked } = start(() => ({}))
  await removeBuilder({ name: 'b', owned: false }, opening)
  expect(asked).toEqual([])
})

test('a builder that cannot be inspected fails with the message of docker', async () => {
  const { opening } = start(() => ({ exitCode: 1, stderr: 'no builder', stdout: inspection }))
  expect(await inspect('b', false, opening)).toEqual({ problem: 'no builder' })
})

describe('the configuration of BuildKit', () => {
  test.each([
    [undefined, undefined],
    ['buildkitd.toml', '/workspace/buildkitd.toml'],
    ['/etc/buildkitd.toml', '/etc/buildkitd.toml'],
  ])('%s is the file %s', async (config, expected) => {
    expect(await configFile(config, { workspace: '/workspace', temporary: '/nowhere' })).toBe(expected)
  })

  test.each(['debug = true', '[worker]\n[log]'])('%j is the text of a file', async (config) => {
    const temporary = mkdtempSync(join(tmpdir(), 'buildkitd-'))
    try {
      const file = await configFile(config, { workspace: '/workspace', temporary })
      expect(file).toBe(join(temporary, 'buildkitd.toml'))
      expect(readFileSync(String(file), 'utf8')).toBe(config)
    } finally {
      rmSync(temporary, { recursive: true })
    }
  })
})
