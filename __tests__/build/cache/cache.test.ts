import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { cacheName } from '../../../src/build/cache/backend.ts'
import { type CachePlan, cachesOf } from '../../../src/build/cache/cache.ts'
import { registryReference } from '../../../src/build/cache/kinds/registry.ts'
import type { CacheKind } from '../../../src/inputs/options.ts'
import { target } from '../../fixtures/target.ts'

const caches = (kind: CacheKind, changes: Partial<CachePlan> = {}) =>
  cachesOf(target(), { kinds: [kind], write: true, ...changes }, 'max')

const image = 'registry.example/org/aarch64-addon'
const inline = `type=registry,ref=${image}:1.2.3`

describe('the cache of a pull request', () => {
  test.each<readonly [CacheKind, string, string]>([
    [{ kind: 'gha' }, 'scope=addon-aarch64-pr-7', 'scope=addon-aarch64'],
    [{ kind: 'registry' }, `ref=${image}:buildcache-pr-7`, `ref=${image}:buildcache`],
    [{ kind: 'registry', reference: 'r.io/c' }, 'ref=r.io/c:addon-aarch64-pr-7', 'ref=r.io/c:addon-aarch64'],
    [{ kind: 'registry', reference: 'r.io/c:x' }, 'ref=r.io/c:x-aarch64-pr-7', 'ref=r.io/c:x-aarch64'],
    [{ kind: 'registry', reference: 'r.io/c:{arch}' }, 'ref=r.io/c:aarch64-pr-7', 'ref=r.io/c:aarch64'],
    [{ kind: 'registry', reference: 'r.io/{arch}' }, 'ref=r.io/aarch64:latest-pr-7', 'ref=r.io/aarch64'],
    [{ kind: 'registry', reference: 'h:5000/{arch}' }, 'ref=h:5000/aarch64:latest-pr-7', 'ref=h:5000/aarch64'],
    [{ kind: 'local', folder: '/c' }, '=/c/addon-aarch64-pr-7', '=/c/addon-aarch64'],
  ])('of %j is its own, and it also reads that of the base branch', (kind, own, base) => {
    const { from, to } = caches(kind, { pullRequest: 7 })
    const fields = (text = '') => text.split(',').map((field) => field.replace(/^(src|dest)=/, '='))
    expect([from.length, to.length]).toEqual([2, 1])
    expect(fields(from[0])).toContain(own)
    expect(fields(from[1])).toContain(base)
    expect(fields(to[0])).toContain(own)
    // What a push reads and writes is the latter, as ever.
    const pushed = caches(kind)
    expect(pushed.from).toEqual([from[1]])
    expect(fields(pushed.to[0])).toContain(base)
  })

  test('of an inline cache is its image', () => {
    expect(caches({ kind: 'inline' }, { pullRequest: 7 })).toEqual({ from: [inline], to: ['type=inline'] })
  })

  test('is nothing where nothing may be written', () => {
    for (const kind of ['gha', 'registry', 'inline'] as const) {
      const { from, to } = caches({ kind }, { write: false })
      expect([from.length, to]).toEqual([1, []])
    }
  })
})

describe('names of caches', () => {
  const scope = fc.oneof(
    fc.stringMatching(/^[A-Za-z0-9_.-]{1,140}$/),
    fc.stringMatching(/^[a-z]{0,3}(-(pr|PR|base|amd64))?-?[0-9]{0,3}(-base)?(-pr-[0-9]{1,2}){0,2}$/),
    fc.string({ unit: fc.constantFrom('a', '-pr-7', '-pr-', '7', '-base', '-amd64', '-'), minLength: 1 }),
  )
  const number = fc.integer({ min: 1, max: 20 })

  test('of pull requests are never those of the base branch, nor of another pull request', () =>
    fc.assert(
      fc.property(scope, scope, number, number, (own, other, one, another) => {
        expect(cacheName(own, one)).not.toBe(cacheName(other))
        if (one !== another) expect(cacheName(own, one)).not.toBe(cacheName(other, another))
      }),
      { numRuns: 20_000 },
    ))

  test('are valid as scopes, folders and tags', () =>
    fc.assert(
      fc.property(scope, number, (name, pullRequest) => {
        expect(cacheName(name, pullRequest)).toMatch(/^[A-Za-z0-9_.-]{1,128}$/)
      }),
    ))

  test('that end like those of a pull request get another suffix, also as tags', () => {
    expect(cacheName('addon-pr-7')).toBe('addon-pr-7-base')
    expect(cacheName('addon-pr-7', 7)).toBe('addon-pr-7-pr-7')
    expect(registryReference('r.io/c:{arch}-pr-7', target())).toBe('r.io/c:aarch64-pr-7-base')
  })

  // `{slug}` is the pull request's own word.
  test('of a slug that imitates another cache do not reach it', () => {
    const names = ['foo-amd64', 'foo-amd64-pr-7', 'foo'].map((slug) => cacheName(`${slug}-amd64`, 7))
    expect(names).toEqual(['foo-amd64-amd64-pr-7', 'foo-amd64-pr-7-amd64-pr-7', 'foo-amd64-pr-7'])
  })
})
