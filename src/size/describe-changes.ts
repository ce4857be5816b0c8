import { formatBytes, formatDelta } from '../core/bytes.ts'
import { codeSpan, count, safeLine } from '../core/text.ts'
import { isBuildTool, isDevelopment } from '../image/build-tools.ts'
import { instructionOf } from '../image/history.ts'
import type { ImageMeasure, Waste } from '../image/measure.ts'
import type { Change, Comparison, FolderChange, PackageChange } from './result.ts'

/** A change as a sentence. */
interface Line {
  readonly bytes: number
  readonly text: string
  /** Download bytes; else bytes on disk. */
  readonly download?: boolean
}

type Compared = Omit<Comparison, 'changes'>

const mostPackages = 12
const mostNames = 3

/**
 * The changes in words, those of the base image first, then most bytes first; bytes on disk, unless a line says `to download`:
 * ``+31.0 MB: package gcc 13.2 stays in the image, added by `RUN apk add gcc` at Dockerfile line 14``.
 */
export function describeChanges(after: ImageMeasure, before: ImageMeasure, compared: Compared, from: number): string[] {
  const lines = [
    ...(compared.packages ? packageLines(compared.packages, after, from) : []),
    ...withoutMoved(compared.folders ?? []).map((change) => folderLine(change, after)),
    ...wasteLines(after, before, from),
    ...(compared.packages ? [] : layerLines(after, before, compared)),
  ].filter(({ bytes }) => Math.abs(bytes) >= from)
  lines.sort((a, b) => Math.abs(b.bytes) - Math.abs(a.bytes))
  return [...baseLine(after, before, compared, from), ...lines].map(
    ({ bytes, text, download }) => `${formatDelta(bytes)}${download ? ' to download' : ''}: ${text}`,
  )
}

const aboutBase = 'the base image '
const ofBase = ' in the base image'

/** Whether a line of `describeChanges` is about the base image only, which the author cannot change. */
export const isOfBase = (line: string): boolean =>
  line.endsWith(ofBase) || line.includes(`${ofBase}: `) || line.includes(`: ${aboutBase}`)

/** Comes first, because it separates the changes of the base image from the author's own. */
function baseLine(after: ImageMeasure, before: ImageMeasure, { base, own }: Compared, from: number): Line[] {
  const isListed = (change: Change | undefined): change is Change & { bytes: number } =>
    change?.bytes !== undefined && Math.abs(change.bytes) >= from
  if (!isListed(base)) return []
  const [was, is] = [before.base?.reference ?? '', after.base?.reference ?? '']
  const what =
    was === is || was === '' ? `${codeSpan(is)} was updated` : `went from ${codeSpan(was)} to ${codeSpan(is)}`
  const others = isListed(own) ? `own layers ${formatDelta(own.bytes)}` : 'own layers did not change'
  return [{ bytes: base.bytes, text: `${aboutBase}${what}, ${others}`, download: true }]
}

/** Packages that one step added, that were removed, or that the base image upgraded share a line; those that the author upgraded have one each. */
function packageLines(packages: readonly PackageChange[], after: ImageMeasure, from: number): Line[] {
  const lines: Line[] = []
  const single: PackageChange[] = []
  for (const [key, group] of Map.groupBy(packages, (change) => groupOf(change, after))) {
    const [first, second] = group
    if (key !== undefined && first && second) lines.push(groupLine(group, first, after))
    else single.push(...group)
  }
  const large = single.filter(({ bytes }) => Math.abs(bytes) >= from)
  large.sort((a, b) => Math.abs(b.bytes) - Math.abs(a.bytes))
  const rest = large.slice(mostPackages)
  return [
    ...lines,
    ...large.slice(0, mostPackages).map((change) => ({ bytes: change.bytes, text: packageText(change, after) })),
    ...(rest.length === 0 ? [] : [{ bytes: sumOf(rest), text: count(rest.length, 'further package') }]),
  ]
}

