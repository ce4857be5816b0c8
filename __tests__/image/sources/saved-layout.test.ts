import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, describe, expect, test } from '@jest/globals'
import { sha256 } from '../../../src/core/sha256.ts'
import { measureImage } from '../../../src/image/image.ts'
import { layoutSource } from '../../../src/image/sources/layout.ts'
import { type SavedSetting, writeSavedLayout } from '../../../src/image/sources/saved-layout.ts'
import { makeImage, problemOf } from '../samples/image.ts'
import { type Member, tar } from '../samples/tar.ts'

const root = mkdtempSync(join(tmpdir(), 'saved-layout-'))
afterAll(() => rmSync(root, { recursive: true }))
let number = 0
const folderOf = () => join(root, String(number++))

const first = tar([{ path: 'a', content: 'x'.repeat(500_000) }])
const second = tar([{ path: 'b', content: 'y' }, { path: '.wh.a' }])
const image = makeImage({ layers: [first, second, second], compression: 'none', history: [{ created_by: 'RUN one' }] })
const config = image.blobs.get(image.manifest.config.digest) as Buffer
const configDigest = image.manifest.config.digest

const file = (path: string, content: Buffer | string): Member => ({ path, content })
const list = (images: readonly object[]) => file('manifest.json', JSON.stringify(images))
const blob = (bytes: Buffer) => file(`blobs/sha256/${sha256(bytes).slice(7)}`, bytes)
const nameOf = (bytes: Buffer) => `blobs/sha256/${sha256(bytes).slice(7)}`

/** Docker 25 and later: an OCI layout in a tar, `manifest.json` beside it. */
const modern = (changes: { readonly config?: Buffer; readonly layers?: readonly Buffer[] } = {}): readonly Member[] => {
  const layers = changes.layers ?? [first, second, second]
  const written = changes.config ?? config
  return [
    { path: 'blobs/sha256/', type: '5' },
    ...[...new Set(layers)].map(blob),
    blob(written),
    file('index.json', '{"schemaVersion":2,"manifests":[]}'),
    list([{ Config: nameOf(written), RepoTags: null, Layers: layers.map(nameOf) }]),
    file('oci-layout', '{"imageLayoutVersion":"1.0.0"}'),
  ]
}

/** Before Docker 25: a folder for each layer, a repeated one as a symbolic link. */
const legacy: readonly Member[] = [
  file('one/VERSION', '1.0'),
  file('one/json', '{}'),
  file('one/layer.tar', first),
  file('two/layer.tar', second),
  { path: 'three/layer.tar', type: '2', link: '../two/layer.tar' },
  file(`${configDigest.slice(7)}.json`, config),
  list([
    {
      Config: `${configDigest.slice(7)}.json`,
      RepoTags: ['x:1'],
      Layers: ['one/layer.tar', 'two/layer.tar', 'three/layer.tar'],
    },
  ]),
]

async function write(
  members: readonly Member[] | Buffer,
  setting: Partial<SavedSetting> = {},
  pieces = 64 * 1024,
): Promise<{ readonly folder: string; readonly digest: string }> {
  const archive = Buffer.isBuffer(members) ? members : tar(members as readonly Member[])
  const parts = Array.from({ length: Math.ceil(archive.length / pieces) }, (_, index) =>
    archive.subarray(index * pieces, (index + 1) * pieces),
  )
  const folder = folderOf()
  return { folder, digest: await writeSavedLayout(Readable.from(parts), folder, { configDigest, ...setting }) }
}

const blobsOf = (folder: string): readonly string[] => readdirSync(join(folder, 'blobs', 'sha256')).sort()

describe.each([
  ['Docker 25 and later', modern()],
  ['Docker before 25', legacy],
])('an archive of %s', (_, members) => {
  test('becomes a layout that measures like the image, its config untouched and its layers compressed', async () => {
    const { folder, digest } = await write(members)
    const measure = await measureImage(layoutSource(folder), 'linux/amd64')
    expect(measure).toMatchObject({ configDigest, manifestDigest: digest, onDisk: { bytes: 500_002 } })
    expect(measure.layers.map(({ compression, diffId }) => [compression, diffId])).toEqual(
      [first, second, second].map((bytes) => ['gzip', sha256(bytes)]),
    )
    expect(measure.download).toBeLessThan(10_000)
    // Two layers, config, manifest: nothing else, and nothing half done.
    expect(blobsOf(folder)).toHaveLength(4)
    for (const name of blobsOf(folder)) {
      expect(sha256(readFileSync(join(folder, 'blobs', 'sha256', name)))).toBe(`sha256:${name}`)
    }
  })
})

test('both forms, in pieces of any size, give the same manifest', async () => {
  const digests = await Promise.all([write(modern()), write(legacy), write(modern(), {}, 777), write(legacy, {}, 3001)])
  expect(new Set(digests.map(({ digest }) => digest)).size).toBe(1)
})

test('compression and annotations are as requested', async () => {
  const annotations = new Map([['a.b', 'c']])
  const { folder, digest } = await write(modern(), { compression: { kind: 'zstd', level: 19 }, annotations })
  const manifest = JSON.parse(readFileSync(join(folder, 'blobs', 'sha256', digest.slice(7)), 'utf8'))
  expect(manifest.annotations).toEqual({ 'a.b': 'c' })
  expect(manifest.layers[0].mediaType).toBe('application/vnd.oci.image.layer.v1.tar+zstd')
  const { layers } = await measureImage(layoutSource(folder), 'linux/amd64')
  expect(layers.map(({ compression }) => compression)).toEqual(['zstd', 'zstd', 'zstd'])
})

