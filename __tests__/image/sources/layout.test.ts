import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sha256 } from '../../../src/core/sha256.ts'
import { layoutSource } from '../../../src/image/sources/layout.ts'
import { problemOf } from '../samples/image.ts'

const folder = mkdtempSync(join(tmpdir(), 'image-layout-'))
afterAll(() => rmSync(folder, { recursive: true }))
const blobs = join(folder, 'blobs', 'sha256')
mkdirSync(blobs, { recursive: true })
const index = Buffer.from('{"manifests":[]}')
writeFileSync(join(folder, 'index.json'), index)
const blob = Buffer.from('content')
writeFileSync(join(blobs, sha256(blob).slice(7)), blob)
const absent = `sha256:${'0'.repeat(64)}`
const directory = `sha256:${'1'.repeat(64)}`
mkdirSync(join(blobs, directory.slice(7)))
const large = `sha256:${'2'.repeat(64)}`
writeFileSync(join(blobs, large.slice(7)), '')
truncateSync(join(blobs, large.slice(7)), 8 * 1024 * 1024 + 1)
const source = layoutSource(folder)

test('reads the index and documents byte for byte', async () => {
  expect(source.method).toBe('oci-layout')
  const mediaType = 'application/vnd.oci.image.index.v1+json'
  expect(await source.manifest()).toEqual({ digest: sha256(index), mediaType, bytes: index })
  expect(await source.manifest(sha256(blob))).toEqual({ digest: sha256(blob), mediaType: '', bytes: blob })
})

test('streams blobs', async () => {
  const chunks = await (await source.blob(sha256(blob))).toArray()
  expect(Buffer.concat(chunks)).toEqual(blob)
})

test.each<[string, () => Promise<unknown>, string | RegExp]>([
  ['a blob that is not there', () => source.blob(absent), `The image has no blob ${absent}.`],
  [
    'a folder in the place of a blob',
    () => source.blob(directory),
    `The blob ${directory} of the image is not a regular file.`,
  ],
  ['a path in the place of a digest', () => source.blob('sha256:../x'), 'A blob of the image has no sha256 digest.'],
  [
    'a path in the place of a manifest',
    () => source.manifest('sha256:../x'),
    'A blob of the image has no sha256 digest.',
  ],
  [
    'a manifest that is not there',
    () => source.manifest(absent),
    /^The image's sha256:0{64} cannot be read: (?:Error: )?ENOENT.*\.$/,
  ],
  [
    'a manifest that is a folder',
    () => source.manifest(directory),
    `The image's ${directory} cannot be read: it is not a regular file.`,
  ],
  [
    'a manifest over the limit',
    () => source.manifest(large),
    `The image's ${large} cannot be read: it is 8388609 bytes long.`,
  ],
  [
    'a folder that is no layout',
    () => layoutSource(join(folder, 'blobs')).manifest(),
    /^The image's index\.json cannot be read: (?:Error: )?ENOENT/,
  ],
])('refuses %s', async (_, work, problem) => {
  const found = await problemOf(work())
  expect(found).toMatch(/^image\/unreadable: /)
  const message = found?.replace('image/unreadable: ', '')
  if (typeof problem === 'string') expect(message).toBe(problem)
  else expect(message).toMatch(problem)
})
