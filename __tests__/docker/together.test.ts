import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { BuildSetting } from '../../src/docker/build-command.ts'
import type { BuildCache } from '../../src/docker/cache-state.ts'
import type { CacheTrouble } from '../../src/docker/cache-watch.ts'
import type { Vertex } from '../../src/docker/rawjson.ts'
import { openTogether } from '../../src/docker/together.ts'
import type { FollowOptions, Log, Processes } from '../../src/host.ts'
import type { Target } from '../../src/plan/plan.ts'
import { target } from '../fixtures/target.ts'

let temporary = ''
beforeEach(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'aicleaner-together-'))
})
afterEach(() => rm(temporary, { recursive: true }))

const started = '2026-01-01T00:00:00Z'
const completed = '2026-01-01T00:00:01Z'
const cached = (name: string): Vertex => ({ digest: name, name, started, completed, cached: true })
const exported = (name: string): Vertex => ({
  digest: `${name} export`,
  name: `[${name}] exporting to oci image format`,
  started,
  completed,
})

type Buildx = (
  tell: (...vertexes: Vertex[]) => void,
  options: FollowOptions,
  names: readonly string[],
) => Promise<number>

/** What a builder with everything in its cache does. */
const quick: Buildx = async (tell, _, names) => {
  for (const name of names) {
    tell(cached(`[${name} 2/2] RUN make`), exported(name))
    await write(name)
  }
  return 0
}

const layoutOf = (name: string) => join(temporary, name, 'image')

async function write(name: string): Promise<void> {
  await mkdir(layoutOf(name), { recursive: true })
  await writeFile(join(layoutOf(name), 'index.json'), '{"manifests":[]}')
}

/** Seats for so many, and what buildx was asked. Seat 0 is `t0`, as bake knows it. */
function open(count: number, buildx: Buildx) {
  const calls: (readonly string[])[] = []
  const gaveUp: CacheTrouble[] = []
  const shown: string[] = []
  const cache = { plan: () => ({ kinds: [], write: true }), giveUp: (trouble) => gaveUp.push(trouble) } as BuildCache
  const processes = {
    follow: (_, args, options = {}) => {
      calls.push(args)
      const tell = (...vertexes: Vertex[]) => options.onLine?.(JSON.stringify({ vertexes }), 'stderr')
      return buildx(tell, options, args.slice(args.indexOf('--progress=rawjson') + 1))
    },
  } as Processes
  const together = openTogether(
    count,
    {},
    {
      processes,
      temporary,
      signal: new AbortController().signal,
      log: { redact: (text) => text } as Log,
      clock: { now: () => 0, sleep: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => {}) },
    },
  )
  const build = (index: number, changes: Partial<Target> = {}, more: Partial<BuildSetting> = {}) =>
    together.seats[index]?.build(
      target(changes),
      {
        builder: { name: 'default', driver: 'docker', owned: false },
        cache: cache.plan(),
        options: { cacheMode: 'max', noCache: false, pull: false, secrets: [] },
        paths: { layout: layoutOf(`t${index}`), metadata: '' },
        workspace: '/work',
        ...more,
      },
      cache,
      (line) => shown.push(line),
    )
  return { calls, gaveUp, shown, together, build, leave: (index: number) => together.seats[index]?.leave() }
}

describe('targets that come from the cache', () => {
  test('are built by one buildx, once all are there; each has the log and the cache hits of its own', async () => {
    const { build, calls, shown, together } = open(2, quick)
    const first = build(0)
    await sleep(5)
    expect(calls).toEqual([])
    const built = await Promise.all([first, build(1)])
    await together.ended()
    expect(calls).toEqual([
      [
        'buildx',
        'bake',
        '--builder',
        'default',
        '--file',
        join(temporary, 'bake.json'),
        '--progress=rawjson',
        't0',
        't1',
      ],
    ])
    expect(built.map((progress) => progress?.cache())).toEqual(Array(2).fill({ hits: 1, total: 1 }))
    expect(shown.filter((line) => line === '#1 [2/2] RUN make')).toHaveLength(2)
  })

  test('do not wait for one that does not come', async () => {
    const { build, calls, leave } = open(3, quick)
    const others = [build(0), build(2)]
    leave(1)
    leave(1)
    expect((await Promise.all(others)).every(Boolean)).toBe(true)
    expect(calls[0]?.slice(-2)).toEqual(['t0', 't2'])
  })

  test('are handed on as soon as they are written, while buildx is still at work', async () => {
    const end = Promise.withResolvers<number>()
    const { build, together } = open(2, async (...all) => {
      await quick(...all)
      return end.promise
    })
    expect((await Promise.all([build(0), build(1)])).every(Boolean)).toBe(true)
    end.resolve(0)
    await together.ended()
  })
})

