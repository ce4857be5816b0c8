import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { sha256 } from '../../../src/core/sha256.ts'
import { measureImage } from '../../../src/image/image.ts'
import { archiveSource, memberOf, savedImages } from '../../../src/image/sources/archive.ts'
import { layoutSource } from '../../../src/image/sources/layout.ts'
import { type Made, makeImage, problemOf } from '../samples/image.ts'
import { header, type Member, tar } from '../samples/tar.ts'

const platform = 'linux/amd64'
const folder = mkdtempSync(join(tmpdir(), 'image-archive-'))
afterAll(() => rmSync(folder, { recursive: true }))

const made = makeImage({
  layers: [[{ path: 'a', content: 'x'.repeat(5000) }], [{ path: 'b', content: 'y' }, { path: '.wh.a' }]],
})
const expected = { onDisk: { bytes: 5001 }, contents: { merged: 1, hidden: 5000 } }

function writeLayout(name: string, { blobs, root }: Made): string {
  const path = join(folder, name)
  mkdirSync(join(path, 'blobs', 'sha256'), { recursive: true })
  writeFileSync(join(path, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}')
  const manifest = {
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    digest: root,
    size: blobs.get(root)?.length,
  }
  writeFileSync(join(path, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [manifest] }))
  for (const [digest, bytes] of blobs) writeFileSync(join(path, 'blobs', 'sha256', digest.slice(7)), bytes)
  return path
}

const layout = writeLayout('layout', made)
const pack = (name: string, from: string, ...files: string[]): string => {
  const path = join(folder, name)
  execFileSync('tar', ['-C', from, '-cf', path, ...files])
  return path
}

/** As `docker save` wrote before Docker 25: layers uncompressed, one that comes again as a symbolic link. */
function writeLegacy(name: string, layerOf: (bytes: Buffer) => Buffer = (bytes) => bytes): string {
  const path = join(folder, name)
  const first = tar([{ path: 'a', content: 'x'.repeat(5000) }])
  const config = makeImage({ layers: [first, first], compression: 'none' })
  mkdirSync(join(path, 'one'), { recursive: true })
  mkdirSync(join(path, 'two'))
  writeFileSync(join(path, 'one', 'layer.tar'), layerOf(first))
  symlinkSync('../one/layer.tar', join(path, 'two', 'layer.tar'))
  writeFileSync(join(path, 'config.json'), config.blobs.get(config.manifest.config.digest) as Buffer)
  writeFileSync(
    join(path, 'manifest.json'),
    JSON.stringify([{ Config: 'config.json', RepoTags: ['x:1'], Layers: ['one/layer.tar', 'two/layer.tar'] }]),
  )
  return path
}

test('an OCI layout in a folder', async () => {
  expect(await measureImage(layoutSource(layout), platform)).toMatchObject({
    ...expected,
    method: 'oci-layout',
    manifestDigest: made.root,
  })
})

test.each([
  ['the index first', ['index.json', 'oci-layout', 'blobs']],
  ['the index last', ['blobs', 'oci-layout', 'index.json']],
  ['names with ./', ['.']],
])('an OCI archive with %s', async (name, files) => {
  const path = pack(`${name.replaceAll(/\W/g, '-')}.tar`, layout, ...files)
  expect(await measureImage(await archiveSource(path), platform)).toMatchObject({
    ...expected,
    method: 'archive',
    manifestDigest: made.root,
  })
})

test.each<[string, (bytes: Buffer) => Buffer]>([
  ['as Docker writes it', (bytes) => bytes],
  ['with compressed layers', (bytes) => gzipSync(bytes)],
])('an archive of the old docker save, %s', async (name, layerOf) => {
  const legacy = writeLegacy(`legacy-${name.length}`, layerOf)
  const source = await archiveSource(
    pack(`legacy-${name.length}.tar`, legacy, 'manifest.json', 'config.json', 'one', 'two'),
  )
  expect(await measureImage(source, platform)).toMatchObject({
    onDisk: { bytes: 10_000 },
    contents: { merged: 5000, hidden: 5000, waste: [{ reason: 'metadata-only' }] },
  })
})

