import { Readable } from 'node:stream'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Architecture } from '../../src/core/architecture.ts'
import { sha256 } from '../../src/core/sha256.ts'
import type { Registry } from '../../src/registry/client.ts'
import { codeOf, RegistryError } from '../../src/registry/error.ts'
import { parseRepository } from '../../src/registry/name.ts'
import { eachBlobOnce, publish } from '../../src/registry/publish.ts'
import type { Publishable, PublishableAddon } from '../../src/registry/publishable.ts'
import { memoryRegistry } from './memory.ts'

const image = (architecture: Architecture, content = 'v2'): Publishable => {
  const config = sha256(`config ${architecture} ${content}`)
  const bytes = Buffer.from(JSON.stringify({ config, architecture, content }))
  const manifest = { digest: sha256(bytes), mediaType: 'application/vnd.oci.image.manifest.v1+json', bytes }
  return {
    architecture,
    names: [{ image: `r.example/${architecture}-addon`, tags: [content, 'latest'] }],
    stored: { manifest, configDigest: config, blobs: [{ digest: config, size: 1 }], open: () => Readable.from(['x']) },
    testedConfig: config,
  }
}

const addon = (content = 'v2'): PublishableAddon => ({
  images: [image('amd64', content), image('aarch64', content)],
  multiArch: { names: [{ image: 'r.example/addon', tags: [content, 'latest'] }], annotations: new Map() },
  isVersion: (tag) => tag !== 'latest',
})

const isTag = (name: string) => !name.includes('@')

