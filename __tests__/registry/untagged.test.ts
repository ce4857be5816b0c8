import { describe, expect, test } from '@jest/globals'
import { sha256 } from '../../src/core/sha256.ts'
import type { Manifest, Registry } from '../../src/registry/client.ts'
import { RegistryError } from '../../src/registry/error.ts'
import { parseRepository } from '../../src/registry/name.ts'
import { deleteUntagged } from '../../src/registry/untagged.ts'
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

test('only manifests that no tag references are deleted', async () => {
  const { registry, has } = await registryWith([ours, other], { '1.0': image('published') })
  expect([...(await deleteUntagged(repository, digestsOf(ours), registry))]).toEqual([[ours.digest, undefined]])
  expect([has(ours), has(other), registry.tags.has('r.example/addon:1.0')]).toEqual([false, true, true])
})

test('manifests of a repository without tags are deleted, and missing ones are ignored', async () => {
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
])('a manifest that a tag references %s is kept', async (_, tags, more) => {
  const { registry, has } = await registryWith([ours, ...more], tags)
  expect([...(await deleteUntagged(repository, digestsOf(ours), registry)).values()]).toEqual(['a tag leads to it'])
  expect(has(ours)).toBe(true)
})

test('a registry that does not delete manifests gets one request, and its tags are not read', async () => {
  const registry = memoryRegistry(false)
  await registry.putManifest(repository, ours.digest, ours)
  const asked: string[] = []
  const watched: Registry = {
    ...registry,
    deleteManifest: async (where, digest) => {
      asked.push(`delete ${digest}`)
      return registry.deleteManifest(where, digest)
    },
    listTags: async () => {
      asked.push('tags')
      return []
    },
  }
  const fates = await deleteUntagged(repository, digestsOf(ours, other), watched)
  expect([...fates.values()]).toEqual(Array(2).fill('the registry does not let this login delete manifests'))
  // Of what nothing has: a registry that does delete has lost nothing.
  expect(asked).toEqual([`delete sha256:${'0'.repeat(64)}`])
})

test.each<[string, Partial<Registry>, unknown]>([
  [
    'tags cannot be listed',
    { listTags: () => Promise.reject(new RegistryError('UNAVAILABLE', 'r.example answers 500')) },
    'r.example answers 500',
  ],
  [
    'a tag cannot be read',
    { digestOf: () => Promise.reject(new RegistryError('UNAVAILABLE', 'r.example answers 502')) },
    'r.example answers 502',
  ],
  [
    'a tag refers to text',
    { manifest: async () => ({ ...ours, bytes: Buffer.from('"text"') }) },
    expect.stringMatching(/^r\.example sent JSON that is not an object instead of a manifest\./),
  ],
  [
    'a tag refers to something other than a manifest',
    { manifest: async () => ({ ...ours, bytes: Buffer.from('null') }) },
    expect.stringMatching(/^r\.example sent JSON that is not an object instead of a manifest\./),
  ],
  [
    'there are too many tags to be read',
    { listTags: async () => Array.from({ length: 501 }, (_, number) => `1.${number}`) },
    'there are more than 500 tags that may lead to it',
  ],
  [
    'the login may not delete',
    { deleteManifest: () => Promise.reject(new RegistryError('UNAUTHORIZED', 'r.example answers 401')) },
    'the registry does not let this login delete manifests',
  ],
])('nothing is deleted if %s', async (_, changes, why) => {
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
      if (digest === ours.digest) throw new RegistryError('UNAVAILABLE', 'r.example answers 503')
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
      if (lists > 1) throw new RegistryError('UNAVAILABLE', 'r.example answers 500')
      return registry.listTags(where)
    },
  })
  expect([...fates.values()]).toEqual(['a tag may have come to lead to it meanwhile'])
  expect(has(ours)).toBe(true)
})