const archiveOf = (name: string, members: readonly Member[]) => archiveSource(write(name, tar(members)))
const listOf = (json: unknown): Member => ({ path: 'manifest.json', content: JSON.stringify(json) })
const lost = `sha256:${'0'.repeat(64)}`

test.each<[string, () => Promise<unknown>, string | RegExp]>([
  [
    'an archive that is not there',
    () => archiveSource(join(folder, 'none.tar')),
    /^image\/unreadable: The archive cannot be opened: (?:Error: )?ENOENT.*\.$/,
  ],
  ['a folder', () => archiveSource(folder), 'image/unreadable: The archive is not a regular file.'],
  [
    'an archive that is compressed',
    () => archiveSource(write('x.tar.gz', gzipSync(tar([{ path: 'a' }])))),
    'image/unsupported-layer: The archive itself is compressed: unpack it first.',
  ],
  [
    'an archive of something else',
    () => archiveOf('other.tar', [{ path: 'a' }]),
    'image/unreadable: The archive has no "manifest.json".',
  ],
  [
    'an archive that ends early',
    () => archiveSource(write('cut.tar', tar([{ path: 'index.json', content: 'x'.repeat(3000) }]).subarray(0, 2000))),
    'image/truncated: The archive ends in the middle of a file.',
  ],
  [
    'an archive that ends in a header',
    () => archiveSource(write('cut.tar', tar([{ path: 'index.json' }]).subarray(0, 500))),
    'image/truncated: The layer ends in the middle of a file.',
  ],
  [
    'text',
    () => archiveSource(write('text.tar', Buffer.from('text'.repeat(200)))),
    /^image\/broken-layer: A header of the layer has/,
  ],
  [
    'an empty file',
    () => archiveSource(write('empty.tar', Buffer.alloc(0))),
    'image/unreadable: The archive has no "manifest.json".',
  ],
  [
    'a link that leads to itself',
    () => archiveOf('loop.tar', [{ path: 'manifest.json', type: '2', link: 'manifest.json' }]),
    'image/unreadable: The archive has no "manifest.json".',
  ],
  [
    'a manifest.json that is none',
    () => archiveOf('bad.tar', [{ path: 'manifest.json', content: '[{"Config":' }]),
    'image/not-an-image: The archive has no list of images in manifest.json.',
  ],
  [
    'a config outside the archive',
    () => archiveOf('out.tar', [listOf([{ Config: '../../etc/passwd', Layers: [] }])]),
    'image/unreadable: The archive has no "../../etc/passwd".',
  ],
  [
    'a config that is none',
    () => archiveOf('config.tar', [listOf([{ Config: 'c', Layers: [] }]), { path: 'c', content: '[]' }]),
    'image/unreadable: The config is not a JSON object.',
  ],
  [
    'a layer that is not there',
    () => archiveOf('layer.tar', [listOf([{ Config: 'c', Layers: ['l'] }]), { path: 'c', content: '{}' }]),
    'image/unreadable: The archive has no "l".',
  ],
  [
    'a document over the limit',
    () => {
      const path = write('large.tar', header({ path: 'manifest.json', size: 8 * 1024 * 1024 + 1 }))
      truncateSync(path, 512 + 8 * 1024 * 1024 + 512)
      return archiveSource(path)
    },
    'image/limit: A document in the archive is 8388609 bytes long.',
  ],
  [
    'a digest that is a path',
    async () => (await archiveOf('oci.tar', [{ path: 'index.json' }])).blob('sha256:../x'),
    'image/unreadable: A blob of the image has no sha256 digest.',
  ],
  [
    'a blob that is not there',
    async () => (await archiveOf('oci.tar', [{ path: 'index.json' }])).blob(lost),
    `image/unreadable: The archive has no "blobs/sha256/${'0'.repeat(64)}".`,
  ],
  [
    'a manifest that the old form does not have',
    async () => (await archiveOf('old.tar', [listOf([])])).manifest(lost),
    `image/unreadable: The archive has no manifest "${lost}".`,
  ],
  [
    'a blob that the old form does not have',
    async () => (await archiveOf('old.tar', [listOf([])])).blob(lost),
    `image/unreadable: The archive has no blob "${lost}".`,
  ],
])('refuses %s', async (_, work, problem) => {
  const found = await problemOf(work())
  if (typeof problem === 'string') expect(found).toBe(problem)
  else expect(found).toMatch(problem)
})

