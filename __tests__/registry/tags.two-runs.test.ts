import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { sha256 } from '../../src/core/sha256.ts'
import type { Manifest } from '../../src/registry/client.ts'
import { moveTags } from '../../src/registry/tags.ts'
import { asked } from '../fakes/registry-proxy/faults.ts'
import { addonOf, type Distribution, lines, openClient, refusal, startDistribution } from './distribution.ts'

let registry: Distribution
beforeEach(async () => {
  registry = await startDistribution()
})
afterEach(() => registry.close())

const manifestOf = (content: string): Manifest => {
  const bytes = Buffer.from(JSON.stringify({ content }))
  return { digest: sha256(bytes), mediaType: 'application/vnd.oci.image.manifest.v1+json', bytes }
}
const movesOf = (run: string) =>
  (['amd64-addon', 'addon'] as const).map((name) => ({
    repository: addonOf(registry, name),
    tag: '1.0',
    manifest: manifestOf(`${name} of ${run}`),
  }))
const move = (run: string) => moveTags(movesOf(run), openClient())
/** What whoever pulls gets, as text. */
const published = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...registry.tags].map(([name, digest]) => [
      name,
      JSON.parse(registry.manifests.get(`${name.split(':')[0]}@${digest}`)?.bytes.toString() ?? '{}').content,
    ]),
  )
const of = (run: string) => ({ 'org/amd64-addon:1.0': `amd64-addon of ${run}`, 'org/addon:1.0': `addon of ${run}` })

/** The request that fits, after so many others, waits until it is released. */
function hold(on: RegExp, after = 0): { readonly reached: Promise<void>; readonly release: () => void } {
  const reached = Promise.withResolvers<void>()
  const released = Promise.withResolvers<void>()
  registry.faults.add({ on, after, times: 1, onHit: () => reached.resolve(), until: released.promise })
  return { reached: reached.promise, release: released.resolve }
}

const outcome = (run: string): Promise<unknown> =>
  move(run).then(
    () => 'published',
    (thrown: unknown) => thrown,
  )
const headOf = (name: string): RegExp => new RegExp(`^HEAD .*/org/${name}/manifests/1\\.0`)
const overtaken = expect.objectContaining({
  code: 'TAG_CONFLICT',
  message: expect.stringMatching(/1\.0 points at sha256:\w{64}, not at .*: another run publishes the same tag\.$/),
})

describe.each(['tags that are new', 'tags that are there'])('two runs that publish the same %s', (what) => {
  beforeEach(async () => {
    if (what === 'tags that are there') await move('nobody')
    registry.seen.length = 0
  })

  test.each<[string, RegExp, number]>([
    ['before its first tag', headOf('amd64-addon'), 1],
    [
      'after its first tag, before it reads that back',
      /^GET .*\/amd64-addon\//,
      what === 'tags that are there' ? 1 : 0,
    ],
    ['between two tags', headOf('addon'), 1],
  ])('a run that finishes %s of the other is published, and the other one fails', async (_, question, after) => {
    const { reached, release } = hold(question, after)
    const first = outcome('one')
    await Promise.race([reached, first])
    expect(await outcome('two')).toBe('published')
    release()
    expect(await first).toEqual(overtaken)
    expect(published()).toEqual(of('two'))
  })

  test('one after the other leave the tags of the later one', async () => {
    await move('one')
    await move('two')
    expect(published()).toEqual(of('two'))
  })

  /** Each has the tag of an image and is about to move that of the list. */
  async function interlock() {
    const one = hold(headOf('addon'), 1)
    const two = hold(headOf('addon'), 2)
    const first = outcome('one')
    // A run that ends before it comes to that shall fail the test, not hang it.
    await Promise.race([one.reached, first])
    const second = outcome('two')
    await Promise.race([two.reached, second])
    expect(published()['org/amd64-addon:1.0']).toBe('amd64-addon of two')
    return { first, second, releaseOne: one.release, releaseTwo: two.release }
  }

  test('that each overwrite a tag of the other: one restores its tag, and the other is published', async () => {
    const { first, second, releaseOne, releaseTwo } = await interlock()
    const end = hold(headOf('amd64-addon'))
    releaseOne()
    await Promise.race([end.reached, first])
    releaseTwo()
    expect(await second).toEqual(overtaken)
    end.release()
    expect(await first).toBe('published')
    expect(published()).toEqual(of('one'))
  })

  test('that each overwrite a tag of the other: if one has already failed, the other is published', async () => {
    const { first, second, releaseOne, releaseTwo } = await interlock()
    releaseOne()
    expect(await first).toEqual(overtaken)
    releaseTwo()
    expect(await second).toBe('published')
    expect(published()).toEqual(of('two'))
  })

  test('that each overwrite a tag of the other: if both fail, every tag is restored', async () => {
    const before = { ...published(), ...(what === 'tags that are there' && of('nobody')) }
    const { first, second, releaseOne, releaseTwo } = await interlock()
    const undo = [hold(headOf('amd64-addon'), 1), hold(headOf('addon'), 1)]
    releaseOne()
    await Promise.race([Promise.all(undo.map(({ reached }) => reached)), first])
    releaseTwo()
    expect(await second).toEqual(overtaken)
    for (const { release } of undo) release()
    expect(await first).toEqual(overtaken)
    expect(published()).toEqual(before)
  })
})

