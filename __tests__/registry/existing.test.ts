import { Readable } from 'node:stream'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { type Architecture, ociPlatformOf } from '../../src/core/architecture.ts'
import { sha256 } from '../../src/core/sha256.ts'
import type { Manifest, Registry } from '../../src/registry/client.ts'
import { RegistryError } from '../../src/registry/error.ts'
import { makeIndex } from '../../src/registry/image-index.ts'
import { parseRepository } from '../../src/registry/name.ts'
import { AlreadyPublished, publish } from '../../src/registry/publish.ts'
import type { Publishable, PublishableAddon } from '../../src/registry/publishable.ts'
import type { StoredImage } from '../../src/registry/stored-image.ts'
import { type MemoryRegistry, memoryRegistry } from './memory.ts'

const mediaType = 'application/vnd.oci.image.manifest.v1+json'

function stored(content: string): StoredImage {
  const config = { mediaType: 'application/vnd.oci.image.config.v1+json', digest: sha256(`config ${content}`), size: 1 }
  const layer = { mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: sha256(`layer ${content}`), size: 1 }
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, config, layers: [layer] }))
  return {
    manifest: { digest: sha256(bytes), mediaType, bytes },
    configDigest: config.digest,
    blobs: [layer, config].map(({ digest, size }) => ({ digest, size })),
    open: () => Readable.from(['x']),
  }
}

const two = ['amd64', 'aarch64'] as const

interface Shape {
  /** Registries, `r.example` by default. */
  readonly registries?: readonly string[]
  readonly architectures?: readonly Architecture[]
  /** All architectures share the name of the list. */
  readonly shared?: boolean
  readonly list?: boolean
}

/** An add-on of version 1.2.3, whose images have this content. */
function addon(content: string, shape: Shape = {}): PublishableAddon {
  const { registries = ['r.example'], architectures = two, shared = false, list = true } = shape
  const tags = ['1.2.3', 'latest']
  const images = architectures.map((architecture): Publishable => {
    const image = stored(`${content} ${architecture}`)
    return {
      architecture,
      names: registries.map((host) =>
        shared ? { image: `${host}/addon`, tags: [] } : { image: `${host}/${architecture}-addon`, tags },
      ),
      stored: image,
      testedConfig: image.configDigest,
    }
  })
  return {
    images,
    ...(list && {
      multiArch: { names: registries.map((host) => ({ image: `${host}/addon`, tags })), annotations: new Map() },
    }),
    isVersion: (tag) => tag === '1.2.3',
  }
}

const digestOf = (content: string, architecture: Architecture): string =>
  stored(`${content} ${architecture}`).manifest.digest

/** What the tags of a registry point at. */
const tagsOf = ({ tags }: MemoryRegistry): Record<string, string> =>
  Object.fromEntries([...tags].filter(([name]) => !name.includes('@')).map(([name, { digest }]) => [name, digest]))

/** The images of a manifest list, by OCI architecture. */
const entriesOf = (manifest: Manifest | undefined): Record<string, string> =>
  Object.fromEntries(
    (JSON.parse(String(manifest?.bytes)).manifests as { digest: string; platform: { architecture: string } }[]).map(
      ({ digest, platform }) => [platform.architecture, digest],
    ),
  )

async function withPublished(content: string, shape: Shape = {}): Promise<MemoryRegistry> {
  const registry = memoryRegistry()
  await publish([addon(content, shape)], registry)
  registry.log.length = 0
  return registry
}

const isTag = (name: string): boolean => !name.includes('@')

describe('replace', () => {
  test('moves the tags of a version, and names those that pointed at other images', async () => {
    const registry = await withPublished('old')
    const [published] = await publish([addon('new')], registry)
    expect(published?.replaced).toEqual([
      'r.example/amd64-addon:1.2.3',
      'r.example/aarch64-addon:1.2.3',
      'r.example/addon:1.2.3',
    ])
    expect(tagsOf(registry)['r.example/amd64-addon:1.2.3']).toBe(digestOf('new', 'amd64'))
  })

  test('replaces nothing if the images are the same', async () => {
    const registry = await withPublished('same')
    const [published] = await publish([addon('same')], registry)
    expect(published?.replaced).toEqual([])
  })
})

