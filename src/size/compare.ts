import type { Size } from '../core/bytes.ts'
import type { ImageMeasure } from '../image/measure.ts'
import { downloadOf, splitByBase } from './base.ts'
import { describeChanges } from './describe-changes.ts'
import { folderChanges } from './folder-changes.ts'
import { packageChanges } from './package-changes.ts'
import type { Baseline, Change, Comparison } from './result.ts'

/** Changes of fewer bytes are not listed. */
const smallestListed = 10_000

/** What changed since the baseline. Sizes that cannot be compared (gzip with zstd) have no difference, and a caveat says why. */
export function compare(after: ImageMeasure, baseline: Baseline): Comparison {
  const before = baseline.measure
  const identical = isIdentical(after, before)
  const caveats = identical ? [] : downloadCaveats(after, before)
  // Evaluated before the caveat about packages and folders is added, which does not concern the download.
  const isComparable = caveats.length === 0
  const download = (a: number, b: number): Change =>
    isComparable ? changeOf({ bytes: a }, { bytes: b }) : { before: { bytes: a }, after: { bytes: b } }
  const bases = { after: splitByBase(after), before: splitByBase(before) }
  const details =
    after.contents && before.contents
      ? {
          packages: packageChanges(after.contents, before.contents),
          folders: folderChanges(after.contents, before.contents, smallestListed),
        }
      : undefined
  if (!identical && after.contents && !details)
    caveats.push(
      `Packages and folders are not compared: only the manifest of the baseline (${baseline.source}) was read. Set "baseline: registry-detail" to read its layers.`,
    )
  const comparison = {
    identical,
    download: download(before.download, after.download),
    onDisk: changeOf(before.onDisk, after.onDisk),
    update: updateOf(after, before),
    caveats,
    ...(bases.after &&
      bases.before && {
        base: download(bases.before.base, bases.after.base),
        own: download(bases.before.own, bases.after.own),
      }),
    ...details,
  }
  return { ...comparison, changes: identical ? [] : describeChanges(after, before, comparison, smallestListed) }
}

/** From before to after. Bytes and percent only if both are known, and percent only if before is not 0. */
function changeOf(before: Size, after: Size): Change {
  if (!('bytes' in before && 'bytes' in after)) return { before, after }
  const bytes = after.bytes - before.bytes
  return { before, after, bytes, ...(before.bytes > 0 && { percent: (bytes / before.bytes) * 100 }) }
}

/** The same config means the same files and settings; the same manifest, the same bytes. */
function isIdentical(after: ImageMeasure, before: ImageMeasure): boolean {
  if (after.manifestDigest === before.manifestDigest) return true
  const compressionsOf = ({ layers }: ImageMeasure) => layers.map(({ compression }) => compression).join()
  return after.configDigest === before.configDigest && compressionsOf(after) === compressionsOf(before)
}

/** Download bytes of the layers that the baseline did not have. By digest: a layer that was compressed again is pulled again. */
function updateOf(after: ImageMeasure, before: ImageMeasure): Size {
  if (after.method === 'archive' && after.layers.some(({ compression }) => compression === 'none'))
    return { unknown: 'the layers of this archive are not compressed as a registry would send them' }
  if (after.configDigest === before.configDigest && after.manifestDigest === before.manifestDigest) return { bytes: 0 }
  const had = new Set(before.layers.map(({ digest }) => digest))
  const layers = after.layers.filter(({ digest }) => !had.has(digest))
  return { bytes: downloadOf(layers) + (after.configDigest === before.configDigest ? 0 : configBytes(after)) }
}

const configBytes = ({ download, layers }: ImageMeasure): number => download - downloadOf(layers)

/** Why the download sizes of two images cannot be compared; empty when they can. */
function downloadCaveats(after: ImageMeasure, before: ImageMeasure): string[] {
  const now = compressions(after)
  const then = compressions(before)
  if (now === then) return []
  return [`Download sizes are not compared: the layers are ${now} now and were ${then} in the baseline.`]
}

/** `gzip`, `gzip and zstd`. Layers without files hardly count, and often have another compression. */
function compressions({ layers }: ImageMeasure): string {
  const heavy = layers.filter(({ download }) => download > 4096)
  const kinds = new Set(
    (heavy.length ? heavy : layers).map(({ compression }) => (compression === 'none' ? 'uncompressed' : compression)),
  )
  return [...kinds].sort().join(' and ') || 'none'
}
