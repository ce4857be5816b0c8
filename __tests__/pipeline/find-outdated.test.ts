import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { compareLayers, findOutdated } from '../../src/pipeline/find-outdated.ts'
import type { PlannedAddon, Target } from '../../src/plan/plan.ts'
import { target } from '../fixtures/target.ts'
import { type Distribution, lines, openClient, refusal, startDistribution } from '../registry/distribution.ts'
import { type PublishedImage, putImage, putIndex } from './published-images.ts'

let registry: Distribution
beforeEach(async () => {
  registry = await startDistribution()
})
afterEach(() => registry.close())

const nameKey = 'org.opencontainers.image.base.name'
const digestKey = 'org.opencontainers.image.base.digest'
const base = (name = 'base:1') => `${registry.host}/org/${name}`
const image = (name: string) => `${registry.host}/org/${name}`

const amd64 = (changes: Partial<Target> = {}): Target =>
  target({
    id: 'addon/amd64',
    architecture: 'amd64',
    platform: 'linux/amd64',
    image: image('amd64-addon'),
    baseImage: base(),
    ...changes,
  })
const aarch64 = (changes: Partial<Target> = {}): Target =>
  target({ image: image('aarch64-addon'), baseImage: base(), ...changes })

const addonOf = (targets: readonly Target[], changes: Partial<PlannedAddon> = {}): PlannedAddon => ({
  slug: 'addon',
  name: 'Add-on',
  folder: 'addon',
  version: '1.2.3',
  targets,
  ...changes,
})

const find = (addons: readonly PlannedAddon[], buildContexts: ReadonlyMap<string, string> = new Map()) =>
  findOutdated({ addons }, { buildContexts }, openClient())

const stateOf = async (one: Target, changes: Partial<PlannedAddon> = {}, contexts?: ReadonlyMap<string, string>) => {
  const [found] = await find([addonOf([one], changes)], contexts)
  return found?.images[0]?.state
}

const on = (platform: string, ...layers: readonly string[]): PublishedImage => ({ platform, layers })
const recorded = (digest: unknown, name: unknown = base()) => ({
  annotations: { [nameKey]: name, [digestKey]: digest },
})

describe('an image that records its base image', () => {
  test('is current while the name leads to the recorded digest, without a look at the layers', async () => {
    const digest = putImage(registry, 'org/base', '1', on('amd64', 'a'))
    putImage(registry, 'org/amd64-addon', '1.2.3', { ...on('amd64', 'x', 'own'), ...recorded(digest) })
    expect(await stateOf(amd64())).toEqual({ status: 'current' })
    expect(lines(registry).filter((line) => line.includes('/org/base/'))).toEqual(['HEAD /v2/org/base/manifests/1'])
  })

  test('is outdated when the name leads to other layers', async () => {
    const was = putImage(registry, 'org/base', '1', on('amd64', 'a'))
    putImage(registry, 'org/amd64-addon', '1.2.3', { ...on('amd64', 'a', 'own'), ...recorded(was) })
    const now = putImage(registry, 'org/base', '1', on('amd64', 'b'))
    expect(await stateOf(amd64())).toEqual({
      status: 'moved',
      base: base(),
      was,
      now,
      reason: 'The published image was built on an earlier one.',
    })
  })

  test('is current when an index changes only for another architecture, and outdated there', async () => {
    const was = putIndex(registry, 'org/base', '1', [on('amd64', 'a'), on('arm64', 'a')])
    for (const platform of ['amd64', 'arm64']) {
      const name = platform === 'amd64' ? 'amd64' : 'aarch64'
      putImage(registry, `org/${name}-addon`, '1.2.3', { ...on(platform, 'a', 'own'), ...recorded(was) })
    }
    const now = putIndex(registry, 'org/base', '1', [on('amd64', 'a'), on('arm64', 'b')])
    const [found] = await find([addonOf([amd64(), aarch64()])])
    expect(found?.images).toEqual([
      { architecture: 'amd64', image: image('amd64-addon:1.2.3'), state: { status: 'current' } },
      {
        architecture: 'aarch64',
        image: image('aarch64-addon:1.2.3'),
        state: expect.objectContaining({ status: 'moved', was, now }),
      },
    ])
    // The index of the base image, once for both.
    expect(lines(registry).filter((line) => line === 'HEAD /v2/org/base/manifests/1')).toHaveLength(1)
    expect(lines(registry).filter((line) => line.includes(`/org/base/manifests/${now}`))).toHaveLength(1)
  })

  test('is compared by the recorded name, also when the Dockerfile has another one by now', async () => {
    const digest = putImage(registry, 'org/base', '1', on('amd64', 'a'))
    putImage(registry, 'org/base', '2', on('amd64', 'b'))
    putImage(registry, 'org/amd64-addon', '1.2.3', { ...on('amd64', 'a', 'own'), ...recorded(digest) })
    expect(await stateOf(amd64({ baseImage: base('base:2') }))).toEqual({ status: 'current' })
  })

  test('of which the digest is not known is compared by its layers', async () => {
    putImage(registry, 'org/base', '1', on('amd64', 'a'))
    putImage(registry, 'org/amd64-addon', '1.2.3', { ...on('amd64', 'a', 'own'), annotations: { [nameKey]: base() } })
    expect(await stateOf(amd64({ baseImage: 'scratch-2' }))).toEqual({ status: 'current' })
  })

  test.each<[string, unknown]>([
    ['no name', 'Not a name'],
    ['a name with control characters', 'a\u001b[31m'],
    ['no text', { a: 1 }],
    ['a pinned name', `ghcr.io/org/base@sha256:${'a'.repeat(64)}`],
    ['scratch', 'scratch'],
  ])('as %s is compared with the base image in the Dockerfile', async (_, name) => {
    putImage(registry, 'org/base', '1', on('amd64', 'a'))
    putImage(registry, 'org/amd64-addon', '1.2.3', { ...on('amd64', 'a', 'own'), ...recorded('sha256:x', name) })
    expect(await stateOf(amd64())).toEqual({ status: 'current' })
  })
})

