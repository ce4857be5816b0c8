import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import type { Report } from '../../../src/report/model/report.ts'
import { pullRequestEvent } from '../../e2e/pull-request.ts'
import { readFacts } from '../../environment/facts.ts'
import { run } from '../../environment/machine/command.ts'
import { type FakeCacheService, startCacheService } from '../../fakes/cache-service/cache-service.ts'
import { type FakeGitHub, startGitHub } from '../../fakes/github/github.ts'
import type { JobEvent, StepResult } from '../../fakes/runner/runner.ts'
import { anyRepository, freshBuilder, startFault, tagsOf } from '../../faults/fault-job.ts'

// Builders are started and images built, perhaps on a busy machine.
jest.setTimeout(300_000)

const { registry = '', buildkit = '' } = readFacts()
/** A builder in a container. It takes seconds to start, so there is one for all tests; what it has built, it forgets in a moment. */
const builder = `cache-${randomBytes(4).toString('hex')}`

let service: FakeCacheService
let folder: string
beforeAll(async () => {
  service = await startCacheService()
  folder = await mkdtemp(join(tmpdir(), 'aicleaner-cache-'))
  const configuration = join(folder, 'buildkitd.toml')
  await writeFile(configuration, freshBuilder['buildkitd-config'])
  const options = [
    '--driver-opt',
    `image=${buildkit}`,
    '--driver-opt',
    'network=host',
    '--buildkitd-config',
    configuration,
  ]
  await buildx('create', '--name', builder, '--driver', 'docker-container', ...options, '--bootstrap')
})
afterAll(async () => {
  await service.close()
  await buildx('rm', '--force', builder)
  await rm(folder, { recursive: true, force: true })
})

const place = () => ({ BUILDX_CONFIG: join(folder, 'buildx') })

async function buildx(...args: readonly string[]): Promise<void> {
  const { code, stderr } = await run('docker', ['buildx', ...args], { environment: place() })
  if (code !== 0) throw new Error(`docker buildx ${args.join(' ')}: ${stderr}`)
}

/** Inputs for a builder that has never built anything. */
async function emptyBuilder(): Promise<{ readonly builder: string }> {
  await buildx('prune', '--builder', builder, '--all', '--force')
  return { builder }
}

type Built = StepResult & { readonly report: Report; readonly hits: number; readonly total: number }

/** `content` is what the build makes: two builds with the same one could share a cache. */
async function build(
  content: string,
  repository: string,
  inputs: Readonly<Record<string, string>>,
  event?: JobEvent,
): Promise<Built> {
  const job = await startFault({
    ...(event && { event }),
    repository,
    inputs: { 'smoke-test': 'false', audit: 'off', baseline: 'none', push: 'false', ...inputs },
    addon: { build: `RUN echo ${content} > /content\nRUN echo after ${content} > /after` },
    environment: { ...service.environment(), ...place() },
  })
  const result = await job.main().done
  expect([result.exitCode, result.problems]).toEqual([0, []])
  const report = JSON.parse(await readFile(result.outputs.report ?? '', 'utf8')) as Report
  expect((await job.post()).exitCode).toBe(0)
  await job.end()
  const made = report.addons[0]?.targets[0]?.build
  if (made?.status !== 'built') throw new Error('it was not built')
  return { ...result, report, ...made.cache }
}

/** What was said of the cache beside the log. */
const saidOf = ({ commands }: StepResult) =>
  commands.filter(({ name, message }) => name !== 'debug' && /cache/i.test(message)).map(({ message }) => message)

describe('a cache that another builder has filled', () => {
  const content = randomBytes(6).toString('hex')
  const repository = anyRepository()
  const places = () => ({
    gha: 'gha',
    registry: `registry:${registry}/${repository}/cache`,
    local: `local:${folder}`,
    inline: 'inline',
  })

  test('is written for every kind at once', async () => {
    const cache = Object.values(places()).join('\n')
    const result = await build(content, repository, { cache, push: 'true' })
    // Its first step is that of every test add-on: the engine may have it, and no other.
    expect(result.total - result.hits).toBeGreaterThanOrEqual(2)
    expect(saidOf(result)).toEqual([])
    expect(service.violations).toEqual([])
  })

  // What was asked of one architecture's cache is of no use for another one's: each has its own index.
  test.each(['gha', 'registry', 'local', 'inline'] as const)('of kind %s saves all build steps', async (kind) => {
    const result = await build(content, repository, { ...(await emptyBuilder()), cache: places()[kind] })
    expect([result.hits, result.total]).toEqual([3, 3])
    expect(saidOf(result)).toEqual([])
  })
})

