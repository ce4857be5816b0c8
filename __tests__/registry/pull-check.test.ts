import { Readable } from 'node:stream'
import { describe, expect, test } from '@jest/globals'
import { sha256 } from '../../src/core/sha256.ts'
import { RegistryError, type RegistryErrorCode } from '../../src/registry/error.ts'
import { makeIndex } from '../../src/registry/image-index.ts'
import { parseRepository } from '../../src/registry/name.ts'
import { type AnonymousRegistry, openPullCheck } from '../../src/registry/pull-check.ts'
import { memoryRegistry } from './memory.ts'

const image = 'r.example/o/addon'
const repository = parseRepository(image)
const mediaType = 'application/vnd.oci.image.manifest.v1+json'
const layer = { digest: sha256('layer'), size: 5 }
const bytes = Buffer.from(JSON.stringify({ layers: [layer] }))
const manifest = { digest: sha256(bytes), mediaType, bytes }
const index = makeIndex([{ architecture: 'amd64', manifest }])

/** A registry with an image under `1.0`, and a manifest list under `list`. */
async function published() {
  const registry = memoryRegistry()
  await registry.putBlob(repository, layer, () => Readable.from(['layer']))
  await registry.putManifest(repository, '1.0', manifest)
  await registry.putManifest(repository, manifest.digest, manifest)
  await registry.putManifest(repository, 'list', index)
  const asked: string[] = []
  const watched: AnonymousRegistry = {
    manifest: (from, reference) => {
      asked.push(`manifest ${reference}`)
      return registry.manifest(from, reference)
    },
    checkBlob: (from, digest) => {
      asked.push(`blob ${digest}`)
      return registry.checkBlob(from, digest)
    },
  }
  return { registry, watched, asked }
}

const failing = (code: RegistryErrorCode): AnonymousRegistry => ({
  manifest: () => Promise.reject(new RegistryError(code, `It answers ${code}.`)),
  checkBlob: () => Promise.reject(new Error('not asked')),
})

describe('a tag is pulled', () => {
  test('with its manifest and one layer', async () => {
    const { watched, asked } = await published()
    expect(await openPullCheck(watched)({ image, tag: '1.0', digest: manifest.digest })).toEqual({ status: 'pulled' })
    expect(asked).toEqual(['manifest 1.0', `blob ${layer.digest}`])
  })

  test('of a manifest list with one of its images', async () => {
    const { watched, asked } = await published()
    expect(await openPullCheck(watched)({ image, tag: 'list', digest: index.digest })).toEqual({ status: 'pulled' })
    expect(asked).toEqual(['manifest list', `manifest ${manifest.digest}`, `blob ${layer.digest}`])
  })

  test('with one request more if its image was pulled under another tag', async () => {
    const { registry, watched, asked } = await published()
    await registry.putManifest(repository, 'latest', manifest)
    const pull = openPullCheck(watched)
    for (const tag of ['1.0', 'latest']) await pull({ image, tag, digest: manifest.digest })
    expect(asked).toEqual(['manifest 1.0', `blob ${layer.digest}`, 'manifest latest'])
  })
})

describe('a tag cannot be pulled', () => {
  test.each<[RegistryErrorCode, string]>([
    ['UNAUTHORIZED', 'refused'],
    ['DENIED', 'refused'],
    ['NOT_FOUND', 'refused'],
    ['INVALID_RESPONSE', 'broken'],
    ['UNAVAILABLE', 'unknown'],
    ['RATE_LIMITED', 'unknown'],
    ['CONNECTION_FAILED', 'unknown'],
    ['HOST_NOT_FOUND', 'unknown'],
  ])('if the registry answers %s: %s', async (code, status) => {
    const found = await openPullCheck(failing(code))({ image, tag: '1.0', digest: manifest.digest })
    expect(found).toEqual({ status, why: `It answers ${code}.` })
  })

  test('if its layer is not there', async () => {
    const { registry } = await published()
    const other = Buffer.from(JSON.stringify({ layers: [{ digest: sha256('gone') }] }))
    await registry.putManifest(repository, '2.0', { mediaType, bytes: other })
    const found = await openPullCheck(registry)({ image, tag: '2.0', digest: sha256(other) })
    expect(found.status).toBe('refused')
  })

  test.each([
    ['points at another image', 'list', 'broken'],
    ['has no image in its list', 'empty', 'broken'],
  ])('if it %s', async (_, tag, status) => {
    const { registry } = await published()
    const none = makeIndex([])
    await registry.putManifest(repository, 'empty', none)
    const digest = tag === 'empty' ? none.digest : manifest.digest
    // A registry rejects a digest that is none.
    const strict: AnonymousRegistry = {
      ...registry,
      manifest: async (from, reference) => {
        if (reference === '') throw new RegistryError('INVALID_REFERENCE', 'It is neither a tag nor a digest.')
        return registry.manifest(from, reference)
      },
    }
    expect((await openPullCheck(strict)({ image, tag, digest })).status).toBe(status)
  })

  test('a registry that does not answer is asked once', async () => {
    let asked = 0
    const pull = openPullCheck({
      ...failing('UNAVAILABLE'),
      manifest: () => {
        asked += 1
        return Promise.reject(new RegistryError('UNAVAILABLE', 'down'))
      },
    })
    for (const tag of ['1', '2', '3'])
      expect((await pull({ image, tag, digest: manifest.digest })).status).toBe('unknown')
    expect(asked).toBe(1)
  })
})
