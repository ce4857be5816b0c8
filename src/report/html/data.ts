import type { FileTree, ImageMeasure, PackageEntry } from '../../image/measure.ts'
import { commandOf, layerOrigin } from '../markdown/details.ts'
import { visible } from '../markdown/markdown.ts'
import type { Report } from '../model/report.ts'
import { rowsOf } from '../rows.ts'

/** A file: name, bytes, layer, package. A folder: name, bytes, children. Arrays, since names of keys would be half of the page. */
export type Node = readonly [string, number, number, number] | readonly [string, number, readonly Node[]]

/** Manager, name, version, bytes, layer. */
export type Package = readonly [string, string, string, number, number]

/** Diff ID, command, download, bytes on disk or null, and where it is from: `line 14`, `base image`. */
type Layer = readonly [string, string, number, number | null, string]

/** Path, bytes, reason, the layers that wrote and that hid it. */
export type Hidden = readonly [string, number, string, number, number]

export interface Side {
  readonly tree?: Node
  readonly packages: readonly Package[]
  readonly layers: readonly Layer[]
  /** Bytes that no container sees; only if contents were read. */
  readonly waste?: readonly Hidden[]
}

/** The data of one image that the explorer in the page shows. */
export interface HtmlImage {
  readonly name: string
  readonly after: Side
  readonly before?: Side
}

/** Maximum nodes of all trees together: about 8 MB of HTML, which a browser parses in less than half a second. */
const mostNodes = 220_000

/** One for each image that was measured. */
export function htmlImages(report: Report): readonly HtmlImage[] {
  const several = report.addons.length > 1
  const measured = rowsOf(report).flatMap(({ addon, target: { architecture, size } }) =>
    size ? { name: several ? `${addon} ${architecture}` : architecture, ...size } : [],
  )
  const sides = measured.reduce((sum, { baseline }) => sum + (baseline?.measure.contents?.tree ? 2 : 1), 0)
  const share = Math.max(500, Math.floor(mostNodes / Math.max(1, sides)))
  return measured.map(({ name, measure, baseline }) => ({
    name,
    after: sideOf(measure, share),
    ...(baseline && { before: sideOf(baseline.measure, share) }),
  }))
}

function sideOf(measure: ImageMeasure, share: number): Side {
  const { contents, layers } = measure
  return {
    ...(contents?.tree && { tree: nodeOf(contents.tree, threshold(contents.tree, share)) }),
    packages: (contents?.packages ?? []).map(packageOf),
    layers: layers.map(({ diffId, createdBy, download, onDisk }, index) => [
      diffId,
      visible(commandOf(createdBy)).slice(0, 300),
      download,
      'bytes' in onDisk ? onDisk.bytes : null,
      layerOrigin(measure, index),
    ]),
    ...(contents && {
      waste: contents.waste.map(({ path, bytes, reason, writtenBy, hiddenBy }) => [
        nameOf(path),
        bytes,
        reason,
        writtenBy,
        hiddenBy,
      ]),
    }),
  }
}

const packageOf = ({ manager, name, version, bytes, layer }: PackageEntry): Package => [
  manager,
  visible(name),
  visible(version),
  bytes,
  layer ?? -1,
]

/** Replaces invisible characters, so that the page does not have to. */
const nameOf = (text: string): string => visible(text).replace(/\n/g, '␤')

function nodeOf(tree: FileTree, least: number): Node {
  const name = nameOf(tree.name)
  if (!tree.children) return [name, tree.bytes, tree.layer ?? -1, tree.package ?? -1]
  return [name, tree.bytes, tree.children.filter(({ bytes }) => bytes >= least).map((child) => nodeOf(child, least))]
}

/** Bytes of the smallest node among the `most` largest; 0 if there are no more nodes than that. */
function threshold(tree: FileTree, most: number): number {
  const nodes = [tree]
  for (const node of nodes) for (const child of node.children ?? []) nodes.push(child)
  if (nodes.length <= most) return 0
  const sorted = Float64Array.from(nodes, ({ bytes }) => bytes).sort()
  return (sorted.at(-most) ?? 0) + 1
}