describe('fail', () => {
  test('rejects with the tags of each add-on, and writes nothing', async () => {
    const registry = await withPublished('old')
    const before = tagsOf(registry)
    const other = { ...addon('other'), images: [], isVersion: () => true }
    const failing = publish([{ ...other, multiArch: undefined as never }, addon('new')], registry, { existing: 'fail' })
    await expect(failing).rejects.toThrow(AlreadyPublished)
    await expect(failing).rejects.toMatchObject({
      tags: [[], ['r.example/amd64-addon:1.2.3', 'r.example/aarch64-addon:1.2.3', 'r.example/addon:1.2.3']],
    })
    expect(registry.log).toEqual([])
    expect(tagsOf(registry)).toEqual(before)
  })

  test.each([
    ['a new version', memoryRegistry],
    ['the same images', () => withPublished('new')],
  ])('publishes %s', async (_, open) => {
    const registry = await open()
    await publish([addon('new')], registry, { existing: 'fail' })
    expect(tagsOf(registry)['r.example/amd64-addon:1.2.3']).toBe(digestOf('new', 'amd64'))
  })

  test('rejects if one architecture is published', async () => {
    const registry = await withPublished('old', { architectures: ['amd64'], list: false })
    await expect(publish([addon('new')], registry, { existing: 'fail' })).rejects.toMatchObject({
      tags: [['r.example/amd64-addon:1.2.3']],
    })
  })
})