test('a tag that is up to date is not moved, but is checked again at the end', async () => {
  await move('one')
  registry.seen.length = 0
  await move('one')
  expect(lines(registry).filter((line) => !line.startsWith('HEAD'))).toEqual([])
  const [first, second] = movesOf('one')
  const third = { repository: addonOf(registry, 'other'), tag: '1.0', manifest: manifestOf('other') }
  registry.faults.add({
    on: /^PUT .*\/other\/manifests/,
    onHit: () => void registry.tags.set('org/addon:1.0', manifestOf('another').digest),
  })
  if (!first || !second) throw new Error('there are two')
  await expect(moveTags([first, second, third], openClient())).rejects.toThrow(
    /org\/addon:1\.0 points at .*another run/,
  )
  expect([...registry.tags.keys()]).toEqual(['org/amd64-addon:1.0', 'org/addon:1.0'])
})

test('a tag that is deleted in the meantime is detected', async () => {
  registry.faults.add({ on: /^PUT .*\/org\/addon\//, onHit: () => void registry.tags.delete('org/amd64-addon:1.0') })
  await expect(move('one')).rejects.toThrow(/org\/amd64-addon:1\.0 points at nothing, not at /)
  expect(published()).toEqual({})
})

test('a refusal keeps its code and lists the tags that could not be restored', async () => {
  registry.faults.add({ on: asked.putTag, after: 1, answer: refusal(403, 'DENIED') })
  registry.faults.add({ on: /^DELETE /, answer: refusal(405, 'UNSUPPORTED') })
  await expect(move('one')).rejects.toMatchObject({
    code: 'DENIED',
    message: expect.stringMatching(
      new RegExp(
        `with 403 \\(DENIED: no\\)\\. These tags could not be put back: ${registry.host}/org/amd64-addon:1\\.0\\.$`,
      ),
    ),
  })
  expect(published()).toEqual({ 'org/amd64-addon:1.0': 'amd64-addon of one' })
})

test('no tag is moved if the registry does not return the current tags', async () => {
  registry.faults.add({ on: /^HEAD /, answer: { status: 403 } })
  await expect(move('one')).rejects.toMatchObject({ code: 'DENIED' })
  expect(lines(registry).filter((line) => line.startsWith('PUT'))).toEqual([])
})

describe('one tag', () => {
  const moveOne = () => moveTags(movesOf('one').slice(1), openClient())

  test('that another run moves before it is read back is detected', async () => {
    registry.faults.add({
      on: /^GET .*\/org\/addon\//,
      onHit: () => {
        const { digest, bytes, mediaType } = manifestOf('addon of two')
        registry.manifests.set(`org/addon@${digest}`, { type: mediaType, bytes })
        registry.tags.set('org/addon:1.0', digest)
      },
    })
    await expect(moveOne()).rejects.toThrow(
      `${registry.host}/org/addon:1.0 points at ${manifestOf('addon of two').digest}, not at ${manifestOf('addon of one').digest}: another run`,
    )
    expect(published()).toEqual({ 'org/addon:1.0': 'addon of two' })
  })

  test('whose manifest cannot be read is not moved, because it could not be restored', async () => {
    await move('nobody')
    registry.faults.add({ on: /^GET /, answer: refusal(403, 'DENIED') })
    await expect(moveOne()).rejects.toMatchObject({ code: 'DENIED' })
    expect(published()).toEqual(of('nobody'))
  })

  test('that is deleted while it is read counts as a new tag', async () => {
    await move('nobody')
    registry.faults.add({ on: /^GET /, times: 1, onHit: () => void registry.tags.delete('org/addon:1.0') })
    await moveOne()
    expect(published()['org/addon:1.0']).toBe('addon of one')
  })
})

test('all tags that could not be restored are listed', async () => {
  const third = { repository: addonOf(registry, 'other'), tag: '1.0', manifest: manifestOf('other') }
  registry.faults.add({ on: asked.putTag, after: 2, answer: refusal(403, 'DENIED') })
  registry.faults.add({ on: /^DELETE /, answer: refusal(405, 'UNSUPPORTED') })
  await expect(moveTags([...movesOf('one'), third], openClient())).rejects.toThrow(
    `put back: ${registry.host}/org/amd64-addon:1.0, ${registry.host}/org/addon:1.0.`,
  )
})
