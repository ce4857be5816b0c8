import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Digest } from '../../src/core/digest.ts'
import { sha256 } from '../../src/core/sha256.ts'
import { RegistryError } from '../../src/registry/error.ts'
import { makeIndex } from '../../src/registry/image-index.ts'
import { openLayout, openStored } from '../../src/registry/stored-image.ts'
import { type Distribution, openClient, startDistribution } from './distribution.ts'

let folder: string
let registry: Distribution
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aicleaner-layout-'))
  await mkdir(join(folder, 'blobs', 'sha256'), { recursive: true })
  registry = await startDistribution()
})
afterEach(() => Promise.all([registry.close(), rm(folder, { recursive: true })]))

const oci = 'application/vnd.oci.image.manifest.v1+json'
const keep = async (content: string | Buffer): Promise<{ readonly digest: Digest; readonly size: number }> => {
  const digest = sha256(content)
  await writeFile(join(folder, 'blobs', 'sha256', digest.slice(7)), content)
  return { digest, size: Buffer.byteLength(content) }
}

/** Writes an image; the manifest may say something else of it. */
async function layout(change: (manifest: Record<string, unknown>) => unknown = (manifest) => manifest) {
  const [config, first, second] = [await keep('{}'), await keep('first'), await keep('second layer')]
  const content = JSON.stringify(change({ mediaType: oci, config, layers: [first, second, first] }))
  const { digest } = await keep(content)
  return { config, first, second, digest, bytes: Buffer.from(content) }
}

describe('the image layout of a build', () => {
  test('has each blob once, the config last, and their bytes', async () => {
    const { config, first, second, digest, bytes } = await layout()
    const image = await openLayout(folder, digest)
    expect(image).toMatchObject({ manifest: { digest, mediaType: oci, bytes }, configDigest: config.digest })
    expect(image.blobs).toEqual([first, second, config])
    const stream = await image.open(second.digest)
    expect(Buffer.concat(await stream.toArray()).toString()).toBe('second layer')
  })

  test.each([
    [
      'of Docker',
      'application/vnd.docker.distribution.manifest.v2+json',
      'application/vnd.docker.distribution.manifest.v2+json',
    ],
    ['that is none', undefined, oci],
    ['that is a number', 7, oci],
    ['that cannot be a header', 'application/vnd.x\r\ny: z', oci],
  ])('has a type %s (%j)', async (_, mediaType, expected) => {
    const { digest } = await layout((manifest) => ({ ...manifest, mediaType }))
    expect((await openLayout(folder, digest)).manifest.mediaType).toBe(expected)
  })

  test('without the manifest, or without a blob, is refused', async () => {
    const absent = sha256('absent')
    await expect(openLayout(folder, absent)).rejects.toMatchObject({
      name: 'RegistryError',
      code: 'INVALID_IMAGE',
      message: expect.stringMatching(`^The image layout lacks ${absent}: .*ENOENT`),
    })
    const { digest, first } = await layout()
    await rm(join(folder, 'blobs', 'sha256', first.digest.slice(7)))
    await expect(openLayout(folder, digest)).rejects.toThrow(`The image layout lacks ${first.digest}: `)
  })

  test('whose manifest or blob is another is refused', async () => {
    const { digest, first } = await layout()
    await writeFile(join(folder, 'blobs', 'sha256', first.digest.slice(7)), 'longer than it was')
    await expect(openLayout(folder, digest)).rejects.toThrow(`Blob ${first.digest} has 18 bytes, its manifest says 5.`)
    await writeFile(join(folder, 'blobs', 'sha256', digest.slice(7)), '{}')
    await expect(openLayout(folder, digest)).rejects.toThrow(`The manifest in the image layout is not ${digest}.`)
  })

  test.each(['sha256:x', '../../../etc/passwd', `sha256:${'a'.repeat(64)}/x`, `sha512:${'a'.repeat(128)}`])(
    'is not read at %s',
    async (digest) => {
      await expect(openLayout(folder, digest as Digest)).rejects.toThrow(`"${digest.slice(0, 80)}" is not a digest.`)
    },
  )

  test('is not read where a blob leads', async () => {
    const { digest } = await layout()
    const image = await openLayout(folder, digest)
    expect(() => image.open('../x' as Digest)).toThrow('"../x" is not a digest.')
  })

  const one = { digest: sha256('c'), size: 1 }
  test.each<[string, unknown]>([
    ['a list', []],
    ['null', null],
    ['an index', { manifests: [] }],
    ['without config', { layers: [] }],
    ['with null as config', { config: null, layers: [] }],
    ['with a text as config', { config: 'x', layers: [] }],
    ['without layers', { config: one }],
    ['with layers that are no list', { config: one, layers: { 0: one } }],
    ['with a layer that is none', { config: one, layers: [one, null] }],
    ['with a layer that is a number', { config: one, layers: [7] }],
    ['with a negative size', { config: { ...one, size: -1 }, layers: [] }],
    ['with half a byte', { config: { ...one, size: 0.5 }, layers: [] }],
    ['with a size that is text', { config: one, layers: [{ ...one, size: '1' }] }],
    ['without a size', { config: one, layers: [{ digest: one.digest }] }],
    ['with a path as digest', { config: one, layers: [{ digest: '../../x', size: 1 }] }],
  ])('with a manifest that is %s is refused, and so is that of a registry', async (_, manifest) => {
    const bytes = Buffer.from(JSON.stringify(manifest))
    const { digest } = await keep(bytes)
    const kind = manifest === null || Array.isArray(manifest) ? 'JSON that is not an object' : 'is not that of an image'
    await expect(openLayout(folder, digest)).rejects.toThrow(kind)
    registry.manifests.set(`org/addon@${digest}`, { type: oci, bytes })
    const stored = openStored(openClient(), `${registry.host}/org/addon`, digest)
    await expect(stored).rejects.toThrow(kind)
    await expect(stored).rejects.toThrow(RegistryError)
  })

  test('may have an empty layer and none', async () => {
    const empty = await keep('')
    const { digest } = await layout((manifest) => ({ ...manifest, layers: [empty] }))
    expect((await openLayout(folder, digest)).blobs[0]).toEqual(empty)
    const bare = await layout((manifest) => ({ ...manifest, layers: [] }))
    expect((await openLayout(folder, bare.digest)).blobs).toEqual([bare.config])
  })
})

