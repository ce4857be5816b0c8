import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { archiveSource } from '../../src/image/archive.ts'
import { measureImage } from '../../src/image/image.ts'
import { layoutSource } from '../../src/image/layout.ts'
import { codeOf, type Made, makeImage } from './support/image.ts'
import { tar } from './support/tar.ts'

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

test.each<[string, () => Promise<unknown>, string]>([
  ['a folder that is not there', () => measureImage(layoutSource(join(folder, 'none')), platform), 'image/unreadable'],
  ['an archive that is not there', () => archiveSource(join(folder, 'none.tar')), 'image/unreadable'],
  [
    'an archive that is compressed',
    () => archiveSource(write('x.tar.gz', gzipSync(tar([{ path: 'a' }])))),
    'image/unsupported-layer',
  ],
  ['an archive of something else', () => archiveSource(write('other.tar', tar([{ path: 'a' }]))), 'image/unreadable'],
  [
    'an archive that ends early',
    () => archiveSource(write('cut.tar', tar([{ path: 'index.json', content: 'x'.repeat(3000) }]).subarray(0, 2000))),
    'image/truncated',
  ],
  ['an empty file', () => archiveSource(write('empty.tar', Buffer.alloc(0))), 'image/unreadable'],
  [
    'a link that leads to itself',
    () => archiveSource(write('loop.tar', tar([{ path: 'manifest.json', type: '2', link: 'manifest.json' }]))),
    'image/unreadable',
  ],
  [
    'a manifest.json that is none',
    () => archiveSource(write('bad.tar', tar([{ path: 'manifest.json', content: '[{"Config":' }]))),
    'image/not-an-image',
  ],
  [
    'a config outside the archive',
    () =>
      archiveSource(
        write('out.tar', tar([{ path: 'manifest.json', content: '[{"Config":"../../etc/passwd","Layers":[]}]' }])),
      ),
    'image/unreadable',
  ],
])('refuses %s', async (_, work, code) => {
  expect(await codeOf(work())).toBe(code)
})

function write(name: string, bytes: Buffer): string {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}