describe('an image of another builder', () => {
  test.each<[string, readonly string[], readonly string[], string]>([
    ['begins with all layers of the base image', ['a', 'b', 'own'], ['a', 'b'], 'current'],
    ['has no further layer', ['a', 'b'], ['a', 'b'], 'current'],
    ['begins with only some of them', ['a', 'own'], ['a', 'b'], 'moved'],
    ['begins with others', ['x', 'a', 'b'], ['a', 'b'], 'moved'],
  ])('that %s', async (_, layers, baseLayers, status) => {
    const now = putImage(registry, 'org/base', '1', on('amd64', ...baseLayers))
    putImage(registry, 'org/amd64-addon', '1.2.3', on('amd64', ...layers))
    expect(await stateOf(amd64())).toEqual(
      status === 'current'
        ? { status }
        : { status, base: base(), now, reason: 'The published image does not begin with its layers.' },
    )
  })

  test('is found in the image for all architectures if there is no other', async () => {
    putImage(registry, 'org/base', '1', on('arm64', 'b'))
    putIndex(registry, 'org/addon', '1.2.3', [on('amd64', 'b', 'own'), on('arm64', 'a', 'own')])
    const multiArch = { image: image('addon'), tags: ['1.2.3'], annotations: new Map() }
    const [found] = await find([addonOf([aarch64()], { multiArch })])
    expect(found?.images[0]).toMatchObject({ image: image('addon:1.2.3'), state: { status: 'moved' } })
  })
})

describe('a base image that cannot move', () => {
  test.each<[string, Partial<Target>]>([
    ['is pinned in the Dockerfile', { baseImage: `ghcr.io/org/base:1@sha256:${'a'.repeat(64)}` }],
    ['is scratch', { baseImage: 'scratch' }],
  ])('%s, so nothing is requested', async (_, changes) => {
    expect(await stateOf(amd64(changes))).toEqual({ status: 'current' })
    expect(lines(registry)).toEqual([])
  })
})

