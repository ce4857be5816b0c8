import type { Waste } from './measure.ts'
import type { Hidden } from './tree.ts'

interface Node {
  bytes: number
  files: number
  readonly children: Map<string, Node>
}

/**
 * Hidden bytes as a person would name them: `usr/share/doc` once, not each of its 4,000 files. Grouped by who wrote, who hid and why; in a group a
 * folder is opened as long as that says where most of it is. Sums stay exact.
 */
export function summarizeWaste(hidden: readonly Hidden[]): Waste[] {
  const groups = new Map<string, { readonly sample: Hidden; readonly root: Node }>()
  for (const one of hidden) {
    const key = `${one.writtenBy} ${one.hiddenBy} ${one.reason}`
    const group = groups.get(key) ?? { sample: one, root: node() }
    groups.set(key, group)
    insert(group.root, one)
  }
  const waste: Waste[] = []
  for (const { sample, root } of groups.values()) {
    const { reason, writtenBy, hiddenBy } = sample
    open(root, '', (path, { bytes, files }) => waste.push({ path, bytes, files, reason, writtenBy, hiddenBy }))
  }
  return waste.sort((a, b) => b.bytes - a.bytes || (a.path < b.path ? -1 : 1))
}

const node = (): Node => ({ bytes: 0, files: 0, children: new Map() })

function insert(root: Node, { path, bytes }: Hidden): void {
  let current = root
  for (const part of path.split('/')) {
    current.bytes += bytes
    current.files++
    const next = current.children.get(part) ?? node()
    current.children.set(part, next)
    current = next
  }
  current.bytes += bytes
  current.files++
}

const smallShare = 0.05

function open(current: Node, path: string, emit: (path: string, node: Node) => void): void {
  const children = [...current.children]
  const largest = children.reduce((most, [, child]) => Math.max(most, child.bytes), 0)
  // What is hidden in a folder may also be hidden at the folder's own path, when a file took its place: then bytes are missing in the children.
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