test('a GitHub Actions cache written by a BuildKit container can be read by the Docker engine', async () => {
  const content = randomBytes(6).toString('hex')
  const first = await build(content, anyRepository(), { ...(await emptyBuilder()), 'cache-scope': content })
  expect(first.hits).toBe(0)
  const second = await build(content, anyRepository(), { 'cache-scope': content })
  // Where another build has the same base under another name, the engine shows steps of that as well.
  expect([second.hits === second.total, second.total >= 3]).toEqual([true, true])
  expect(service.entries.map(({ key }) => key).join()).toContain(`${content}-amd64`)
})

test('an empty cache is not reported', async () => {
  const result = await build(randomBytes(6).toString('hex'), anyRepository(), {
    cache: `gha\nregistry:${registry}/${anyRepository()}/none\nlocal:${folder}/none`,
    'cache-scope': randomBytes(6).toString('hex'),
  })
  expect(saidOf(result)).toEqual([])
})

describe('a pull request', () => {
  /** Whatever its event lets it do, its token here reads and writes as that of the base branch does. */
  const eventOf = (head: string, name: string) => pullRequestEvent(github.addPull(pullOf(head)), { name })
  const pullOf = (repository: string) => ({ head: { repository, ref: 'patch', sha: 'd'.repeat(40) } })
  const own = () => eventOf('octo/aicleaner', 'pull_request')
  let github: FakeGitHub
  beforeAll(async () => {
    github = await startGitHub()
  })
  afterAll(() => github.close())

  const everywhere = (scope: string, repository: string) => ({
    cache: `gha\nregistry:${registry}/${repository}/cache\nlocal:${folder}/${repository}`,
    'cache-scope': scope,
  })
  const written = async (scope: string, repository: string) => ({
    gha: [
      ...new Set(
        service.entries.flatMap(({ key }) => new RegExp(`${scope}-[a-z0-9-]*?(?=-[0-9a-f]{16,}|#|$)`).exec(key) ?? []),
      ),
    ],
    registry: Object.keys(await tagsOf(repository, 'cache')).toSorted(),
    local: (await readdir(join(folder, repository)).catch(() => [])).toSorted(),
  })

  test.each(['pull_request', 'pull_request_target'])(
    'from a fork (%s) writes no cache, which is reported once',
    async (name) => {
      const content = randomBytes(6).toString('hex')
      const repository = anyRepository()
      const before = service.entries.length
      const cache = everywhere(content, repository)
      const result = await build(content, repository, { ...cache, push: 'true' }, eventOf('stranger/aicleaner', name))
      expect(service.entries.length).toBe(before)
      expect(await written(content, repository)).toEqual({ gha: [], registry: [], local: [] })
      expect(saidOf(result)).toEqual([expect.stringMatching(/fork.*used but not written/)])
    },
  )

  test('of this repository writes its own caches, and uses them in the next run', async () => {
    const content = randomBytes(6).toString('hex')
    const repository = anyRepository()
    const event = own()
    const inputs = everywhere(content, repository)
    const first = await build(content, repository, inputs, event)
    const { number } = event.payload as { number: number }
    const name = `${content}-amd64-pr-${number}`
    const expected = { gha: [expect.stringContaining(name)], registry: [name], local: [name] }
    expect(await written(content, repository)).toEqual(expected)
    expect(saidOf(first)).toEqual([])
    for (const cache of inputs.cache.split('\n')) {
      const second = await build(content, repository, { ...(await emptyBuilder()), ...inputs, cache }, event)
      expect([cache, second.hits, second.total]).toEqual([cache, 3, 3])
    }
    expect(await written(content, repository)).toEqual(expected)
    // Another build of the same, of the base branch, finds nothing of it.
    const pushed = await build(content, repository, { ...(await emptyBuilder()), ...inputs })
    expect(pushed.hits).toBe(0)
  })

  test('of this repository uses the caches of the base branch', async () => {
    const content = randomBytes(6).toString('hex')
    const repository = anyRepository()
    const inputs = everywhere(content, repository)
    await build(content, repository, inputs)
    const name = `${content}-amd64`
    expect(await written(content, repository)).toEqual({
      gha: [expect.not.stringContaining('-pr-')],
      registry: [name],
      local: [name],
    })
    const result = await build(content, repository, { ...(await emptyBuilder()), ...inputs }, own())
    expect([result.hits, result.total]).toEqual([3, 3])
  })
})