describe('keep', () => {
  test('leaves a version that is complete, and moves the other tags', async () => {
    const registry = await withPublished('old')
    const before = tagsOf(registry)
    const [published] = await publish([addon('new')], registry, { existing: 'keep' })
    expect(tagsOf(registry)).toEqual({
      ...before,
      'r.example/amd64-addon:latest': digestOf('new', 'amd64'),
      'r.example/aarch64-addon:latest': digestOf('new', 'aarch64'),
      'r.example/addon:latest': expect.not.stringMatching(String(before['r.example/addon:latest'])),
    })
    expect(published?.digests.get('amd64')).toBe(digestOf('old', 'amd64'))
    expect(published?.manifest).toBe(before['r.example/addon:1.2.3'])
    expect(published?.tags.filter(({ kept }) => kept).map(({ image, tag }) => `${image}:${tag}`)).toEqual([
      'r.example/amd64-addon:1.2.3',
      'r.example/aarch64-addon:1.2.3',
      'r.example/addon:1.2.3',
    ])
    expect(published?.replaced).toEqual([])
  })

  test('uploads and signs nothing if there is nothing to publish', async () => {
    const registry = await withPublished('old')
    const onlyVersion = (one: PublishableAddon): PublishableAddon => ({ ...one, isVersion: () => true })
    const signed: string[] = []
    const sign = async (references: readonly string[]) => void signed.push(...references)
    await publish([onlyVersion(addon('new'))], registry, { existing: 'keep', sign })
    expect([registry.log, signed]).toEqual([[], []])
  })

  test('completes a half-published version: the new architecture, and the list of both', async () => {
    const registry = await withPublished('old', { architectures: ['amd64'], list: false })
    const [published] = await publish([addon('new')], registry, { existing: 'keep' })
    expect(tagsOf(registry)).toMatchObject({
      'r.example/amd64-addon:1.2.3': digestOf('old', 'amd64'),
      'r.example/aarch64-addon:1.2.3': digestOf('new', 'aarch64'),
    })
    expect(entriesOf(registry.tags.get('r.example/addon:1.2.3'))).toEqual({
      amd64: digestOf('old', 'amd64'),
      arm64: digestOf('new', 'aarch64'),
    })
    // Every image of the list must be in its repository.
    expect(registry.tags.has(`r.example/addon@${digestOf('old', 'amd64')}`)).toBe(true)
    expect([...(published?.digests ?? [])]).toEqual([
      ['amd64', digestOf('old', 'amd64')],
      ['aarch64', digestOf('new', 'aarch64')],
    ])
  })

  test('adds the missing architecture to a published list, which keeps everything else', async () => {
    const registry = await withPublished('old', { architectures: ['amd64'], shared: true })
    const [published] = await publish([addon('new', { shared: true })], registry, { existing: 'keep' })
    expect(entriesOf(registry.tags.get('r.example/addon:1.2.3'))).toEqual({
      amd64: digestOf('old', 'amd64'),
      arm64: digestOf('new', 'aarch64'),
    })
    expect(entriesOf(registry.tags.get('r.example/addon:latest'))).toEqual({
      amd64: digestOf('new', 'amd64'),
      arm64: digestOf('new', 'aarch64'),
    })
    expect(published?.digests.get('amd64')).toBe(digestOf('old', 'amd64'))
  })

  test('copies a version to a registry that does not have it', async () => {
    const registry = await withPublished('old')
    await publish([addon('new', { registries: ['r.example', 's.example'] })], registry, { existing: 'keep' })
    const tags = tagsOf(registry)
    for (const name of ['amd64-addon', 'aarch64-addon', 'addon']) {
      expect(tags[`s.example/${name}:1.2.3`]).toBe(tags[`r.example/${name}:1.2.3`])
    }
    expect(tags['s.example/amd64-addon:latest']).toBe(digestOf('new', 'amd64'))
    expect(registry.tags.has(`s.example/addon@${digestOf('old', 'aarch64')}`)).toBe(true)
  })

  test('leaves a single image under the name of the list', async () => {
    const registry = memoryRegistry()
    const single = stored('single').manifest
    await registry.putManifest(parseRepository('r.example/addon'), '1.2.3', single)
    await publish([addon('new')], registry, { existing: 'keep' })
    expect(tagsOf(registry)).toMatchObject({
      'r.example/addon:1.2.3': single.digest,
      'r.example/amd64-addon:1.2.3': digestOf('new', 'amd64'),
    })
  })

  test('takes the image and its attestation out of an index under the tag of an architecture', async () => {
    const registry = memoryRegistry()
    const repository = parseRepository('r.example/amd64-addon')
    const [image, attestation] = [stored('by others'), stored('attestation')]
    const index = makeIndex([{ architecture: 'amd64', manifest: image.manifest, attestation: attestation.manifest }])
    for (const { digest, ...manifest } of [image.manifest, attestation.manifest, index]) {
      await registry.putManifest(repository, digest, manifest)
    }
    await registry.putManifest(repository, '1.2.3', index)
    await publish([addon('new')], registry, { existing: 'keep' })
    expect(tagsOf(registry)['r.example/amd64-addon:1.2.3']).toBe(index.digest)
    expect(entriesOf(registry.tags.get('r.example/addon:1.2.3'))).toEqual({
      amd64: image.manifest.digest,
      arm64: digestOf('new', 'aarch64'),
      unknown: attestation.manifest.digest,
    })
    expect(registry.tags.has(`r.example/addon@${attestation.manifest.digest}`)).toBe(true)
  })

  test('asks for each tag of the version at most twice', async () => {
    const registry = await withPublished('old')
    const asked = new Map<string, number>()
    const count = (path: string, reference: string) => {
      if (reference === '1.2.3') asked.set(path, (asked.get(path) ?? 0) + 1)
    }
    const watched: Registry = {
      ...registry,
      manifest: (repository, reference) => {
        count(repository.path, reference)
        return registry.manifest(repository, reference)
      },
      digestOf: (repository, reference) => {
        count(repository.path, reference)
        return registry.digestOf(repository, reference)
      },
    }
    await publish([addon('new')], watched, { existing: 'keep' })
    expect([...asked.values()]).toEqual([2, 2, 2])
  })

  test.each(['keep', 'fail'] as const)(
    'with "%s", a repository that a registry refuses to show before its first image is created',
    async (existing) => {
      const registry = memoryRegistry()
      const hiding: Registry = {
        ...registry,
        digestOf: async (repository, reference) => {
          const start = `${repository.registry}/${repository.path}`
          if (![...registry.tags.keys()].some((name) => name.startsWith(start))) throw new RegistryError('DENIED', 'no')
          return registry.digestOf(repository, reference)
        },
      }
      await publish([addon('new')], hiding, { existing })
      expect(tagsOf(registry)['r.example/addon:1.2.3']).toBeDefined()
    },
  )

  test('a version that the registry hides is not replaced', async () => {
    const registry = await withPublished('old')
    const before = tagsOf(registry)
    let isHidden = true
    const hiding: Registry = {
      ...registry,
      digestOf: async (repository, reference) => {
        if (isHidden && reference === '1.2.3') throw new RegistryError('DENIED', 'no')
        return registry.digestOf(repository, reference)
      },
      putManifest: async (...args) => {
        isHidden = false
        return registry.putManifest(...args)
      },
    }
    await expect(publish([addon('new')], hiding, { existing: 'keep' })).rejects.toThrow('another run publishes')
    expect(tagsOf(registry)).toEqual(before)
  })

  test('reads no image of a complete list', async () => {
    const registry = await withPublished('old')
    const asked: string[] = []
    const watched: Registry = {
      ...registry,
      manifest: (repository, reference) => {
        asked.push(`${repository.path}@${reference}`)
        return registry.manifest(repository, reference)
      },
    }
    const onlyVersion = (one: PublishableAddon): PublishableAddon => ({ ...one, isVersion: () => true })
    await publish([onlyVersion(addon('new'))], watched, { existing: 'keep' })
    expect(asked.filter((one) => one.startsWith('addon@sha256:'))).toEqual([])
  })

  test('rejects if a registry cannot be asked, and moves nothing', async () => {
    const registry = await withPublished('old')
    const broken: Registry = {
      ...registry,
      digestOf: async (repository, reference) => {
        if (reference === '1.2.3' && repository.path === 'addon') throw new RegistryError('UNAVAILABLE', 'down')
        return registry.digestOf(repository, reference)
      },
    }
    await expect(publish([addon('new')], broken, { existing: 'keep' })).rejects.toThrow('down')
    expect(registry.log.filter(isTag)).toEqual([])
  })

  test('whatever is published before, completes the version and changes nothing of it', async () => {
    const names = ['amd64-addon', 'aarch64-addon']
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('r.example', 's.example'), { minLength: 1, maxLength: 2 }),
        fc.subarray([...two]),
        fc.subarray(['r.example', 's.example'], { minLength: 1 }),
        fc.boolean(),
        async (from, published, to, list) => {
          const registry = memoryRegistry()
          const before = {
            registries: [...new Set(from)],
            architectures: published,
            list: list && published.length > 0,
          }
          await publish([addon('old', before)], registry)
          const old = tagsOf(registry)
          await publish([addon('new', { registries: to })], registry, { existing: 'keep' })
          const now = tagsOf(registry)
          for (const host of to) {
            const entries = entriesOf(registry.tags.get(`${host}/addon:1.2.3`))
            for (const [index, name] of names.entries()) {
              const tag = `${host}/${name}:1.2.3`
              if (old[tag]) expect(now[tag]).toBe(old[tag])
              // One image of a version everywhere.
              expect(now[tag]).toBe(entries[ociPlatformOf(two[index] as Architecture).architecture])
              expect(registry.tags.has(`${host}/addon@${now[tag]}`)).toBe(true)
              expect(now[`${host}/${name}:latest`]).toBe(digestOf('new', two[index] as Architecture))
            }
          }
        },
      ),
    )
  })
})
