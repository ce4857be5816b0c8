import { count, shorten } from '../../core/text.ts'
import { instructionOf } from '../../image/history.ts'
import type { ImageMeasure, Waste } from '../../image/measure.ts'
import type { Baseline, Change, Comparison } from '../../size/result.ts'
import { formatBytes, shortCommit, shortDigest, signedBytes, size } from '../figures.ts'
import type { Row } from '../rows.ts'
import { blocks, code, folded, html, prose, right, table } from './markdown.ts'

const maxTableRows = 8

/** Why bytes are wasted, in words. */
export const wasteReasons: Readonly<Record<Waste['reason'], string>> = {
  deleted: 'deleted',
  overwritten: 'overwritten',
  'metadata-only': 'same content, different owner or mode',
}

/** Layers, waste, packages and caveats of one image, folded. Undefined for an image that was not measured. */
export function detailsOf(row: Row, several: boolean): string | undefined {
  const result = row.target.size
  if (!result) return undefined
  const { measure, comparison, baseline, noBaseline, budgets } = result
  const name = several ? `${row.addon}/${row.target.architecture}` : row.target.architecture
  const waste = measure.contents?.hidden ? `, ${formatBytes(measure.contents.hidden)} wasted` : ''
  const title = `<code>${html(name)}</code>: ${count(measure.layers.length, 'layer')}, ${formatBytes(measure.download)}${waste}`
  const notes = [
    ...(comparison ? splitOf(comparison) : []),
    ...(comparison?.caveats ?? []),
    ...(noBaseline === undefined ? [] : [noBaseline]),
    // A budget that is exceeded is listed among the reasons.
    ...budgets.filter(({ over }) => !over).map(({ message }) => message),
    ...(baseline ? [`Compared with ${comparedWith(baseline)}`] : []),
  ]
  return folded(
    title,
    blocks(
      notes.map((note) => `- ${prose(note)}`).join('\n'),
      layerTable(measure, new Set(baseline?.measure.layers.map(({ diffId }) => diffId))),
      wasteTable(measure),
      packageTable(row),
      folderTable(row),
    ),
  )
}

/** The baseline, its commit and its digest. The key of a cache entry means nothing to a reader; report.json has it. */
function comparedWith({ source, reference, chosen, commit, measure }: Baseline): string {
  const byName = source !== 'cache' || chosen === undefined
  const name = byName ? `\`${reference}\`` : chosen
  const parts = [
    ...(byName && chosen !== undefined ? [chosen] : []),
    ...(source === 'cache' ? ['sizes from the cache'] : []),
    ...(commit ? [`commit \`${shortCommit(commit)}\``] : []),
    `manifest \`${shortDigest(measure.manifestDigest)}\``,
  ]
  return `${name} (${parts.join(', ')})`
}

/** `line 14`, `base image`, or `layer 3` if neither is known. */
export function layerOrigin({ layers, base }: Pick<ImageMeasure, 'layers' | 'base'>, index: number): string {
  const line = layers[index]?.line
  if (line !== undefined) return `line ${line}`
  return base && index < base.layers ? 'base image' : `layer ${index + 1}`
}

/** The instruction as written in the Dockerfile, without what BuildKit adds. */
export const commandOf = (createdBy: string | undefined): string => instructionOf(createdBy ?? '')

function layerTable(measure: ImageMeasure, known: ReadonlySet<string>): string {
  const compared = known.size > 0
  const shown = measure.layers
    .map((layer, index) => ({ layer, index }))
    .sort((a, b) => b.layer.download - a.layer.download)
    .slice(0, maxTableRows)
  return table(
    [
      ...[right('Layer'), right('Download'), right('On disk')],
      ...(compared ? ['On the device'] : []),
      ...['Dockerfile', 'Created by'],
    ],
    shown.map(({ layer, index }) => [
      String(index + 1),
      formatBytes(layer.download),
      size(layer.onDisk),
      ...(compared ? [known.has(layer.diffId) ? 'already' : 'new'] : []),
      layerOrigin(measure, index),
      layer.createdBy === undefined ? '' : code(shorten(commandOf(layer.createdBy), 90)),
    ]),
  )
}

function wasteTable(measure: ImageMeasure): string | undefined {
  const shown = [...(measure.contents?.waste ?? [])].sort((a, b) => b.bytes - a.bytes).slice(0, maxTableRows)
  if (shown.length === 0) return undefined
  const by = (index: number): string => {
    const { createdBy } = measure.layers[index] ?? {}
    return `${layerOrigin(measure, index)}${createdBy === undefined ? '' : ` ${code(shorten(commandOf(createdBy), 50))}`}`
  }
  return table(
    [right('Wasted'), 'Path', 'Written by', 'Why', 'Hidden by'],
    shown.map(({ path, bytes, files, reason, writtenBy, hiddenBy }) => [
      formatBytes(bytes),
      `${code(shorten(path, 120))}${files !== undefined && files > 1 ? ` (${files} files)` : ''}`,
      by(writtenBy),
      wasteReasons[reason],
      by(hiddenBy),
    ]),
  )
}

/** The packages that changed; if none did, the largest ones. */
function packageTable({ target: { size: result } }: Row): string | undefined {
  const changes = (result?.comparison?.packages ?? []).slice(0, maxTableRows)
  if (changes.length > 0) {
    return table(
      [right('Change'), 'Package', 'Before', 'After', 'Manager'],
      changes.map(({ bytes, name, before, after, manager }) => [
        signedBytes(bytes),
        code(name),
        before === undefined ? 'new' : code(before),
        after === undefined ? 'removed' : code(after),
        manager,
      ]),
    )
  }
  const packages = [...(result?.measure.contents?.packages ?? [])]
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, maxTableRows)
  if (packages.length === 0) return undefined
  return table(
    [right('On disk'), 'Package', 'Version', 'Manager'],
    packages.map(({ bytes, name, version, manager }) => [formatBytes(bytes), code(name), code(version), manager]),
  )
}

function folderTable({ target: { size: result } }: Row): string | undefined {
  const folders = (result?.comparison?.folders ?? []).slice(0, maxTableRows)
  if (folders.length === 0) return undefined
  return table(
    [right('Change'), 'Folder or file', right('Before'), right('After')],
    folders.map(({ path, bytes, before, after }) => [
      signedBytes(bytes),
      code(shorten(path, 120)),
      formatBytes(before),
      formatBytes(after),
    ]),
  )
}

/** `base image 37.3 MB (±0), own layers 24.8 MB (+3.0 MB)`. */
const splitOf = ({ base, own }: Comparison): readonly string[] => {
  const part = (name: string, change: Change): string =>
    `${name} ${size(change.after)}${change.bytes === undefined ? '' : ` (${signedBytes(change.bytes)})`}`
  return base && own ? [`Download: ${part('base image', base)}, ${part('own layers', own)}`] : []
}