describe('what tags lead to', () => {
  test('is followed through three indexes, and not known beyond', async () => {
    const chain = (length: number) => {
      const all = [ours]
      for (let at = 0; at < length; at += 1) all.unshift(index(...all.slice(0, 1)))
      return all
    }
    for (const [length, why] of [
      [3, 'a tag leads to it'],
      [4, 'a tag leads to indexes within indexes'],
    ] as const) {
      const [top, ...below] = chain(length)
      const { registry, has } = await registryWith(below, { '1.0': top ?? ours })
      expect([...(await deleteUntagged(repository, digestsOf(ours), registry)).values()]).toEqual([why])
      expect(has(ours)).toBe(true)
    }
  })

  test('is read once, before and after, and images are not read at all', async () => {
    const docker = { ...image('docker'), mediaType: 'application/vnd.docker.distribution.manifest.v2+json' }
    const list = index(other, docker)
    const { registry, has } = await registryWith([ours, other, docker], { '1.0': list, latest: list })
    const read: string[] = []
    const watched: Registry = {
      ...registry,
      manifest: async (where, digest) => {
        read.push(digest)
        return registry.manifest(where, digest)
      },
    }
    await deleteUntagged(repository, digestsOf(ours), watched)
    expect(read).toEqual([list.digest, ours.digest])
    expect(has(ours)).toBe(false)
  })

  test('is nothing where a tag has gone, is only named like one of cosign, or where an index holds no descriptors', async () => {
    const empty = make(types.index, { manifests: [null, 7, {}, { digest: 'sha256:1' }] })
    const tags = { empty, [`x-${ours.digest.replace(':', '-')}`]: other, gone: other }
    const { registry, has } = await registryWith([ours], tags)
    const fates = await deleteUntagged(repository, digestsOf(ours), {
      ...registry,
      digestOf: async (where, tag) => (tag === 'gone' ? undefined : registry.digestOf(where, tag)),
    })
    expect([[...fates.values()], has(ours)]).toEqual([[undefined], false])
  })

  test('may be as many as five hundred tags', async () => {
    const tags = Object.fromEntries(Array.from({ length: 500 }, (_, number) => [`1.${number}`, other]))
    const { registry, has } = await registryWith([ours], tags)
    await deleteUntagged(repository, digestsOf(ours), registry)
    expect(has(ours)).toBe(false)
  })
})

test('a registry that refuses to delete just this one keeps it', async () => {
  const { registry, has } = await registryWith([ours])
  const fates = await deleteUntagged(repository, digestsOf(ours), {
    ...registry,
    deleteManifest: async (_, digest) => (digest === ours.digest ? 'refused' : 'missing'),
  })
  expect([...fates.values()]).toEqual(['the registry does not let this login delete manifests'])
  expect(has(ours)).toBe(true)
})

test('what somebody else has deleted meanwhile is not put back', async () => {
  const { registry } = await registryWith([ours, other])
  registry.log.length = 0
  const fates = await deleteUntagged(repository, digestsOf(ours, other), {
    ...registry,
    deleteManifest: async (where, digest) =>
      digest === ours.digest ? 'missing' : registry.deleteManifest(where, digest),
    // After the one that was deleted here, nothing can be read any more.
    listTags: async () => (registry.tags.size < 2 ? Promise.reject(new Error('broken')) : []),
  })
  expect([...fates.values()]).toEqual([undefined, 'a tag may have come to lead to it meanwhile'])
  expect(registry.log).toEqual([`r.example/addon@${other.digest}`])
})

test('what cannot be put back is named, and what is gone is not', async () => {
  const { registry } = await registryWith([ours, other])
  const fates = await deleteUntagged(repository, digestsOf(other, ours), {
    ...registry,
    listTags: async () => (registry.tags.size < 2 ? ['1.0'] : []),
    digestOf: async () => ours.digest,
    manifest: async (_, digest) => (digest === ours.digest ? ours : other),
    putManifest: () => Promise.reject(new RegistryError('UNAVAILABLE', 'r.example answers 500')),
  })
  expect([...fates]).toEqual([
    [other.digest, undefined],
    [
      ours.digest,
      'it was deleted, but a tag may have come to lead to it meanwhile, and it cannot be put back: r.example answers 500',
    ],
  ])
})