describe('it is not known whether a base image has moved', () => {
  const unknown = (reason: unknown) => ({ status: 'unknown', reason })

  test('if the version is not published', async () => {
    expect(await stateOf(amd64())).toEqual(unknown(`${image('amd64-addon:1.2.3')} is not published.`))
  })

  test('if the registry refuses to read the image', async () => {
    registry.instead = () => refusal(403, 'DENIED')
    expect(await stateOf(amd64())).toEqual(
      unknown(`${image('amd64-addon:1.2.3')} is not published, or this run may not read it.`),
    )
  })

  test('if the image has no such architecture', async () => {
    putIndex(registry, 'org/amd64-addon', '1.2.3', [on('arm64', 'a')])
    expect(await stateOf(amd64())).toEqual(unknown(expect.stringContaining('has no linux/amd64')))
  })

  test('if its name is known only during the build', async () => {
    putImage(registry, 'org/amd64-addon', '1.2.3', on('amd64', 'a'))
    const { baseImage: _, ...rest } = amd64()
    expect(await stateOf(rest)).toEqual(unknown('The name of the base image is known only during the build.'))
  })

  test('if a build context replaces it', async () => {
    putImage(registry, 'org/base', '1', on('amd64', 'b'))
    putImage(registry, 'org/amd64-addon', '1.2.3', on('amd64', 'a'))
    expect(await stateOf(amd64(), {}, new Map([[base(), './root']]))).toMatchObject({ status: 'unknown' })
  })

  test('if the base image is not in its registry any more', async () => {
    putImage(registry, 'org/amd64-addon', '1.2.3', on('amd64', 'a'))
    expect(await stateOf(amd64())).toEqual(unknown(`${base()} is not in its registry.`))
  })

  test('if the base image has no such architecture', async () => {
    putIndex(registry, 'org/base', '1', [on('arm64', 'a')])
    putImage(registry, 'org/amd64-addon', '1.2.3', on('amd64', 'a'))
    expect(await stateOf(amd64())).toEqual(unknown(expect.stringContaining(`${base()} cannot be read: `)))
  })

  test('if the registry is overloaded, which is asked no more after that', async () => {
    registry.instead = () => refusal(503, 'UNAVAILABLE')
    const addons = ['one', 'two', 'three'].map((slug) => addonOf([amd64({ image: image(slug) })], { slug }))
    // One after the other would be the same; six images are read at once.
    const found = await find([...addons, ...addons, ...addons])
    expect(found.map(({ images }) => images[0]?.state.status)).toEqual(Array(9).fill('unknown'))
    // Five attempts for each of the six that were sent before the first one failed, at most.
    expect(registry.seen.length).toBeLessThanOrEqual(30)
  })

  test('if the registry sends something else than an image', async () => {
    registry.instead = () => ({ status: 200, body: '<html>' })
    expect(await stateOf(amd64())).toMatchObject({ status: 'unknown' })
  })

  test('but another add-on is checked', async () => {
    putImage(registry, 'org/base', '1', on('amd64', 'b'))
    putImage(registry, 'org/amd64-addon', '1.2.3', on('amd64', 'a'))
    const [lost, found] = await find([addonOf([amd64({ image: image('lost') })], { slug: 'lost' }), addonOf([amd64()])])
    expect([lost?.images[0]?.state.status, lost?.next]).toEqual(['unknown', undefined])
    expect([found?.images[0]?.state.status, found?.next]).toEqual(['moved', '1.2.4'])
  })
})

describe('the next version', () => {
  test.each<[string, string | undefined, readonly string[]]>([
    ['1.2.3', '1.2.4', []],
    ['1.2.3', '1.2.6', ['1.2.4', 'v1.2.5', '1.3.0']],
    ['1.2.3-r1', '1.2.3-r2', []],
    ['dev', undefined, []],
  ])('after %s is %s, when %j are published, too', async (version, next, tags) => {
    putImage(registry, 'org/base', '1', on('amd64', 'b'))
    for (const tag of [version, ...tags]) putImage(registry, 'org/amd64-addon', tag, on('amd64', 'a'))
    const [found] = await find([addonOf([amd64()], { version })])
    expect([found?.images[0]?.state.status, found?.next]).toEqual(['moved', next])
  })

  test('is that of a version whose tag has no "+"', async () => {
    putImage(registry, 'org/base', '1', on('amd64', 'b'))
    putImage(registry, 'org/amd64-addon', '1.2.3-5', on('amd64', 'a'))
    expect((await find([addonOf([amd64()], { version: '1.2.3+5' })]))[0]?.next).toBe('1.2.4')
  })

  test('is proposed although the tags cannot be listed, and the tags of a current add-on are not', async () => {
    putImage(registry, 'org/base', '1', on('amd64', 'b'))
    putImage(registry, 'org/amd64-addon', '1.2.3', on('amd64', 'a'))
    putImage(registry, 'org/current', '1.2.3', on('amd64', 'b'))
    registry.instead = ({ path }) => (path.includes('/tags/') ? refusal(403, 'DENIED') : undefined)
    const found = await find([addonOf([amd64()]), addonOf([amd64({ image: image('current') })])])
    expect(found.map(({ next }) => next)).toEqual(['1.2.4', undefined])
    expect(lines(registry).filter((line) => line.includes('/tags/'))).toHaveLength(1)
  })
})

test('layers decide, whatever was recorded', () => {
  const names = { base: 'b', was: undefined, now: 'sha256:n' }
  expect(compareLayers(['a', 'b'], [], names)).toEqual({ status: 'current' })
  expect(compareLayers([], ['a'], names)).toMatchObject({ status: 'moved' })
})