test('an image that another job pushed is read from the registry, with the type that this one says', async () => {
  const { digest, bytes, first, config } = await layout()
  const type = 'application/vnd.docker.distribution.manifest.v2+json'
  registry.manifests.set(`org/addon@${digest}`, { type, bytes })
  registry.blobs.set(`org/addon@${first.digest}`, Buffer.from('first'))
  const image = await openStored(openClient(), `${registry.host}/org/addon`, digest)
  expect([image.manifest, image.configDigest]).toEqual([{ digest, mediaType: type, bytes }, config.digest])
  expect(Buffer.concat(await (await image.open(first.digest)).toArray()).toString()).toBe('first')
})

test('a manifest list names each image with its platform, then what belongs to each, with its annotations', () => {
  const manifestOf = (content: string) => ({
    digest: sha256(content),
    mediaType: oci,
    bytes: Buffer.from(content),
  })
  const [amd64, armv7, provenance] = [manifestOf('amd64'), manifestOf('armv7 of it'), manifestOf('provenance')]
  const list = makeIndex(
    [
      { architecture: 'amd64', manifest: amd64, attestation: provenance },
      { architecture: 'armv7', manifest: armv7 },
    ],
    new Map([['org.opencontainers.image.version', '1.0']]),
  )
  const type = 'application/vnd.oci.image.index.v1+json'
  expect([list.mediaType, list.digest]).toEqual([type, sha256(list.bytes)])
  expect(JSON.parse(list.bytes.toString())).toEqual({
    schemaVersion: 2,
    mediaType: type,
    manifests: [
      { mediaType: oci, digest: amd64.digest, size: 5, platform: { architecture: 'amd64', os: 'linux' } },
      { mediaType: oci, digest: armv7.digest, size: 11, platform: { architecture: 'arm', variant: 'v7', os: 'linux' } },
      {
        mediaType: oci,
        digest: provenance.digest,
        size: 10,
        annotations: {
          'vnd.docker.reference.digest': amd64.digest,
          'vnd.docker.reference.type': 'attestation-manifest',
        },
        platform: { architecture: 'unknown', os: 'unknown' },
      },
    ],
    annotations: { 'org.opencontainers.image.version': '1.0' },
  })
  expect(JSON.parse(makeIndex([]).bytes.toString())).toEqual({ schemaVersion: 2, mediaType: type, manifests: [] })
})
