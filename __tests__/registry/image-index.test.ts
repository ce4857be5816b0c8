import { expect, test } from '@jest/globals'
import { makeIndex } from '../../src/registry/image-index.ts'

test('the same images give the same manifest list, so a repeated publish moves nothing', () => {
  const entry = (architecture: 'amd64' | 'armv7') => ({
    architecture,
    manifest: {
      digest: `sha256:${architecture}`,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      bytes: Buffer.from(architecture),
    },
  })
  const first = makeIndex([entry('amd64'), entry('armv7')])
  expect(makeIndex([entry('amd64'), entry('armv7')])).toEqual(first)
  expect(JSON.parse(first.bytes.toString()).manifests).toEqual([
    expect.objectContaining({ platform: { architecture: 'amd64', os: 'linux' }, size: 5 }),
    expect.objectContaining({ platform: { architecture: 'arm', variant: 'v7', os: 'linux' } }),
  ])
})
