import { expect, test } from '@jest/globals'
import type { Manifest, Registry } from '../../src/registry/client.ts'
import { sha256 } from '../../src/registry/digest.ts'
import { RegistryError } from '../../src/registry/error.ts'
import { deleteUntagged } from '../../src/registry/leftovers.ts'
import { parseRepository } from '../../src/registry/name.ts'
import { memoryRegistry } from './memory.ts'

const repository = parseRepository('r.example/addon')
const types = {
  image: 'application/vnd.oci.image.manifest.v1+json',
  index: 'application/vnd.oci.image.index.v1+json',
}

const make = (mediaType: string, content: object): Manifest => {
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...content }))
  return { digest: sha256(bytes), mediaType, bytes }
}
const image = (name: string, more: object = {}): Manifest => make(types.image, { name, ...more })
const index = (...manifests: readonly Manifest[]): Manifest =>
  make(types.index, { manifests: manifests.map(({ digest, mediaType }) => ({ digest, mediaType })) })

/** A registry that has these manifests under their digests, and some of them under tags, too. */
async function registryWith(manifests: readonly Manifest[], tags: Readonly<Record<string, Manifest>> = {}) {
  const registry = memoryRegistry()
  for (const one of [...manifests, ...Object.values(tags)]) await registry.putManifest(repository, one.digest, one)
  for (const [tag, one] of Object.entries(tags)) await registry.putManifest(repository, tag, one)
  const has = ({ digest }: Manifest) => registry.tags.has(`r.example/addon@${digest}`)
  return { registry, has }
}
const digestsOf = (...manifests: readonly Manifest[]) => manifests.map(({ digest }) => digest)

const ours = image('ours')
const other = image('other')

test('a manifest that no tag leads to is deleted, and no other one', async () => {
  const { registry, has } = await registryWith([ours, other], { '1.0': image('published') })
  expect([...(await deleteUntagged(repository, digestsOf(ours), registry))]).toEqual([[ours.digest, undefined]])
  expect([has(ours), has(other), registry.tags.has('r.example/addon:1.0')]).toEqual([false, true, true])
})

test('a repository without any tag is no hindrance, nor is a manifest that is gone already', async () => {
  const { registry, has } = await registryWith([ours])
  expect([...(await deleteUntagged(repository, digestsOf(ours, other), registry)).values()]).toEqual([
    undefined,
    undefined,
  ])
  expect(has(ours)).toBe(false)
})

test.each<[string, Readonly<Record<string, Manifest>>, readonly Manifest[]]>([
  ['by itself', { '1.0': ours }, []],
  ['by itself, among others', { '0.9': other, '1.0': ours, latest: other }, []],
  ['through an index', { '1.0': index(other, ours) }, [other]],
  ['through an index in an index', { '1.0': index(index(other, ours)) }, [index(other, ours), other]],
  [
    'through a list of Docker',
    {
      '1.0': make('application/vnd.docker.distribution.manifest.list.v2+json', {
        manifests: [{ digest: ours.digest }],
      }),
    },
    [],
  ],
  ['as the subject of a signature', { signature: image('signature', { subject: { digest: ours.digest } }) }, []],
  ['as the name of what cosign keeps for it', { [`${ours.digest.replace(':', '-')}.sig`]: other }, []],
])('a manifest that a tag leads to %s stays', async (_, tags, more) => {
  const { registry, has } = await registryWith([ours, ...more], tags)
  expect([...(await deleteUntagged(repository, digestsOf(ours), registry)).values()]).toEqual(['a tag leads to it'])
  expect(has(ours)).toBe(true)
})

test('a registry that deletes no manifests is asked once, and for none of its tags', async () => {
  const registry = memoryRegistry(false)
  await registry.putManifest(repository, ours.digest, ours)
  const asked: string[] = []
  const watched: Registry = {
    ...registry,
    deleteManifest: async (...what) => {
      asked.push('delete')
      return registry.deleteManifest(...what)
    },
    listTags: async () => {
      asked.push('tags')
      return []
    },
  }
  const fates = await deleteUntagged(repository, digestsOf(ours, other), watched)
  expect([...fates.values()]).toEqual(Array(2).fill('the registry does not let this login delete manifests'))
  expect(asked).toEqual(['delete'])
})

test.each<[string, Partial<Registry>, string]>([
  [
    'tags cannot be listed',
    { listTags: () => Promise.reject(new RegistryError('r.example answers 500', 500)) },
    'r.example answers 500',
  ],
  [
    'a tag cannot be read',
    { digestOf: () => Promise.reject(new RegistryError('r.example answers 502', 502)) },
    'r.example answers 502',
  ],
  [
    'there are too many tags to be read',
    { listTags: async () => Array.from({ length: 501 }, (_, number) => `1.${number}`) },
    'there are more than 500 tags that may lead to it',
  ],
  [
    'the login may not delete',
    { deleteManifest: () => Promise.reject(new RegistryError('r.example answers 401', 401)) },
    'the registry does not let this login delete manifests',
  ],
])('nothing is deleted where %s', async (_, changes, why) => {
  const { registry, has } = await registryWith([ours], { '1.0': other })
  const fates = await deleteUntagged(repository, digestsOf(ours), { ...registry, ...changes })
  expect([...fates.values()]).toEqual([why])
  expect(has(ours)).toBe(true)
})

test('one that cannot be deleted does not keep the others', async () => {
  const { registry, has } = await registryWith([ours, other])
  const fates = await deleteUntagged(repository, digestsOf(ours, other), {
    ...registry,
    deleteManifest: async (where, digest) => {
      if (digest === ours.digest) throw new RegistryError('r.example answers 503', 503)
      return registry.deleteManifest(where, digest)
    },
  })
  expect([...fates.values()]).toEqual(['r.example answers 503', undefined])
  expect([has(ours), has(other)]).toEqual([true, false])
})

test('a manifest that another run publishes at the same time is put back', async () => {
  const { registry, has } = await registryWith([ours, other], { '0.9': other })
  const list = index(ours, other)
  registry.beforeWrite = (what) => {
    if (what !== `delete r.example/addon@${ours.digest}`) return
    registry.tags.set('r.example/addon:1.0', list)
    registry.tags.set(`r.example/addon@${list.digest}`, list)
  }
  const fates = await deleteUntagged(repository, digestsOf(ours), registry)
  expect([...fates.values()]).toEqual(['a tag may have come to lead to it meanwhile'])
  expect(has(ours)).toBe(true)
})

test('a manifest is put back where the tags cannot be read any more', async () => {
  const { registry, has } = await registryWith([ours], { '0.9': other })
  let lists = 0
  const fates = await deleteUntagged(repository, digestsOf(ours), {
    ...registry,
    listTags: async (where) => {
      lists += 1
      if (lists > 1) throw new RegistryError('r.example answers 500', 500)
      return registry.listTags(where)
    },
  })
  expect([...fates.values()]).toEqual(['a tag may have come to lead to it meanwhile'])
  expect(has(ours)).toBe(true)
})