describe("a builder that is not the engine's own", () => {
  // Its image goes through buildx into the engine, and may still be on its way when the layout is written.
  const elsewhere = {
    builder: { name: 'farm', driver: 'remote', owned: false },
    load: 'aicleaner-build.invalid/a:1',
  } as const

  test('has loaded an image when buildx has ended, and not before', async () => {
    const end = Promise.withResolvers<number>()
    const { build } = open(2, async (...all) => {
      await quick(...all)
      return end.promise
    })
    let early = 0
    const both = [build(0, {}, elsewhere), build(1, {}, elsewhere)].map((one) => one?.then(() => (early += 1)))
    await sleep(50)
    expect(early).toBe(0)
    end.resolve(0)
    await Promise.all(both)
    expect(early).toBe(2)
  })

  test('has none that counts where buildx was ended', async () => {
    const { build } = open(2, async (...all) => {
      await quick(...all)
      return 130
    })
    expect(await Promise.all([build(0, {}, elsewhere), build(1, {}, elsewhere)])).toEqual([undefined, undefined])
  })
})

describe('a target is built by itself', () => {
  test.each<[string, Partial<Target>, Partial<BuildSetting>]>([
    ['that is alone', {}, {}],
    ['whose context would name another target of a bake file', { buildContexts: new Map([['x', 'target:t0']]) }, {}],
    [
      'that is to be built without a cache',
      {},
      { options: { cacheMode: 'max', noCache: true, pull: false, secrets: [] } },
    ],
    ['that can only be loaded', {}, { onlyLoads: true }],
  ])('%s', async (_, changes, more) => {
    const { build, calls, leave } = open(2, quick)
    const one = build(0, changes, more)
    leave(1)
    expect(await one).toBeUndefined()
    expect(calls).toEqual([])
  })

  test('as soon as one of them executes a step; what is whole by then stays, what is not is cleared away', async () => {
    const { build, together, shown } = open(3, async (tell, { signal }) => {
      tell(cached('[t0 2/2] RUN make'), exported('t0'))
      await write('t0')
      await mkdir(layoutOf('t1'), { recursive: true })
      tell({ digest: 'a', name: '[t1 2/2] RUN make', started })
      await new Promise((resolve) => (signal?.aborted ? resolve(0) : signal?.addEventListener('abort', resolve)))
      return 130
    })
    const built = await Promise.all([build(0), build(1), build(2)])
    await together.ended()
    expect(built.map(Boolean)).toEqual([true, false, false])
    expect([existsSync(layoutOf('t0')), existsSync(layoutOf('t1'))]).toEqual([true, false])
    expect(shown.filter((line) => line === '#1 [2/2] RUN make')).toHaveLength(1)
  })

  test('where the common build fails, for whatever reason', async () => {
    const { build } = open(2, async () => 1)
    expect(await Promise.all([build(0), build(1)])).toEqual([undefined, undefined])
  })

  test('and the cache that is in the way is given up', async () => {
    const { build, gaveUp } = open(2, async (tell) => {
      tell({ digest: 'c', name: '[t1] importing cache manifest from gha:1', started, completed, error: '503' })
      return 1
    })
    expect(await Promise.all([build(0), build(1)])).toEqual([undefined, undefined])
    expect(gaveUp).toEqual([{ work: 'import', kind: 'gha', why: '503' }])
  })
})

test('a buildx that cannot be started is the failure of all', async () => {
  const { build, together } = open(2, () => Promise.reject(new Error('no docker here')))
  const both = [build(0), build(1)]
  await expect(both[0]).rejects.toThrow('no docker here')
  await expect(both[1]).rejects.toThrow('no docker here')
  await together.ended()
})
