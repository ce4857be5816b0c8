import { imageFailure } from './failure.ts'
import { isMarker, type LayerEntry } from './layer.ts'
import { defaultLimits } from './limits.ts'
import type { Waste } from './measure.ts'

/** Content that one or more names lead to. */
export interface Inode {
  readonly bytes: number
  readonly print: string | undefined
  readonly isFile: boolean
  /** Of a symbolic link. */
  readonly pointsTo?: string
  /** Index of the layer that brought it. */
  readonly layer: number
  names: number
}

export interface Leaf {
  readonly inode: Inode
}

export interface Folder {
  readonly children: Map<string, TreeNode>
}

export type TreeNode = Leaf | Folder

export const isFolder = (node: TreeNode): node is Folder => 'children' in node

/** Content that no name leads to any more. */
export interface Hidden {
  readonly path: string
  readonly bytes: number
  readonly writtenBy: number
  readonly hiddenBy: number
  reason: Waste['reason']
}

const folder = (): Folder => ({ children: new Map() })
const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')))
const join = (path: string, name: string): string => (path ? `${path}/${name}` : name)

/**
 * The files of an image as layers are put upon each other, from the lowest. Keeps account of everything that gets hidden:
 * Σ bytes of all entries = bytes that can be reached + bytes hidden.
 */
export class MergedTree {
  readonly root: Folder = folder()
  readonly hidden: Hidden[] = []
  private layer = -1
  /** What this layer's whiteouts took away, by path: it may bring the same again. */
  private deleted = new Map<string, { readonly record: Hidden; readonly inode: Inode }>()

  private readonly mostNodes: number
  private nodes = 0

  /** @param mostNodes files and folders that may ever be made; a Failure `image/limit` beyond. */
  constructor(mostNodes = defaultLimits.nodes) {
    this.mostNodes = mostNodes
  }

  /** Order inside a layer means nothing (OCI image spec): first everything that hides, then files, then links to them. */
  apply(entries: readonly LayerEntry[]): void {
    this.layer++
    this.deleted = new Map()
    for (const entry of entries) if (entry.kind === 'file' && isMarker(entry.path)) this.whiteout(entry.path)
    for (const entry of entries) if (entry.kind !== 'hardlink' && !this.isMark(entry)) this.put(entry)
    for (const entry of entries) if (entry.kind === 'hardlink') this.link(entry)
    this.deleted.clear()
  }

  find(path: string): TreeNode | undefined {
    let node: TreeNode = this.root
    if (path === '') return node
    for (const name of path.split('/')) {
      const next: TreeNode | undefined = isFolder(node) ? node.children.get(name) : undefined
      if (!next) return undefined
      node = next
    }
    return node
  }

  private isMark(entry: LayerEntry): boolean {
    return entry.kind === 'file' && isMarker(entry.path)
  }

  private whiteout(path: string): void {
    const parent = this.find(parentOf(path))
    if (!parent || !isFolder(parent)) return
    const name = nameOf(path)
    if (name === '.wh..wh..opq') {
      for (const [child, node] of parent.children) this.release(node, join(parentOf(path), child), 'deleted')
      parent.children.clear()
      return
    }
    // Other names with this beginning are marks of AUFS itself.
    if (name.startsWith('.wh..wh.')) return
    const target = name.slice('.wh.'.length)
    const node = parent.children.get(target)
    if (!node) return
    parent.children.delete(target)
    this.release(node, join(parentOf(path), target), 'deleted')
  }

  private put({ path, kind, bytes, print, pointsTo }: LayerEntry): void {
    if (path === '') return
    if (kind === 'directory') {
      this.folderAt(path)
      return
    }
    const inode = { bytes, print, isFile: kind === 'file', layer: this.layer, names: 0 }
    this.set(path, { inode: pointsTo === undefined ? inode : { ...inode, pointsTo } })
  }

  /** The target may lie in this layer or below. Without one there is nothing that takes room. */
  private link({ path, target }: LayerEntry): void {
    if (!path || !target) return
    // Making room may hide the target: a link `a/b` to the file `a`.
    this.folderAt(parentOf(path))
    const found = this.find(target)
    if (found && !isFolder(found)) this.set(path, { inode: found.inode })
  }

  private set(path: string, leaf: Leaf): void {
    const parent = this.folderAt(parentOf(path))
    this.count()
    const name = nameOf(path)
    const before = parent.children.get(name)
    // First count the new name: a link may take the place of another name of the same content.
    leaf.inode.names++
    parent.children.set(name, leaf)
    if (before) this.release(before, path, isFolder(before) ? 'overwritten' : replacing(before.inode, leaf.inode))
    const deleted = this.deleted.get(path)
    if (deleted) deleted.record.reason = replacing(deleted.inode, leaf.inode)
  }

  private folderAt(path: string): Folder {
    let current = this.root
    if (path === '') return current
    let at = ''
    for (const name of path.split('/')) {
      at = join(at, name)
      const next = current.children.get(name)
      if (next && isFolder(next)) {
        current = next
        continue
      }
      this.count()
      const made = folder()
      current.children.set(name, made)
      if (next) this.release(next, at, 'overwritten')
      current = made
    }
    return current
  }

  private count(): void {
    if (++this.nodes > this.mostNodes)
      throw imageFailure(
        'image/limit',
        `The image has more than ${this.mostNodes} files and folders in all of its layers, so what is in it was not measured.`,
      )
  }

  private release(node: TreeNode, path: string, reason: Waste['reason']): void {
    if (isFolder(node)) {
      for (const [name, child] of node.children) this.release(child, join(path, name), reason)
      return
    }
    const { inode } = node
    if (--inode.names > 0 || inode.bytes === 0) return
    const record: Hidden = { path, bytes: inode.bytes, writtenBy: inode.layer, hiddenBy: this.layer, reason }
    this.hidden.push(record)
    if (reason === 'deleted') this.deleted.set(path, { record, inode })
  }
}

const replacing = (before: Inode, after: Inode): Waste['reason'] =>
  before.bytes === after.bytes && before.print === after.print ? 'metadata-only' : 'overwritten'