describe('publishing', () => {
  test('moves no tag before everything is uploaded, single architectures first, the manifest list last', async () => {
    const registry = memoryRegistry()
    await publish([addon()], registry)
    const firstTag = registry.log.findIndex(isTag)
    expect(registry.log.slice(firstTag).every(isTag)).toBe(true)
    expect(registry.log.filter(isTag)).toEqual([
      'r.example/amd64-addon:v2',
      'r.example/amd64-addon:latest',
      'r.example/aarch64-addon:v2',
      'r.example/aarch64-addon:latest',
      'r.example/addon:v2',
      'r.example/addon:latest',
    ])
  })

  test('returns the digests of the tested images and of the manifest list', async () => {
    const registry = memoryRegistry()
    const [published] = await publish([addon()], registry)
    expect(published?.digests.get('amd64')).toBe(image('amd64').stored.manifest.digest)
    expect(registry.tags.get('r.example/addon:latest')?.digest).toBe(published?.manifest)
  })

  test('again, moves nothing', async () => {
    const registry = memoryRegistry()
    await publish([addon()], registry)
    registry.log.length = 0
    await publish([addon()], registry)
    expect(registry.log.filter(isTag)).toEqual([])
  })

  test('again, requests each image once in each repository, and none of its blobs', async () => {
    const registry = memoryRegistry()
    await publish([addon()], registry)
    const asked: string[] = []
    const watched: Registry = {
      ...registry,
      digestOf: async (repository, reference) => {
        asked.push(reference.startsWith('sha256:') ? 'image' : 'tag')
        return registry.digestOf(repository, reference)
      },
      putBlob: async () => {
        throw new Error('a blob was asked for')
      },
    }
    await publish([addon()], watched)
    expect(asked.filter((what) => what === 'image')).toHaveLength(4)
    expect(asked.filter((what) => what === 'tag')).toHaveLength(6)
  })

  test('uploads blobs that several images share once to each repository', async () => {
    const registry = memoryRegistry()
    const sent: string[] = []
    const slow: Registry = {
      ...registry,
      async putBlob({ path }, blob, ...rest) {
        sent.push(`${path} ${blob.size}`)
        await new Promise((resolve) => setTimeout(resolve, 5))
        return registry.putBlob(parseRepository(`r.example/${path}`), blob, ...rest)
      },
    }
    const common = { digest: sha256('common'), size: 77 }
    const images = (['amd64', 'aarch64', 'armv7'] as const).map((architecture) => {
      const one = image(architecture)
      return { ...one, stored: { ...one.stored, blobs: [common, ...one.stored.blobs] } }
    })
    await publish([{ ...addon(), images }], slow)
    expect(sent.filter((one) => one.endsWith(' 77')).sort()).toEqual([
      'aarch64-addon 77',
      'addon 77',
      'amd64-addon 77',
      'armv7-addon 77',
    ])
  })

  test('retries a blob that another image failed to upload', async () => {
    const registry = memoryRegistry()
    const repository = parseRepository('r.example/addon')
    const blob = { digest: sha256('x'), size: 1 }
    const shared = eachBlobOnce(registry)
    registry.beforeWrite = () => {
      throw new RegistryError('UNAVAILABLE', 'broken')
    }
    await expect(shared.putBlob(repository, blob, () => Readable.from(['x']))).rejects.toThrow('broken')
    registry.beforeWrite = () => {}
    await expect(shared.putBlob(repository, blob, () => Readable.from(['x']))).resolves.toBe('uploaded')
  })

  test.each([401, 403, 404])(
    'creates a repository for which the registry responds with %s while it does not exist',
    async (status) => {
      const registry = memoryRegistry()
      const hiding: Registry = {
        ...registry,
        digestOf: async (repository, reference) => {
          if (reference.startsWith('sha256:')) throw new RegistryError(codeOf(status), 'denied')
          return registry.digestOf(repository, reference)
        },
      }
      const [published] = await publish([addon()], hiding)
      expect(registry.tags.get('r.example/addon:latest')?.digest).toBe(published?.manifest)
    },
  )

  test('signs every image and list by digest, after the upload and before tags are moved', async () => {
    const registry = memoryRegistry()
    const signed: string[][] = []
    const [published] = await publish([addon()], registry, {
      sign: async (references) => {
        expect(registry.log.filter(isTag)).toEqual([])
        for (const reference of references) expect(registry.tags.has(reference)).toBe(true)
        signed.push([...references])
      },
    })
    expect(signed).toEqual([
      [
        `r.example/amd64-addon@${image('amd64').stored.manifest.digest}`,
        `r.example/aarch64-addon@${image('aarch64').stored.manifest.digest}`,
        `r.example/addon@${published?.manifest}`,
      ],
    ])
    expect(registry.log.filter(isTag)).toHaveLength(6)
  })

  test('moves no tag when a signature fails', async () => {
    const registry = memoryRegistry()
    const failing = async () => {
      throw new Error('no such key')
    }
    await expect(publish([addon()], registry, { sign: failing })).rejects.toThrow('no such key')
    expect(registry.log.filter(isTag)).toEqual([])
  })

  test('refuses an image that is not the tested one, before anything is uploaded', async () => {
    const registry = memoryRegistry()
    const other = { ...image('amd64'), testedConfig: sha256('something else') }
    await expect(publish([{ images: [other], isVersion: () => true }], registry)).rejects.toThrow(
      /not the one that was tested/,
    )
    expect(registry.log).toEqual([])
  })

  test('that fails at any write restores all old tags and leaves no new one', async () => {
    const names = async () => {
      const registry = memoryRegistry()
      await publish([addon('v1')], registry)
      const before = new Map(
        [...registry.tags].filter(([name]) => isTag(name)).map(([name, { digest }]) => [name, digest]),
      )
      return { registry, before }
    }
    const writes: string[] = []
    const dry = await names()
    dry.registry.beforeWrite = (what) => writes.push(what)
    await publish([addon('v2')], dry.registry)
    await fc.assert(
      fc.asyncProperty(fc.nat(writes.length - 1), async (fatal) => {
        const { registry, before } = await names()
        let count = 0
        registry.beforeWrite = () => {
          if (count++ === fatal) throw new RegistryError('DENIED', 'gone')
        }
        await expect(publish([addon('v2')], registry)).rejects.toThrow('gone')
        const after = new Map(
          [...registry.tags].filter(([name]) => isTag(name)).map(([name, { digest }]) => [name, digest]),
        )
        expect(after).toEqual(before)
      }),
      { numRuns: writes.length * 3 },
    )
  })

  test('lists the tags that it could not restore', async () => {
    const registry = memoryRegistry(false)
    registry.beforeWrite = (what) => {
      if (what.includes('aarch64-addon:')) throw new RegistryError('UNAVAILABLE', 'gone')
    }
    await expect(publish([addon()], registry)).rejects.toThrow(/could not be put back: .*amd64-addon:v2/)
  })

  test('detects at the end that another run overtook it, and restores its own tags', async () => {
    const registry = memoryRegistry()
    await publish([addon('v1')], registry)
    const theirs = image('amd64', 'theirs').stored.manifest
    registry.beforeWrite = (what) => {
      if (what === 'r.example/addon:latest') registry.tags.set('r.example/amd64-addon:latest', theirs)
    }
    await expect(publish([addon('v2')], registry)).rejects.toThrow(/amd64-addon:latest .*another run/)
    expect(registry.tags.get('r.example/amd64-addon:latest')).toBe(theirs)
    expect(registry.tags.get('r.example/aarch64-addon:latest')?.digest).toBe(
      image('aarch64', 'v1').stored.manifest.digest,
    )
    expect(registry.tags.has('r.example/addon:v2')).toBe(false)
  })

  test('that is cancelled at any write restores all old tags and leaves no new one', async () => {
    const tagsOf = (registry: ReturnType<typeof memoryRegistry>) =>
      new Map([...registry.tags].filter(([name]) => isTag(name)).map(([name, { digest }]) => [name, digest]))
    const writes: string[] = []
    const dry = memoryRegistry()
    dry.beforeWrite = (what) => writes.push(what)
    await publish([addon('v2')], dry)
    // After the last tag there is nothing left to cancel.
    for (let last = 0; last < writes.length - 1; last += 1) {
      const registry = memoryRegistry()
      await publish([addon('v1')], registry)
      const before = tagsOf(registry)
      const controller = new AbortController()
      let count = 0
      registry.beforeWrite = () => {
        if (count++ === last) controller.abort(new Error('SIGINT'))
      }
      await expect(publish([addon('v2')], registry, { signal: controller.signal })).rejects.toThrow('SIGINT')
      expect(tagsOf(registry)).toEqual(before)
    }
  })

  test('does not restore a tag that another run has moved', async () => {
    const registry = memoryRegistry()
    const theirs = image('amd64', 'theirs').stored.manifest
    registry.beforeWrite = (what) => {
      if (what !== 'r.example/amd64-addon:latest') return
      registry.tags.set('r.example/amd64-addon:v2', theirs)
      throw new RegistryError('DENIED', 'gone')
    }
    await expect(publish([addon()], registry)).rejects.toThrow()
    expect(registry.tags.get('r.example/amd64-addon:v2')).toBe(theirs)
  })
})
