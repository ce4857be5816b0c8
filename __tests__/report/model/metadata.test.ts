import { expect, test } from '@jest/globals'
import { metadataOf } from '../../../src/report/model/metadata.ts'
import type { AddonReport } from '../../../src/report/model/report.ts'
import { addon, built, digest, target } from '../reports.ts'

const list = 'application/vnd.oci.image.index.v1+json'
const single = 'application/vnd.oci.image.manifest.v1+json'
const build = { ...built(), manifestDigest: digest(1), configDigest: digest(2) }
const amd64 = target('amd64', { build, published: digest(1) })
const aarch64 = target('aarch64', { build, published: digest(3) })
const tags = [
  { image: 'a.io/amd64-x', tag: '1.0', digest: digest(1) },
  { image: 'b.io/amd64-x', tag: '1.0', digest: digest(1) },
  { image: 'a.io/aarch64-x', tag: '1.0', digest: digest(3), kept: true },
  { image: 'a.io/x', tag: '1.0', digest: digest(4), multiArch: true },
  { image: 'a.io/x', tag: 'edge', digest: digest(5), multiArch: true },
] as const
const manifest = { image: 'a.io/x', tags: ['1.0', 'edge'], digest: digest(4) }
const named = (name: string, id: number, mediaType: string) => ({
  'containerimage.digest': digest(id),
  'containerimage.descriptor': { mediaType, digest: digest(id) },
  'image.name': name,
})

test('one add-on has the digest and names of its manifest list, and those of each image', () => {
  expect(metadataOf([addon([amd64, aarch64], { tags, manifest })])).toEqual({
    ...named('a.io/x:1.0', 4, list),
    amd64: { ...named('a.io/amd64-x:1.0,b.io/amd64-x:1.0', 1, single), 'containerimage.config.digest': digest(2) },
    // Its version was published before, with another image than the one that was built.
    aarch64: named('a.io/aarch64-x:1.0', 3, single),
  })
})

test('one image without a manifest list is the image of the add-on, as with a build of one platform', () => {
  const { manifest: _, ...bare } = addon([amd64], { tags })
  expect(metadataOf([bare])).toMatchObject(named('a.io/amd64-x:1.0,b.io/amd64-x:1.0', 1, single))
})

test('several images without a manifest list have no digest together', () => {
  const { manifest: _, ...bare } = addon([amd64, aarch64], { tags })
  expect(Object.keys(metadataOf([bare]))).toEqual(['amd64', 'aarch64'])
})

test('several add-ons are told apart by their slug', () => {
  const of = (slug: string): AddonReport => addon([amd64], { slug, tags, manifest })
  expect(metadataOf([of('one'), of('two')])).toEqual({
    one: metadataOf([of('one')]),
    two: metadataOf([of('two')]),
  })
})

test.each([[[]], [[addon([target('amd64')])]]])('nothing that was published is nothing', (addons) => {
  expect(metadataOf(addons)).toEqual({})
})
