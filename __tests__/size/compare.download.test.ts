import { expect, test } from '@jest/globals'
import type { ImageMeasure } from '../../src/image/measure.ts'
import { compare } from '../../src/size/compare.ts'

const contents = {
  merged: 1,
  hidden: 0,
  files: 1,
  waste: [],
  largestFiles: [],
  folders: [],
  packages: [],
  duplicates: [],
}
const measure = (digest: string, download: number, changes: Partial<ImageMeasure> = {}): ImageMeasure => ({
  method: 'oci-layout',
  manifestDigest: `sha256:${digest}`,
  configDigest: `sha256:c${digest}`,
  download,
  onDisk: { bytes: download * 2 },
  layers: [{ digest, diffId: digest, mediaType: '', compression: 'gzip', download, onDisk: { bytes: download * 2 } }],
  ...changes,
})

test('download sizes compare with a published image of which only the manifest was read', () => {
  const after = measure('b', 110_000, { contents })
  const before = measure('a', 100_000, { method: 'registry', onDisk: { unknown: 'only the manifest was read' } })
  const { download, caveats } = compare(after, { source: 'registry', reference: 'r/a:1', measure: before })
  expect(download).toMatchObject({ bytes: 10_000, percent: 10 })
  expect(caveats).toEqual([expect.stringContaining('Packages and folders are not compared')])
})