test('a layer whose first name begins like JSON is still a layer', async () => {
  const odd = tar([{ path: '{odd}', content: 'z' }])
  const made = makeImage({ layers: [odd], compression: 'none' })
  const written = made.blobs.get(made.manifest.config.digest) as Buffer
  const { folder } = await write(modern({ config: written, layers: [odd] }), { configDigest: sha256(written) })
  expect((await measureImage(layoutSource(folder), 'linux/amd64')).layers[0]?.diffId).toBe(sha256(odd))
})

test('the layout is complete: index, manifest and the form that it has', async () => {
  const { folder, digest } = await write(modern())
  const json = (...path: readonly string[]) => JSON.parse(readFileSync(join(folder, ...path), 'utf8'))
  const stored = (name: string) => readFileSync(join(folder, 'blobs', 'sha256', name.slice(7)))
  const manifest = json('blobs', 'sha256', digest.slice(7))
  const mediaType = 'application/vnd.oci.image.manifest.v1+json'
  expect(json('oci-layout')).toEqual({ imageLayoutVersion: '1.0.0' })
  expect(json('index.json')).toEqual({
    schemaVersion: 2,
    manifests: [{ mediaType, digest, size: stored(digest).length, platform: { os: 'linux', architecture: 'amd64' } }],
  })
  expect(manifest).toMatchObject({
    schemaVersion: 2,
    mediaType,
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: configDigest, size: config.length },
  })
  expect(manifest).not.toHaveProperty('annotations')
  expect(manifest.layers).toHaveLength(3)
  for (const layer of manifest.layers)
    expect(layer).toEqual({
      mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
      digest: sha256(stored(layer.digest)),
      size: stored(layer.digest).length,
    })
})

test('the variant of a platform is in the index', async () => {
  const made = makeImage({ layers: [second], compression: 'none', architecture: 'arm', variant: 'v7' })
  const written = made.blobs.get(made.manifest.config.digest) as Buffer
  const { folder } = await write(modern({ config: written, layers: [second] }), { configDigest: sha256(written) })
  const { manifests } = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8'))
  expect(manifests[0].platform).toEqual({ os: 'linux', architecture: 'arm', variant: 'v7' })
})

test.each([
  ['gzip', 9],
  ['zstd', 19],
] as const)('a level of %s is used', async (kind, best) => {
  const sizes: number[] = []
  const noisy = tar([{ path: 'a', content: Array.from({ length: 20_000 }, (_, at) => `${at * at} `).join('') }])
  const made = makeImage({ layers: [noisy], compression: 'none' })
  const written = made.blobs.get(made.manifest.config.digest) as Buffer
  for (const level of [1, best]) {
    const changes = { config: written, layers: [noisy] }
    const { folder } = await write(modern(changes), { configDigest: sha256(written), compression: { kind, level } })
    sizes.push((await measureImage(layoutSource(folder), 'linux/amd64')).download)
  }
  expect(sizes[1]).toBeLessThan(sizes[0] as number)
})

describe('refuses', () => {
  const other = makeImage({ layers: [second, second, first], compression: 'none' })
  test.each<[string, readonly Member[] | Buffer, string]>([
    [
      'another image than the one that was built',
      modern({ config: other.blobs.get(other.manifest.config.digest) as Buffer }),
      `image/digest-mismatch: The engine saved ${other.manifest.config.digest}, not ${configDigest}.`,
    ],
    [
      'layers that are not those of the config',
      modern({ layers: [second, first, second] }),
      'image/digest-mismatch: Layer 1 of the saved image differs from the built one.',
    ],
    [
      'another number of layers',
      modern({ layers: [first] }),
      'image/not-an-image: The archive and its config have different numbers of layers.',
    ],
    [
      'a layer in the place of the list of images',
      [...modern().slice(0, 4), file('manifest.json', first)],
      'image/not-an-image: The archive has no document manifest.json.',
    ],
    [
      'no image',
      [...modern().slice(0, 4), list([])],
      'image/not-an-image: The archive does not have exactly one image.',
    ],
    [
      'two images',
      [
        ...modern().slice(0, 4),
        list([
          { Config: 'a', Layers: [] },
          { Config: 'b', Layers: [] },
        ]),
      ],
      'image/not-an-image: The archive does not have exactly one image.',
    ],
    ['no list of images', modern().slice(0, 4), 'image/unreadable: The archive has no "manifest.json".'],
    [
      'a layer that is compressed',
      modern({ layers: [Buffer.from([0x1f, 0x8b, 8, 0]), second, second] }),
      'image/unsupported-layer: The engine saved a compressed layer.',
    ],
    [
      'an archive that ends in the middle',
      tar(modern()).subarray(0, 200_000),
      'image/truncated: The layer ends in the middle of a file.',
    ],
    ['an empty archive', Buffer.alloc(0), 'image/unreadable: The archive has no "manifest.json".'],
  ])('%s', async (_, members, problem) => {
    expect(await problemOf(write(members))).toBe(problem)
  })
})

test('a full disk is an error, and nothing continues in the background', async () => {
  const folder = folderOf()
  const broken = async function* () {
    const bytes = tar(modern())
    yield bytes.subarray(0, 100_000)
    rmSync(folder, { recursive: true })
    throw new Error('no space left on device')
  }
  await expect(writeSavedLayout(broken(), folder, { configDigest })).rejects.toThrow('no space left')
  expect(existsSync(folder)).toBe(false)
})