const bytesOf = async (stream: Promise<Readable>): Promise<Buffer> => Buffer.concat(await (await stream).toArray())

test('an OCI archive returns documents and blobs byte for byte', async () => {
  const blob = Buffer.from('content')
  const source = await archiveOf('plain.tar', [
    { path: `blobs/sha256/${sha256(blob).slice(7)}`, content: blob },
    { path: `blobs/sha256/${sha256(Buffer.alloc(0)).slice(7)}` },
    { path: 'index.json', content: '{}' },
  ])
  const mediaType = 'application/vnd.oci.image.index.v1+json'
  const index = Buffer.from('{}')
  expect(await source.manifest()).toEqual({ digest: sha256(index), mediaType, bytes: index })
  expect(await source.manifest(sha256(blob))).toEqual({ digest: sha256(blob), mediaType: '', bytes: blob })
  expect(await bytesOf(source.blob(sha256(blob)))).toEqual(blob)
  expect(await bytesOf(source.blob(sha256(Buffer.alloc(0))))).toEqual(Buffer.alloc(0))
})

test('the old form gets an index and manifests as of an OCI image', async () => {
  const plain = tar([{ path: 'a', content: 'x' }])
  const packed = gzipSync(plain)
  const config = Buffer.from(
    JSON.stringify({
      os: 'linux',
      architecture: 'arm',
      variant: 'v7',
      rootfs: { diff_ids: [sha256(plain), sha256(plain)] },
    }),
  )
  const other = Buffer.from('{"os":"linux","architecture":"amd64","rootfs":{"diff_ids":["x"]}}')
  const source = await archiveOf('form.tar', [
    { path: 'plain.tar', content: plain },
    { path: 'packed.tar', content: packed },
    { path: 'tiny.tar', content: 'abc' },
    { path: 'config.json', content: config },
    { path: 'other.json', content: other },
    listOf([
      { Config: './config.json', Layers: ['plain.tar', 'packed.tar'] },
      { Config: 'other.json', Layers: ['tiny.tar', 'plain.tar'] },
    ]),
  ])
  const root = await source.manifest()
  const indexType = 'application/vnd.oci.image.index.v1+json'
  const manifestType = 'application/vnd.oci.image.manifest.v1+json'
  expect([source.method, root.mediaType, root.digest]).toEqual(['archive', indexType, sha256(root.bytes)])
  const { manifests, ...index } = JSON.parse(String(root.bytes))
  expect(index).toEqual({ schemaVersion: 2, mediaType: indexType })
  expect(manifests).toMatchObject([
    { mediaType: manifestType, platform: { os: 'linux', architecture: 'arm', variant: 'v7' } },
    { mediaType: manifestType, platform: { os: 'linux', architecture: 'amd64' } },
  ])
  expect(manifests[1].platform).not.toHaveProperty('variant')
  const mediaType = 'application/vnd.oci.image.layer.v1.tar'
  const configType = 'application/vnd.oci.image.config.v1+json'
  const first = { mediaType, digest: sha256(plain), size: plain.length }
  const expected = [
    [config, [first, { mediaType, digest: sha256(packed), size: packed.length }]],
    [other, [{ mediaType, digest: sha256(Buffer.from('abc')), size: 3 }, first]],
  ] as const
  for (const [at, [configBytes, layers]] of expected.entries()) {
    const { digest, size } = manifests[at]
    const manifest = await source.manifest(digest)
    expect([manifest.mediaType, manifest.digest, manifest.bytes.length]).toEqual([manifestType, digest, size])
    const descriptor = { mediaType: configType, digest: sha256(configBytes), size: configBytes.length }
    expect(JSON.parse(String(manifest.bytes))).toEqual({
      schemaVersion: 2,
      mediaType: manifestType,
      config: descriptor,
      layers,
    })
    expect(await bytesOf(source.blob(sha256(configBytes)))).toEqual(configBytes)
    for (const layer of layers) expect(sha256(await bytesOf(source.blob(layer.digest)))).toBe(layer.digest)
  }
})

