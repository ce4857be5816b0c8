import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, jest, test } from '@jest/globals'
import { noteBuildx } from '../docker/noting-buildx.ts'
import type { AddonOptions } from '../e2e/addon.ts'
import { type FakeCacheService, scopes, startCacheService } from '../fakes/cache-service/cache-service.ts'
import { calls, denied, limited, unavailable } from '../fakes/cache-service/faults.ts'
import type { Fault } from '../fakes/faults.ts'
import type { StepResult } from '../fakes/runner/runner.ts'
import { anyRepository, freshBuilder, published, runFault } from './fault-job.ts'

// Builders are started and images built and pushed, with waits between tries, perhaps on a busy machine.
jest.setTimeout(300_000)

const endings: (() => Promise<unknown>)[] = []
afterAll(() => Promise.all(endings.map((end) => end())))

/** A cache service and a repository for one test alone: most of the time these tests wait, so they run side by side. */
async function stand() {
  const cache = await startCacheService()
  const folder = await mkdtemp(join(tmpdir(), 'aicleaner-faults-cache-'))
  endings.push(cache.close, () => rm(folder, { recursive: true, force: true }))
  const buildx = await noteBuildx(folder)
  const repository = anyRepository()
  /** BuildKit remembers for minutes that a service limited its rate, for every build that it does: hence a builder for each job, which goes with it. */
  const build = (
    environment: Readonly<Record<string, string>> = cache.environment(),
    inputs: Readonly<Record<string, string>> = freshBuilder,
    addon: Partial<AddonOptions> = {},
  ) =>
    runFault({
      repository,
      inputs: { 'smoke-test': 'false', baseline: 'none', audit: 'off', ...inputs },
      addon: { ...addon, build: `RUN echo ${randomBytes(8).toString('hex')} > /content` },
      environment: { ...environment, ...buildx.environment },
    })
  const builds = async () => (await buildx.calls()).filter((command) => command === 'build')
  return { cache, repository, build, builds }
}

const writes = ({ requests }: FakeCacheService) => requests.filter(({ what }) => what === 'CreateCacheEntry').length
const noticesOf = ({ commands }: StepResult) =>
  commands.filter(({ name, message }) => name === 'notice' && /cache/i.test(message)).map(({ message }) => message)

async function expectPublished(result: StepResult, repository: string): Promise<void> {
  expect([result.exitCode, result.commands.filter(({ name }) => name === 'error')]).toEqual([0, []])
  expect(Object.keys(await published(repository))).toEqual(['amd64-tiny:1.2.3', 'tiny:1.2.3'])
}

describe('a cache that may not be written', () => {
  test.concurrent.each<readonly [string, (cache: FakeCacheService) => Readonly<Record<string, string>>]>([
    ['the token has no scope for it', (cache) => cache.environment(cache.token(scopes.fork()))],
    ['the runner says so', (cache) => ({ ...cache.environment(), ACTIONS_CACHE_MODE: 'read-only' })],
  ])('because %s: is read but not written, with one notice', async (_, environment) => {
    const { cache, repository, build } = await stand()
    const result = await build(environment(cache))
    await expectPublished(result, repository)
    expect(writes(cache)).toBe(0)
    expect(cache.requests.map(({ what }) => what)).toContain('GetCacheEntryDownloadURL')
    expect(noticesOf(result)).toEqual([expect.stringMatching(/only read/)])
  })

  test.concurrent('because the runner offers none: gets no requests, with one notice if it was configured', async () => {
    const { cache, repository, build } = await stand()
    const { ACTIONS_CACHE_SERVICE_V2: _, ...v1 } = cache.environment()
    const result = await build(v1, { cache: 'gha' })
    await expectPublished(result, repository)
    expect(cache.requests).toEqual([])
    expect(noticesOf(result)).toEqual([expect.stringMatching(/offers no GitHub Actions cache/)])
  })
})

/** What it costs: so many requests that are answered wrongly or not at all, and so many builds. */
interface Cost {
  readonly asked: number
  readonly builds: number
}

describe('a cache service that', () => {
  const once: Cost = { asked: 1, builds: 1 }

  test.concurrent.each<readonly [string, Cost, RegExp, (cache: FakeCacheService) => Fault | Promise<void>]>([
    ['is down', { asked: 0, builds: 1 }, /cannot be read/, (cache) => cache.vanish()],
    ['goes down before anything is written', once, /cannot be written/, () => ({ on: calls.create, vanish: true })],
    ['is not available', once, /cannot be read.*503/, () => unavailable({ on: calls.all })],
    ['refuses writes', once, /cannot be written/, () => unavailable({ on: calls.create })],
    ['denies each write', once, /cannot be written/, () => denied({ on: calls.create })],
    ['does not answer', once, /cannot be read.*no response/, () => ({ on: calls.all, delayMs: 600_000 })],
    // The build that falls silent is ended, and another one goes on without.
    [
      'falls silent',
      { asked: 1, builds: 2 },
      /cannot be read.*no response/,
      () => ({ on: calls.all, after: 1, delayMs: 600_000 }),
    ],
    ['limits the rate', once, /cannot be read.*429/, () => limited(60, { on: calls.all })],
    [
      'limits the rate later',
      { asked: 2, builds: 1 },
      /cannot be read/,
      () => limited(60, { on: calls.all, after: 1 }),
    ],
    ['limits the rate of writes', once, /cannot be written/, () => limited(60, { on: calls.create })],
  ])('%s gets few requests (%j), does not fail the build, and is reported once', async (_, cost, said, make) => {
    const { cache, repository, build, builds } = await stand()
    const fault = await make(cache)
    const hits: Fault[] = []
    if (fault) cache.faults.add({ ...fault, onHit: () => hits.push(fault) })
    const result = await build()
    await expectPublished(result, repository)
    expect(noticesOf(result)).toEqual([expect.stringMatching(said)])
    expect({ asked: hits.length, builds: (await builds()).length }).toEqual(cost)
  })

  test.concurrent('is slow, is waited for', async () => {
    const { cache, repository, build } = await stand()
    cache.faults.add({ on: calls.all, delayMs: 1000 })
    const result = await build()
    await expectPublished(result, repository)
    expect(noticesOf(result)).toEqual([])
    expect(cache.entries.filter(({ finalised }) => finalised).length).toBeGreaterThan(0)
    expect(cache.violations).toEqual([])
  })
})

test.concurrent('the BuildKit of the Docker engine builds all architectures without a cache that is gone, with one notice', async () => {
  const { cache, repository, build } = await stand()
  await cache.vanish()
  const architectures = ['amd64', 'armv7']
  const result = await build(cache.environment(), {}, { architectures })
  expect(result.exitCode).toBe(0)
  expect(noticesOf(result)).toEqual([expect.stringMatching(/cannot be read/)])
  expect(Object.keys(await published(repository, architectures))).toHaveLength(3)
})
