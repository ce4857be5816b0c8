import type { Size } from '../core/digest.ts'
import type { ImageMeasure, LayerMeasure } from '../image/measure.ts'
import { splitByBase } from './base.ts'
import { downloadCaveats } from './caveats.ts'
import { changeOf, incomparable } from './change.ts'
import { describeChanges } from './describe.ts'
import { folderChanges } from './folder-changes.ts'
import { packageChanges } from './package-changes.ts'
import type { Baseline, Change, Comparison } from './result.ts'

/** Changes of less are not worth a line. */
const worthALine = 10_000

/**
 * What changed since the baseline. Pure. Measures that do not compare (gzip against zstd) keep both sizes and lose their difference, and a caveat says why.
 */
export function compare(after: ImageMeasure, baseline: Baseline): Comparison {
  const before = baseline.measure
  const identical = isIdentical(after, before)
  const caveats = identical ? [] : downloadCaveats(after, before)
  // Decided before other caveats join: that folders are not compared says nothing against the download.
  const changeOfDownload = caveats.length > 0 ? incomparable : changeOf
  const download = (a: number, b: number): Change => changeOfDownload({ bytes: a }, { bytes: b })
  const bases = { after: splitByBase(after), before: splitByBase(before) }
  const details =
    after.contents && before.contents
      ? {
          packages: packageChanges(after.contents, before.contents),
          folders: folderChanges(after.contents, before.contents, worthALine),
        }
      : undefined
  if (!identical && after.contents && !details)
    caveats.push(
      `Packages and folders are not compared: of the baseline (${baseline.source}) only the manifest was read; "baseline: registry-detail" reads all of it.`,
    )
  const comparison = {
    identical,
    download: download(before.download, after.download),
    onDisk: changeOf(before.onDisk, after.onDisk),
    update: updateOf(after, before),
    caveats,
    ...(bases.after &&
      bases.before && {
        base: download(bases.before.base.download, bases.after.base.download),
        own: download(bases.before.own.download, bases.after.own.download),
      }),
    ...details,
  }
  return { ...comparison, changes: identical ? [] : describeChanges(after, before, comparison, worthALine) }
}

/** The same config means the same files and settings; the same manifest, the same bytes. */
function isIdentical(after: ImageMeasure, before: ImageMeasure): boolean {
  if (after.manifestDigest === before.manifestDigest) return true
  const packed = ({ layers }: ImageMeasure) => layers.map(({ compression }) => compression).join()
  return after.configDigest === before.configDigest && packed(after) === packed(before)
}

/**
 * Download bytes of what the baseline did not have. By digest: a layer that was compressed anew has to be pulled again, though its files are the same.
 */
function updateOf(after: ImageMeasure, before: ImageMeasure): Size {
  if (after.method === 'archive' && after.layers.some(({ compression }) => compression === 'none'))
    return { unknown: 'the layers of this archive are not compressed as a registry would send them' }
  if (after.configDigest === before.configDigest && after.manifestDigest === before.manifestDigest) return { bytes: 0 }
  const had = new Set(before.layers.map(({ digest }) => digest))
  const pulled = new Map<string, LayerMeasure>()
  for (const layer of after.layers) if (!had.has(layer.digest)) pulled.set(layer.digest, layer)
  const layers = [...pulled.values()].reduce((sum, layer) => sum + layer.download, 0)
  return { bytes: layers + (after.configDigest === before.configDigest ? 0 : configBytes(after)) }
}

function configBytes({ download, layers }: ImageMeasure): number {
  const once = new Map(layers.map((layer) => [layer.digest, layer.download]))
  return download - [...once.values()].reduce((sum, bytes) => sum + bytes, 0)
}
