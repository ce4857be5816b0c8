import type { LayerContents } from './layer.ts'
import { defaultLimits, type Limits } from './limits.ts'
import type { Duplicate, FileEntry, FileTree, ImageContents } from './measure.ts'
import { collectPackages, type OwnedPackages } from './packages.ts'
import { type Folder, type Inode, isFolder, MergedTree, type TreeNode } from './tree.ts'
import { summarizeWaste } from './waste.ts'

interface ContentsOptions {
  /** Requests `ImageContents.tree`, without files below this many bytes. */
  readonly treeFrom?: number
}

const summaryLimits = { files: 100, folders: 200, folderDepth: 6, waste: 200, duplicates: 50, duplicatePaths: 5 }
const duplicateFrom = 16 * 1024

/** Merges the layers, from the lowest. Throws a Failure `image/limit` for more files and folders than `limits.nodes`. */
export function mergedTree(layers: readonly LayerContents[], limits: Limits = defaultLimits): MergedTree {
  const merged = new MergedTree(limits.nodes)
  for (const layer of layers) merged.apply(layer.entries)
  return merged
}

/** Sizes and lists of what the layers contain. */
export function summarize(
  layers: readonly LayerContents[],
  merged: MergedTree,
  options: ContentsOptions = {},
  limits: Limits = defaultLimits,
): ImageContents {
  const owned = collectPackages(layers, merged)
  const walk = new Walk(owned, options.treeFrom, limits.treeNodes)
  const root = walk.folder(merged.root, '', 0)
  const hidden = merged.hidden.reduce((sum, { bytes }) => sum + bytes, 0)
  return {
    merged: root.bytes,
    hidden,
    files: root.files,
    waste: summarizeWaste(merged.hidden).slice(0, summaryLimits.waste),
    largestFiles: walk.files.sort(byBytes).slice(0, summaryLimits.files),
    folders: walk.folders.sort(byBytes).slice(0, summaryLimits.folders),
    packages: owned.packages,
    duplicates: walk.duplicates(),
    ...(root.tree && walk.isComplete && { tree: root.tree }),
  }
}

const byBytes = (a: FileEntry, b: FileEntry): number => b.bytes - a.bytes || (a.path < b.path ? -1 : 1)

interface Subtotal {
  readonly bytes: number
  readonly files: number
  /** Bytes of files that belong to packages; only known if a tree is requested. */
  readonly packaged: number
  readonly tree?: FileTree
}

const nothing: Subtotal = { bytes: 0, files: 0, packaged: 0 }

/** Collects all lists in one walk through the merged view. */
class Walk {
  readonly files: FileEntry[] = []
  readonly folders: FileEntry[] = []
  private readonly owned: OwnedPackages
  private readonly treeFrom: number | undefined
  private room: number
  /** Content with several names (hard links) that was counted already. */
  private readonly seen = new Set<Inode>()
  private readonly same = new Map<string, { bytes: number; paths: string[]; copies: number }>()

  constructor(owned: OwnedPackages, treeFrom: number | undefined, mostNodes: number) {
    this.room = mostNodes
    this.owned = owned
    this.treeFrom = treeFrom
  }

  /** Whether everything fitted into the tree. */
  get isComplete(): boolean {
    return this.room >= 0
  }

  folder(folder: Folder, path: string, depth: number): Subtotal {
    let bytes = 0
    let files = 0
    let packaged = 0
    const children: FileTree[] = []
    for (const [name, node] of folder.children) {
      const weighed = this.node(node, name, path ? `${path}/${name}` : name, depth + 1)
      bytes += weighed.bytes
      files += weighed.files
      packaged += weighed.packaged
      if (weighed.tree) children.push(weighed.tree)
    }
    if (depth > 0 && depth <= summaryLimits.folderDepth && bytes > 0)
      this.keep(this.folders, { path, bytes }, summaryLimits.folders)
    if (this.treeFrom === undefined || (depth > 0 && bytes < this.treeFrom)) return { bytes, files, packaged }
    if (this.room-- <= 0) return { bytes, files, packaged }
    children.sort((a, b) => b.bytes - a.bytes || (a.name < b.name ? -1 : 1))
    const name = path.slice(path.lastIndexOf('/') + 1)
    const tree = { name, bytes, files, ...(packaged > 0 && { packaged }), ...(children.length > 0 && { children }) }
    return { bytes, files, packaged, tree }
  }

  private node(node: TreeNode, name: string, path: string, depth: number): Subtotal {
    if (isFolder(node)) return this.folder(node, path, depth)
    const { inode } = node
    if (!inode.isFile || this.seen.has(inode)) return nothing
    if (inode.names > 1) this.seen.add(inode)
    const { bytes, layer } = inode
    if (bytes === 0) return { ...nothing, files: 1 }
    this.keep(this.files, { path, bytes }, summaryLimits.files)
    this.remember(path, inode)
    if (this.treeFrom === undefined) return { bytes, files: 1, packaged: 0 }
    const owner = this.owned.ownerOf(path)
    const weighed = { bytes, files: 1, packaged: owner === undefined ? 0 : bytes }
    if (bytes < this.treeFrom || this.room-- <= 0) return weighed
    return { ...weighed, tree: { name, bytes, layer, ...(owner !== undefined && { package: owner }) } }
  }

  /** Adds an entry and keeps only the largest: the list is cut before it gets long. */
  private keep(list: FileEntry[], entry: FileEntry, wanted: number): void {
    list.push(entry)
    if (list.length > wanted * 20) {
      list.sort(byBytes)
      list.length = wanted
    }
  }

  private remember(path: string, { bytes, contentHash }: Inode): void {
    if (bytes < duplicateFrom) return
    const key = `${bytes} ${contentHash}`
    const known = this.same.get(key)
    if (!known) this.same.set(key, { bytes, paths: [path], copies: 1 })
    else {
      known.copies++
      if (known.paths.length < summaryLimits.duplicatePaths) known.paths.push(path)
    }
  }

  duplicates(): Duplicate[] {
    const wasted = ({ bytes, copies }: Duplicate) => bytes * (copies - 1)
    return [...this.same.values()]
      .filter(({ copies }) => copies > 1)
      .map(({ bytes, paths, copies }) => ({ bytes, paths: paths.sort(), copies }))
      .sort((a, b) => wasted(b) - wasted(a) || ((a.paths[0] ?? '') < (b.paths[0] ?? '') ? -1 : 1))
      .slice(0, summaryLimits.duplicates)
  }
}
