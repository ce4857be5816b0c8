import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { type CacheServiceStandIn, scopes, startCacheService } from '../standins/cache-service/cache-service.ts'
import { calls, limited, unavailable } from '../standins/cache-service/faults.ts'
import type { StepResult } from '../standins/runner/runner.ts'
import { anyRepository, freshBuilder, published, runFault } from './fault-job.ts'

// Builders are started and images built and pushed, with waits between tries, perhaps on a busy machine.
jest.setTimeout(300_000)

let cache: CacheServiceStandIn
let repository: string
beforeEach(async () => {
  cache = await startCacheService()
  repository = anyRepository()
})
afterEach(() => cache.close())

/** BuildKit remembers for minutes that a service limited its rate, for every build that it does: hence a builder for each job, which goes with it. */
const build = (
  environment: Readonly<Record<string, string>> = cache.environment(),
  inputs: Readonly<Record<string, string>> = freshBuilder,
) =>
  runFault({
    repository,
    inputs: { 'smoke-test': 'false', baseline: 'none', audit: 'off', ...inputs },
    addon: { build: `RUN echo ${randomBytes(8).toString('hex')} > /content` },
    environment: { ...environment },
  })

const writes = () => cache.requests.filter(({ what }) => what === 'CreateCacheEntry').length
const noticesOf = ({ commands }: StepResult) =>
  commands.filter(({ name, message }) => name === 'notice' && /cache/i.test(message)).map(({ message }) => message)

async function expectPublished(result: StepResult): Promise<void> {
  expect([result.exitCode, result.commands.filter(({ name }) => name === 'error')]).toEqual([0, []])
  expect(Object.keys(await published(repository))).toEqual(['amd64-tiny:1.2.3', 'tiny:1.2.3'])
}

describe('a cache that may not be written', () => {
  test.each([
    ['the token has no scope for it', () => cache.environment(cache.token(scopes.fork()))],
    ['the runner says so', () => ({ ...cache.environment(), ACTIONS_CACHE_MODE: 'read-only' })],
  ])('because %s: is read, not written, and that is said once', async (_, environment) => {
    const result = await build(environment(), freshBuilder)
    await expectPublished(result)
    expect(writes()).toBe(0)
    expect(cache.requests.map(({ what }) => what)).toContain('GetCacheEntryDownloadURL')
    expect(noticesOf(result)).toEqual([expect.stringMatching(/only read/)])
  })

  test('and a runner that offers none: nobody is asked, and that is said once where it was asked for', async () => {
    const { ACTIONS_CACHE_SERVICE_V2: _, ...v1 } = cache.environment()
    const result = await build(v1, { cache: 'gha' })
    await expectPublished(result)
    expect(cache.requests).toEqual([])
    expect(noticesOf(result)).toEqual([expect.stringMatching(/no GitHub Actions cache here/)])
  })
})

// The build itself, with its builder, takes seconds; on a busy machine some more.
const mayTakeMs = 60_000

describe('a cache service that', () => {
  test.each<readonly [string, number, RegExp, () => unknown]>([
    ['is gone', 5_000, /cannot be read/, () => cache.vanish()],
    [
      'goes before anything is written',
      5_000,
      /cannot be written/,
      () => cache.faults.add({ on: calls.create, vanish: true }),
    ],
    ['is not available', 5_000, /cannot be read.*503/, () => cache.faults.add(unavailable({ on: calls.all }))],
    ['takes no writes', 5_000, /cannot be written/, () => cache.faults.add(unavailable({ on: calls.create }))],
    ['denies each write', 15_000, /cannot be written/, () => Object.assign(cache, { denyWrites: true })],
    [
      'does not answer',
      5_000,
      /cannot be read.*no answer/,
      () => cache.faults.add({ on: calls.all, delayMs: 600_000 }),
    ],
    // 15 s until it is noticed, 10 s for the builder that has to be stopped for it.
    [
      'falls silent',
      30_000,
      /cannot be read.*no answer/,
      () => cache.faults.add({ on: calls.all, after: 1, delayMs: 600_000 }),
    ],
    ['limits the rate', 5_000, /cannot be read.*429/, () => cache.faults.add(limited(60, { on: calls.all }))],
    [
      'limits the rate later',
      15_000,
      /cannot be read/,
      () => cache.faults.add(limited(60, { on: calls.all, after: 1 })),
    ],
    [
      'limits the rate of writes',
      15_000,
      /cannot be written/,
      () => cache.faults.add(limited(60, { on: calls.create })),
    ],
  ])('%s costs no more than %d ms, never the build, and is spoken of once', async (_, costMs, said, fault) => {
    await fault()
    const result = await build()
    await expectPublished(result)
    expect(noticesOf(result)).toEqual([expect.stringMatching(said)])
    expect(result.durationMs).toBeLessThan(mayTakeMs + costMs)
  })

  test('is slow, is waited for', async () => {
    cache.faults.add({ on: calls.all, delayMs: 1500 })
    const result = await build()
    await expectPublished(result)
    expect(noticesOf(result)).toEqual([])
    expect(cache.entries.filter(({ finalised }) => finalised).length).toBeGreaterThan(0)
    expect(cache.violations).toEqual([])
  })
})

test("the Docker engine's own BuildKit survives a cache that is gone, too, for all architectures, and it is said once", async () => {
  await cache.vanish()
  const result = await runFault({
    repository,
    inputs: { 'smoke-test': 'false', baseline: 'none', audit: 'off' },
    addon: { architectures: ['amd64', 'armv7'], build: `RUN echo ${randomBytes(8).toString('hex')} > /content` },
    environment: cache.environment(),
  })
  expect(result.exitCode).toBe(0)
  expect(noticesOf(result)).toEqual([expect.stringMatching(/cannot be read/)])
  expect(Object.keys(await published(repository, ['amd64', 'armv7']))).toHaveLength(3)
})
