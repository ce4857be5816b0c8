import { afterAll, describe, expect, test } from '@jest/globals'
import type { Architecture } from '../../src/core/architecture.ts'
import { describeWith } from '../environment/describe-with.ts'
import { leftovers, makeHost, pool, removeFolders, trySmoke } from './smoke-fixture.ts'
import { type Case, cases } from './verdict-cases.ts'

const isFor = (one: Case, architecture: Architecture): boolean =>
  one.ofArchitecture === true || architecture !== 'armv7'

const limitMs = 330_000

describeWith(['engine', 'bases'], 'the smoke test, with real containers', ({ runnable }) => {
  // Mostly waiting, so more of them than the machine has processors.
  const run = pool(8)
  const host = makeHost()
  const architectures = (['amd64', 'aarch64', 'armv7'] as const).filter((one) => runnable.includes(one))

  const started = new Map<string, ReturnType<typeof trySmoke>>()
  const key = (architecture: Architecture, name: string): string => `${architecture} ${name}`
  // The longest first.
  const order = [...cases].sort((a, b) => (b.options?.smokeTimeoutMs ?? 0) - (a.options?.smokeTimeoutMs ?? 0))
  const begin = (): void => {
    if (started.size > 0) return
    for (const one of order) {
      for (const architecture of architectures.filter((architecture) => isFor(one, architecture))) {
        const result = run(() => trySmoke({ ...one, architecture }, host))
        // A test that is filtered out does not await its result.
        result.catch(() => {})
        started.set(key(architecture, one.name), result)
      }
    }
  }
  afterAll(removeFolders)
  afterAll(async () => {
    await Promise.allSettled(started.values())
    expect(await leftovers(host)).toEqual([])
  }, limitMs)

  describe.each(architectures)('on %s', (architecture) => {
    test.each(cases.filter((one) => isFor(one, architecture)))(
      'says of an image that $title',
      async (one) => {
        begin()
        const result = await started.get(key(architecture, one.name))
        if (!result) throw new Error('It was not started.')
        one.expect(result, architecture)
      },
      limitMs,
    )
  })
})