const sumOf = (changes: readonly PackageChange[]): number => changes.reduce((sum, { bytes }) => sum + bytes, 0)

function groupOf({ before, after: now, layer }: PackageChange, after: ImageMeasure): string | undefined {
  if (now === undefined) return 'removed'
  const inBase = isBase(after, layer)
  if (before === undefined) return inBase ? 'added base' : layer === undefined ? undefined : `added ${layer}`
  return inBase ? 'changed base' : undefined
}

/** `14 packages stay in the image, added by … at Dockerfile line 14: gcc 13.2 (130.1 MB), binutils 2.41 (9.0 MB) and 12 more`. */
function groupLine(group: readonly PackageChange[], first: PackageChange, after: ImageMeasure): Line {
  const heaviest = [...group].sort((a, b) => Math.abs(b.bytes) - Math.abs(a.bytes))
  const names = heaviest
    .slice(0, mostNames)
    .map(
      ({ name, before, after: now, bytes }) =>
        `${safeLine(name)} ${safeLine(now ?? before ?? '', 40)} (${formatBytes(Math.abs(bytes))})`,
    )
  const rest = group.length - names.length
  const listed = `${names.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
  const verb =
    first.after === undefined
      ? 'were removed'
      : first.before !== undefined
        ? `changed${ofBase}`
        : isBase(after, first.layer)
          ? `are new${ofBase}`
          : `${group.some(({ name }) => isForBuilding(name)) ? 'stay in the image, added' : 'were added'}${by(after, first.layer)}`
  return { bytes: sumOf(group), text: `${count(group.length, 'package')} ${verb}: ${listed}` }
}

const isForBuilding = (name: string): boolean => isBuildTool(name) || isDevelopment(name)
const isBase = ({ base }: ImageMeasure, layer: number | undefined): boolean =>
  base !== undefined && layer !== undefined && layer < base.layers

function packageText({ manager, name, before, after: now, bytes, layer }: PackageChange, after: ImageMeasure): string {
  const what = `${labels[manager]} ${safeLine(name)}`
  if (now === undefined) return `${what} ${safeLine(before ?? '', 40)} was removed`
  if (before === undefined) {
    const added = isForBuilding(name) && !isBase(after, layer) ? 'stays in the image, added' : 'was added'
    return `${what} ${safeLine(now, 40)} ${added}${by(after, layer)}`
  }
  const where = isBase(after, layer) ? ofBase : ''
  if (before === now) return `${what} ${safeLine(now, 40)} ${bytes > 0 ? 'grew' : 'shrank'}${where}`
  return `${what} went from ${safeLine(before, 40)} to ${safeLine(now, 40)}${where}`
}

const labels: Readonly<Record<PackageChange['manager'], string>> = {
  apk: 'package',
  dpkg: 'package',
  python: 'Python package',
  node: 'Node package',
}

/** Files that only moved (the same name and the same bytes) do not explain growth. */
function withoutMoved(changes: readonly FolderChange[]): readonly FolderChange[] {
  const keyOfMove = ({ path, bytes }: FolderChange): string =>
    `${path.slice(path.lastIndexOf('/') + 1)} ${Math.abs(bytes)}`
  const gone = new Map<string, FolderChange>()
  for (const change of changes) if (change.after === 0) gone.set(keyOfMove(change), change)
  const moved = new Set<FolderChange>()
  for (const change of changes) {
    const from = change.before === 0 ? gone.get(keyOfMove(change)) : undefined
    if (!from || moved.has(from)) continue
    moved.add(from).add(change)
  }
  return changes.filter((change) => !moved.has(change))
}

function folderLine({ path, bytes, before, after: now, layer }: FolderChange, after: ImageMeasure): Line {
  const what =
    before === 0 ? 'is new' : now === 0 ? 'is gone' : `${bytes > 0 ? 'grew' : 'shrank'} to ${formatBytes(now)}`
  const step = by(after, layer)
  return {
    bytes,
    text: `${safeLine(path)} ${what}${step && before === 0 && !isBase(after, layer) ? `, made${step}` : step}`,
  }
}

/** Only waste that the baseline did not have. */
function wasteLines(after: ImageMeasure, before: ImageMeasure, from: number): Line[] {
  if (!after.contents || !before.contents) return []
  const known = new Map<string, number>()
  for (const waste of before.contents.waste) {
    known.set(keyOf(waste), (known.get(keyOf(waste)) ?? 0) + waste.bytes)
  }
  return after.contents.waste.flatMap((waste) => {
    const bytes = waste.bytes - (known.get(keyOf(waste)) ?? 0)
    return bytes >= from ? [{ bytes, text: `stored but hidden: ${wasteText(waste, after)}` }] : []
  })
}

const keyOf = ({ path, reason }: Waste): string => `${reason} ${path}`

const hidden: Readonly<Record<Waste['reason'], string>> = {
  deleted: 'deleted',
  overwritten: 'replaced',
  'metadata-only': 'stored a second time for another owner or mode',
}

/** ``usr/lib/gcc, written by `RUN apk add gcc` at Dockerfile line 4, deleted by `RUN apk del gcc` at Dockerfile line 9``. */
export function wasteText({ path, files, reason, writtenBy, hiddenBy }: Waste, measure: ImageMeasure): string {
  const what = `${safeLine(path)}${files !== undefined && files > 1 ? ` (${files} files)` : ''}`
  return `${what}, written${by(measure, writtenBy) || ' by an unknown step'}, ${hidden[reason]}${by(measure, hiddenBy)}`
}

/** `` by `RUN apk add gcc` at Dockerfile line 14``, ` in the base image`, or nothing if it is not known. */
function by(measure: ImageMeasure, layer: number | undefined): string {
  if (layer === undefined) return ''
  if (isBase(measure, layer)) return ofBase
  const { createdBy, line } = measure.layers[layer] ?? {}
  return createdBy ? ` by ${stepOf(createdBy, line)}` : ''
}

const stepOf = (createdBy: string, line: number | undefined): string =>
  `${codeSpan(instructionOf(createdBy))}${line === undefined ? '' : ` at Dockerfile line ${line}`}`

/** Manifests only show which layers are new. */
function layerLines(after: ImageMeasure, before: ImageMeasure, { base }: Compared): Line[] {
  // If both bases are known, `baseLine` has their change.
  const [from, to] = base ? [before.base?.layers ?? 0, after.base?.layers ?? 0] : [0, 0]
  const then = new Set(before.layers.map(({ diffId }) => diffId))
  const now = new Set(after.layers.map(({ diffId }) => diffId))
  const gone = before.layers.slice(from).filter(({ diffId }) => !now.has(diffId))
  const lines: Line[] = []
  // A step that ran again has another layer, but the same text in the Dockerfile.
  for (const [index, layer] of after.layers.entries()) {
    if (index < to || then.has(layer.diffId)) continue
    const match = gone.findIndex(({ createdBy }) => createdBy !== undefined && createdBy === layer.createdBy)
    const old = match < 0 ? undefined : gone.splice(match, 1)[0]
    const where = isBase(after, index) ? ofBase : ''
    const name = layer.createdBy ? stepOf(layer.createdBy, layer.line) : 'an unknown step'
    lines.push({
      bytes: layer.download - (old?.download ?? 0),
      text: old ? `the layer of ${name} changed${where}` : `a new layer of ${name}${where}`,
      download: true,
    })
  }
  for (const { download, createdBy } of gone) {
    const name = createdBy ? stepOf(createdBy, undefined) : 'an unknown step'
    lines.push({ bytes: -download, text: `the layer of ${name} is gone`, download: true })
  }
  return lines
}
