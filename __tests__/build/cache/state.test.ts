import { describe, expect, test } from '@jest/globals'
import { cachesOf } from '../../../src/build/cache/cache.ts'
import { probeCache } from '../../../src/build/cache/probe.ts'
import { openCache } from '../../../src/build/cache/state.ts'
import { type CacheFault, stallTimeoutMs, watchCache } from '../../../src/build/cache/watch.ts'
import type { Diagnostic } from '../../../src/core/diagnostics.ts'
import type { Clock } from '../../../src/core/host.ts'
import type { Target } from '../../../src/plan/plan.ts'

/** A clock that stands until it is told. */
function standingClock() {
  let now = 0
  const sleepers = new Set<{ readonly at: number; readonly wake: () => void }>()
  const clock: Clock = {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const sleeper = { at: now + ms, wake: () => resolve() }
        sleepers.add(sleeper)
        signal?.addEventListener('abort', () => {
          sleepers.delete(sleeper)
          resolve()
        })
      }),
  }
  const pass = async (ms: number) => {
    now += ms
    for (const sleeper of [...sleepers].filter(({ at }) => at <= now)) {
      sleepers.delete(sleeper)
      sleeper.wake()
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { clock, pass }
}

const step = (name: string, more: object = {}) => ({
  vertexes: [{ digest: name, name, started: '2026-01-01T00:00:00Z', ...more }],
})
const every = {
  kinds: [{ kind: 'gha' }, { kind: 'registry', reference: 'r/c' }, { kind: 'inline' }],
  write: true,
} as const
const completed = { completed: '2026-01-01T00:00:01Z' }

describe('the watch for cache faults', () => {
  test.each<readonly [string, CacheFault['work'], CacheFault['kind']]>([
    ['importing cache manifest from gha:12345', 'import', 'gha'],
    ['importing cache manifest from registry.example/cache:amd64', 'import', 'registry'],
    ['exporting to GitHub Actions Cache', 'export', 'gha'],
    ['exporting cache to registry', 'export', 'registry'],
  ])('reports a stall of "%s" after its timeout, and not before', async (name, work, kind) => {
    const { clock, pass } = standingClock()
    const heard: CacheFault[] = []
    const watch = watchCache(every, clock, (trouble) => heard.push(trouble))
    watch.onStatus(step(name))
    await pass(stallTimeoutMs[work] - 1)
    expect(heard).toEqual([])
    watch.onStatus({ statuses: [{ vertex: name }] })
    await pass(stallTimeoutMs[work] - 1)
    expect(heard).toEqual([])
    await pass(1)
    expect(heard).toEqual([{ work, kind, why: expect.stringMatching(/no response/) }])
    expect(watch.fault()).toEqual(heard[0])
  })

  test.each([
    ['a step that ended', 'importing cache manifest from gha:1', completed],
    ['a cache that does not exist yet', 'importing cache manifest from r/c', { ...completed, error: 'r/c: not found' }],
    [
      'a cache without a repository',
      'importing cache manifest from r/c',
      { ...completed, error: 'unexpected status from HEAD request to http://r/v2/c/manifests/x: 404 Not Found' },
    ],
    ['a cache in a folder', 'importing cache manifest from local:123', {}],
    ['any other step', '[2/3] RUN sleep 1000', {}],
  ])('reports no fault for %s', async (_, name, more) => {
    const { clock, pass } = standingClock()
    const watch = watchCache(every, clock, () => {})
    watch.onStatus(step(name))
    watch.onStatus(step(name, more))
    await pass(more === completed || 'error' in more ? 1e6 : stallTimeoutMs.import - 1)
    expect(watch.fault()).toBeUndefined()
    watch.close()
  })

  test.each([
    ['registry', [{ kind: 'registry' }, { kind: 'inline' }]],
    ['inline', [{ kind: 'gha' }, { kind: 'inline' }]],
  ] as const)('takes a cache in a registry that stalls for the %s cache of %j', async (kind, kinds) => {
    const { clock, pass } = standingClock()
    const watch = watchCache({ kinds, write: true }, clock, () => {})
    watch.onStatus(step('importing cache manifest from registry.example/image:1'))
    await pass(stallTimeoutMs.import)
    expect(watch.fault()).toMatchObject({ work: 'import', kind })
  })

  test('ignores a kind of cache that is not in the plan', async () => {
    const { clock, pass } = standingClock()
    const watch = watchCache({ kinds: [{ kind: 'gha' }], write: true }, clock, () => {})
    watch.onStatus(step('importing cache manifest from registry.example/image:1'))
    await pass(stallTimeoutMs.import)
    expect(watch.fault()).toBeUndefined()
  })

  test.each([
    ['exporting to GitHub Actions Cache', 'export', 'gha', 'denied'],
    ['exporting to GitHub Actions Cache', 'export', 'gha', 'Post "http://127.0.0.1:40412/twirp": connection refused'],
    ['importing cache manifest from gha:1', 'import', 'gha', 'dial tcp 127.0.0.1:40412: connect: connection refused'],
    ['importing cache manifest from r/c', 'import', 'registry', 'sha256:404404: unexpected EOF'],
    ['exporting cache to registry', 'export', 'registry', 'unexpected status from POST request to r: 404 Not Found'],
  ] as const)('reports an error of "%s" immediately', (name, work, kind, why) => {
    const watch = watchCache(every, standingClock().clock, () => {})
    watch.onStatus(step(name, { ...completed, error: why }))
    expect(watch.fault()).toEqual({ work, kind, why })
  })
})

describe('the cache of a run', () => {
  const open = () => {
    const said: Diagnostic[] = []
    const kinds = [{ kind: 'gha' }, { kind: 'registry', reference: 'r/c' }, { kind: 'inline' }] as const
    return { said, cache: openCache({ kinds, write: true }, { report: (one) => said.push(one) }) }
  }
  const target = { cacheScope: 'x-amd64', image: 'r/x', tags: ['1'], architecture: 'amd64' } as unknown as Target
  const directions = (plan: Parameters<typeof cachesOf>[1]) => {
    const caches = cachesOf(target, plan, 'max')
    const kinds = (list: readonly string[]) => list.map((text) => /type=(\w+)/.exec(text)?.[1])
    return { from: kinds(caches.from), to: kinds(caches.to) }
  }

  test('that cannot be written is still read, does not affect other kinds, and is reported once', () => {
    const { cache, said } = open()
    cache.disable({ work: 'export', kind: 'gha', why: '503' })
    cache.disable({ work: 'export', kind: 'gha', why: '503' })
    expect(directions(cache.plan())).toEqual({ from: ['gha', 'registry', 'registry'], to: ['registry', 'inline'] })
    expect(said.map(({ message }) => message)).toEqual([
      expect.stringMatching(/GitHub Actions cache cannot be written \(503\)/),
    ])
  })

  test('that cannot be read is not written either', () => {
    const { cache, said } = open()
    cache.disable({ work: 'export', kind: 'registry', why: '500' })
    cache.disable({ work: 'import', kind: 'registry', why: '500' })
    cache.disable({ work: 'import', kind: 'registry', why: '500' })
    expect(directions(cache.plan())).toEqual({ from: ['gha', 'registry'], to: ['gha', 'inline'] })
    expect(said).toHaveLength(2)
  })

  test('is probed with one request before it is used, and only if it is configured', async () => {
    const { clock } = standingClock()
    const refused = { find: () => Promise.reject(new Error('the cache service answers 503')) }
    const plan = { kinds: [{ kind: 'gha' }], write: true } as const
    const trouble = { work: 'import', kind: 'gha', why: 'the cache service answers 503' }
    expect(await probeCache(plan, { environment: {}, clock }, refused)).toEqual(trouble)
    expect(
      await probeCache({ ...plan, kinds: [{ kind: 'inline' }] }, { environment: {}, clock }, refused),
    ).toBeUndefined()
    expect(await probeCache(plan, { environment: {}, clock }, { find: async () => undefined })).toBeUndefined()
  })
})
