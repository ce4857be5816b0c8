import type { Waste } from './measure.ts'
import type { Hidden } from './tree.ts'

interface Node {
  bytes: number
  files: number
  readonly children: Map<string, Node>
}

/**
 * Groups hidden bytes by folder: `usr/share/doc` once, not each of its 4,000 files. First by the layer that wrote them, the layer that hid them and the
 * reason; in such a group a folder is split as long as most of its bytes are in one of its children. Sums stay exact.
 */
export function summarizeWaste(hidden: readonly Hidden[]): Waste[] {
  const groups = Map.groupBy(hidden, ({ writtenBy, hiddenBy, reason }) => `${writtenBy} ${hiddenBy} ${reason}`)
  let waste: Waste[] = []
  let parts = 0
  // One tree at a time: all of them together could have as many nodes as the image for each pair of layers.
  for (const group of groups.values()) {
    const [sample] = group
    if (!sample) continue
    const root = node()
    const nodes = { count: 0 }
    for (const one of group)
      parts += insert(root, one, nodes, parts < mostParts && nodes.count < mostNodes ? undefined : fewParts)
    const { reason, writtenBy, hiddenBy } = sample
    open(root, '', (path, { bytes, files }) => waste.push({ path, bytes, files, reason, writtenBy, hiddenBy }))
    if (waste.length > mostKept * 20) waste = heaviest(waste).slice(0, mostKept)
  }
  return heaviest(waste)
}

/** Maximum parts of paths that are grouped exactly: as many as ten layers have that each replace 20,000 files. Later files are grouped near the root. */
const mostParts = 2_000_000
const fewParts = 3

/** Maximum nodes of one tree, which takes memory in addition to the tree of the image. Later files are grouped by folders near the root. */
const mostNodes = 100_000

/** Maximum groups that are kept: far more than a report shows. */
const mostKept = 5000

const heaviest = (waste: readonly Waste[]): Waste[] =>
  waste.toSorted((a, b) => b.bytes - a.bytes || (a.path < b.path ? -1 : 1))

const node = (): Node => ({ bytes: 0, files: 0, children: new Map() })

/** @returns the number of parts of the path that were grouped. */
function insert(root: Node, { path, bytes }: Hidden, nodes: { count: number }, most?: number): number {
  let current = root
  const parts = path.split('/', most)
  for (const part of parts) {
    current.bytes += bytes
    current.files++
    let next = current.children.get(part)
    if (!next) {
      next = node()
      nodes.count++
      current.children.set(part, next)
    }
    current = next
  }
  current.bytes += bytes
  current.files++
  return parts.length
}

const smallShare = 0.05

function open(current: Node, path: string, emit: (path: string, node: Node) => void): void {
  const children = [...current.children]
  const largest = children.reduce((most, [, child]) => Math.max(most, child.bytes), 0)
  // Bytes may also be hidden at the folder's own path, when a file replaced it: those are missing in the children.
  const whole = children.reduce((sum, [, child]) => sum + child.bytes, 0) === current.bytes
  const worth = path === '' || (whole && largest >= current.bytes / 2)
  if (!children.length || !worth) {
    emit(path, current)
    return
  }
  const rest = node()
  for (const [name, child] of children) {
    if (path !== '' && child.bytes < current.bytes * smallShare) {
      rest.bytes += child.bytes
      rest.files += child.files
    } else open(child, path ? `${path}/${name}` : name, emit)
  }
  if (rest.files) emit(path, rest)
}