test('the digest of a layer that is not compressed is its diff ID, and is checked when the layer is read', async () => {
  const layer = tar([{ path: 'a', content: 'x' }])
  const config = JSON.stringify({ os: 'linux', architecture: 'amd64', rootfs: { diff_ids: [lost] } })
  const source = await archiveOf('diff-id.tar', [
    { path: 'layer.tar', content: layer },
    { path: 'config.json', content: config },
    listOf([{ Config: 'config.json', Layers: ['layer.tar'] }]),
  ])
  const { manifests } = JSON.parse(String((await source.manifest()).bytes))
  const { layers } = JSON.parse(String((await source.manifest(manifests[0].digest)).bytes))
  expect(layers).toMatchObject([{ digest: lost, size: layer.length }])
  expect(await problemOf(measureImage(source, platform))).toBe(
    `image/digest-mismatch: The layer ${lost} has content that does not match its digest.`,
  )
})

describe('savedImages', () => {
  const of = (json: unknown) => savedImages(Buffer.from(JSON.stringify(json)))
  test('reads config and layers of each image', () => {
    expect(
      of([
        { Config: 'a', RepoTags: null, Layers: ['b', 5] },
        { Config: 'c', Layers: [] },
      ]),
    ).toEqual([
      { config: 'a', layers: ['b', '5'] },
      { config: 'c', layers: [] },
    ])
    expect(of(Array(64).fill({ Config: 'a', Layers: Array(512).fill('b') }))).toHaveLength(64)
  })

  test.each<[unknown, string]>([
    [{}, 'The archive has no list of images in manifest.json.'],
    [null, 'The archive has no list of images in manifest.json.'],
    [[null], 'manifest.json of the archive names no config or no layers.'],
    [[{ Config: 5, Layers: [] }], 'manifest.json of the archive names no config or no layers.'],
    [[{ Config: 'a', Layers: 'b' }], 'manifest.json of the archive names no config or no layers.'],
    [Array(65).fill({ Config: 'a', Layers: [] }), 'The archive has more than 64 images.'],
    [[{ Config: 'a', Layers: Array(513).fill('b') }], 'The image has more than 512 layers.'],
  ])('refuses %j', (json, problem) => {
    expect(() => of(json)).toThrow(problem)
  })
})

test('memberOf follows links from the folder that they lie in, 7 of them and no more', () => {
  const end = {}
  const chain = Array.from({ length: 8 }, (_, at): [string, { pointsTo: string }] => [
    `l/${at + 1}`,
    { pointsTo: at === 0 ? '../end' : `${at}` },
  ])
  const members = new Map<string, { readonly pointsTo?: string }>([['end', end], ...chain])
  expect(['end', './end', 'x/../end', 'l/1', 'l/7'].map((name) => memberOf(members, name))).toEqual(Array(5).fill(end))
  for (const name of ['l/8', '1', 'nothing'])
    expect(() => memberOf(members, name)).toThrow(`The archive has no "${name}".`)
})

function write(name: string, bytes: Buffer): string {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}
