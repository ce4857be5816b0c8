import { formatBytes, formatDelta, formatSize } from '../../core/bytes.ts'
import { count, shorten } from '../../core/text.ts'
import type { ImageMeasure } from '../../image/measure.ts'
import { commandOf } from '../../report/markdown/details.ts'
import { visible } from '../../report/markdown/markdown.ts'
import { compare } from '../../size/compare.ts'
import { wasteText } from '../../size/describe-changes.ts'
import type { Change } from '../../size/result.ts'

/** Text of an image, without control characters that would act on a terminal. */
const clean = (text: string): string => visible(text).replace(/\s+/g, ' ').trim()

/** Aligned columns; the first `figures` of them to the right. */
function aligned(rows: readonly (readonly string[])[], figures: number): readonly string[] {
  const widths = rows.reduce<number[]>((most, row) => row.map((cell, at) => Math.max(most[at] ?? 0, cell.length)), [])
  return rows.map((row) =>
    row
      .map((cell, at) => (at < figures ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
}

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)]

/** The sizes of one image, of its layers and of its largest parts. */
export function describeImage(measure: ImageMeasure): readonly string[] {
  const { download, onDisk, contents, layers } = measure
  const most = 10
  const packages = contents?.packages.slice(0, most) ?? []
  return [
    `Download ${formatBytes(download)}, on disk ${formatSize(onDisk)}${contents?.hidden ? `, of which ${formatBytes(contents.hidden)} are hidden by later layers` : ''}`,
    ...section(
      count(layers.length, 'layer'),
      aligned(
        [
          ['#', 'download', 'on disk', 'made by'],
          ...layers.map((layer, index) => [
            String(index + 1),
            formatBytes(layer.download),
            formatSize(layer.onDisk),
            shorten(clean(commandOf(layer.createdBy)), 100),
          ]),
        ],
        3,
      ),
    ),
    ...section(
      `Wasted: ${formatBytes(contents?.hidden ?? 0)}`,
      (contents?.waste.slice(0, most) ?? []).map(
        (waste) => `${formatBytes(waste.bytes)}: ${clean(wasteText(waste, measure))}`,
      ),
    ),
    ...section(
      `Largest of ${count(contents?.packages.length ?? 0, 'package')}`,
      aligned(
        packages.map(({ bytes, name, version, manager }) => [formatBytes(bytes), clean(`${name} ${version}`), manager]),
        1,
      ),
    ),
    ...section(
      `Largest of ${count(contents?.files ?? 0, 'file')}`,
      aligned(
        (contents?.largestFiles ?? [])
          .slice(0, most)
          .map(({ path, bytes }) => [formatBytes(bytes), clean(`/${path.replace(/^\//, '')}`)]),
        1,
      ),
    ),
  ]
}

/** How the sizes of the second image differ from those of the first. */
export function describeDifference(name: string, before: ImageMeasure, after: ImageMeasure): readonly string[] {
  const compared = compare(after, { source: 'file', reference: name, measure: before })
  if (compared.identical) return [`Identical image: ${after.configDigest}`]
  const { download, onDisk, update, caveats, changes } = compared
  const row = (title: string, change: Change): readonly string[] => [
    title,
    formatSize(change.before),
    formatSize(change.after),
    change.bytes === undefined ? 'not comparable' : formatDelta(change.bytes),
  ]
  return [
    ...aligned([['', 'before', 'after', 'change'], row('Download', download), row('On disk', onDisk)], 0),
    `Update: ${formatSize(update)} (download of a device that has the first image)`,
    ...section('Changes (size on disk, unless marked "to download")', changes.map(clean)),
    ...section('Not compared', caveats),
  ]
}
