import { imageFailure } from './failure.ts'
import { isMarker, type LayerEntry } from './layer.ts'
import { defaultLimits } from './limits.ts'
import type { Waste } from './measure.ts'

/** Content that one or more names refer to. */
export interface Inode {
  readonly bytes: number
  readonly contentHash: string | undefined
  readonly isFile: boolean
  /** Target of a symbolic link, as stored. */
  readonly pointsTo?: string
  /** Index of the layer that added it. */
  readonly layer: number
  names: number
}

interface Leaf {
  readonly inode: Inode
}

export interface Folder {
  readonly children: Map<string, TreeNode>
}

export type TreeNode = Leaf | Folder

export const isFolder = (node: TreeNode): node is Folder => 'children' in node

/** Content that no name refers to any more. */
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

/** The merged files of an image, and a record of what later layers hide: Σ bytes of all entries = visible bytes + hidden bytes. */
export class MergedTree {
  readonly root: Folder = folder()
  readonly hidden: Hidden[] = []
  private layer = -1
  /** Files that this layer's whiteouts deleted, by path: the layer may add the same again. */
  private deleted = new Map<string, { readonly record: Hidden; readonly inode: Inode }>()

  private readonly mostNodes: number
  private nodes = 0

  /** @param mostNodes files and folders that all layers may create; a Failure `image/limit` beyond. */
  constructor(mostNodes = defaultLimits.nodes) {
    this.mostNodes = mostNodes
  }

  /** The order inside a layer has no meaning (OCI image spec): whiteouts come first, then files, then links to them. */
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
    // Other names with this prefix are markers of AUFS itself.
    if (name.startsWith('.wh..wh.')) return
    const target = name.slice('.wh.'.length)
    const node = parent.children.get(target)
    if (!node) return
    parent.children.delete(target)
    this.release(node, join(parentOf(path), target), 'deleted')
  }

  private put({ path, kind, bytes, contentHash, pointsTo }: LayerEntry): void {
    if (path === '') return
    if (kind === 'directory') {
      this.folderAt(path)
      return
    }
    const inode = { bytes, contentHash, isFile: kind === 'file', layer: this.layer, names: 0 }
    this.set(path, { inode: pointsTo === undefined ? inode : { ...inode, pointsTo } })
  }

  /** The target may be in this layer or below. A link without one takes no space. */
  private link({ path, target }: LayerEntry): void {
    if (!path || !target) return
    // Creating the folder may hide the target: a link `a/b` to the file `a`.
    this.folderAt(parentOf(path))
    const found = this.find(target)
    if (found && !isFolder(found)) this.set(path, { inode: found.inode })
  }

  private set(path: string, leaf: Leaf): void {
    const parent = this.folderAt(parentOf(path))
    this.count()
    const name = nameOf(path)
    const before = parent.children.get(name)
    // Counted before the old name is removed: a link may replace another name of the same content.
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
      const created = folder()
      current.children.set(name, created)
      if (next) this.release(next, at, 'overwritten')
      current = created
    }
    return current
  }

  private count(): void {
    if (++this.nodes > this.mostNodes)
      throw imageFailure(
        'image/limit',
        `The image has more than ${this.mostNodes} files and folders in all of its layers, so it was not measured.`,
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
  before.bytes === after.bytes && before.contentHash === after.contentHash ? 'metadata-only' : 'overwritten'
