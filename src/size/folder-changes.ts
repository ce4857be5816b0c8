import type { FileTree, ImageContents } from '../image/measure.ts'
import type { FolderChange } from './result.ts'

/** Folders and files that grew or shrank, most bytes first, without those of packages. Empty unless both images have a tree. */
export function folderChanges(after: ImageContents, before: ImageContents, from: number): FolderChange[] {
  if (!after.tree || !before.tree) return []
  const changes: FolderChange[] = []
  const root = difference(after.tree, before.tree, '')
  if (root) descend(root, from, changes)
  return changes.sort((a, b) => Math.abs(b.bytes) - Math.abs(a.bytes) || (a.path < b.path ? -1 : 1))
}

interface Difference {
  readonly path: string
  /** After minus before, of what belongs to no package. */
  readonly bytes: number
  readonly before: number
  readonly after: number
  readonly children: readonly Difference[]
  /** Bytes by which files in it grew, by the layer that has them now. */
  readonly growth: ReadonlyMap<number, number>
}

function difference(after: FileTree | undefined, before: FileTree | undefined, path: string): Difference | undefined {
  const now = own(after)
  const then = own(before)
  const names = new Map<string, { a?: FileTree; b?: FileTree }>()
  for (const a of after?.children ?? []) names.set(a.name, { a })
  for (const b of before?.children ?? []) names.set(b.name, { ...names.get(b.name), b })
  const children: Difference[] = []
  for (const [name, { a, b }] of names) {
    const child = difference(a, b, path ? `${path}/${name}` : name)
    if (child) children.push(child)
  }
  // A folder may have the same size as before but other files, so its children decide.
  if (now === then && children.length === 0) return undefined
  return {
    path,
    bytes: now - then,
    before: then,
    after: now,
    children,
    growth: growthByLayer(after, now - then, children),
  }
}

function growthByLayer(
  after: FileTree | undefined,
  grown: number,
  children: readonly Difference[],
): ReadonlyMap<number, number> {
  if (after?.layer !== undefined) return new Map(grown > 0 ? [[after.layer, grown]] : [])
  const sums = new Map<number, number>()
  for (const { growth } of children)
    for (const [layer, bytes] of growth) sums.set(layer, (sums.get(layer) ?? 0) + bytes)
  return sums
}

/** The layer that added most of the growth; undefined if nothing grew. */
function mainLayer({ bytes, growth }: Difference): number | undefined {
  if (bytes <= 0) return undefined
  const [layer, most = 0] = [...growth].reduce((best, one) => (one[1] > best[1] ? one : best), [-1, 0] as [
    number,
    number,
  ])
  // Otherwise several steps contributed, and none is named.
  return most * 2 > bytes ? layer : undefined
}

/** Bytes that belong to no package. */
function own(tree: FileTree | undefined): number {
  if (!tree || tree.package !== undefined) return 0
  return tree.bytes - (tree.packaged ?? 0)
}

/** Lists the children of a folder instead of the folder while a few of them explain its change. */
function descend(node: Difference, from: number, changes: FolderChange[]): void {
  const large = node.children.filter(({ bytes }) => Math.abs(bytes) >= from)
  const explained = large.reduce((sum, { bytes }) => sum + bytes, 0)
  const clear =
    large.length > 0 && large.length <= 8 && Math.abs(node.bytes - explained) < Math.max(from, Math.abs(node.bytes) / 5)
  if (node.path === '' || clear || Math.abs(node.bytes) < from) {
    // Includes small children: growth in one folder may balance a loss in another.
    for (const child of node.children) descend(child, from, changes)
    return
  }
  const { path, bytes, before, after } = node
  const layer = mainLayer(node)
  changes.push({ path, bytes, before, after, ...(layer !== undefined && { layer }) })
}
