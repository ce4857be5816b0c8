import type { LayerContents } from './layer.ts'
import type { PackageEntry } from './measure.ts'
import type { PackageFact } from './readers/reader.ts'
import { isFolder, type MergedTree } from './tree.ts'

export interface OwnedPackages {
  readonly packages: readonly PackageEntry[]
  /** Index of the package that a file belongs to. */
  ownerOf(path: string): number | undefined
}

interface Installed {
  readonly fact: PackageFact
  readonly layer: number
}

/** The packages that a container sees. Each belongs to the first layer that had it in this version. */
export function collectPackages(layers: readonly LayerContents[], merged: MergedTree): OwnedPackages {
  const first = new Map<string, number>()
  const lists = new Map<string, readonly string[]>()
  const unique = new Map<string, Installed>()
  layers.forEach((layer, index) => {
    for (const { path, packages } of layer.packageFiles) {
      const node = merged.find(path)
      const visible = node && !isFolder(node) && node.inode.layer === index
      for (const fact of packages) {
        if (isName(fact)) {
          const key = identity(fact)
          if (!first.has(key)) first.set(key, index)
          if (visible) unique.set(key, { fact, layer: first.get(key) ?? index })
        } else if (visible && fact.files) lists.set(`${fact.manager} ${fact.name}`, fact.files)
      }
    }
  })
  const bytesOf = remember((files) => filesBytes(merged, files))
  const packages = [...unique.values()].map(({ fact, layer }) => weigh(fact, layer, lists, merged, bytesOf))
  packages.sort((a, b) => b.entry.bytes - a.entry.bytes || (identity(a.fact) < identity(b.fact) ? -1 : 1))
  const owners = new Map<string, number>()
  const folders = new Map<string, number>()
  // Thousands of packages may refer to the same list.
  const taken = new Set<readonly string[]>()
  packages.forEach(({ fact, files }, index) => {
    if (!taken.has(files)) for (const file of files) owners.set(realPath(file, merged), index)
    taken.add(files)
    if (fact.manager === 'node' && fact.folder) folders.set(fact.folder, index)
  })
  return {
    packages: packages.map(({ entry }) => entry),
    ownerOf: (path) => owners.get(path) ?? (folders.size ? nearest(path, folders) : undefined),
  }
}

/** Whether a fact shows that the package is installed. A list of files alone only shows which package owns them. */
const isName = ({ manager, version, files }: PackageFact): boolean =>
  manager === 'apk' || version !== '' || files === undefined

// Two copies of a Node or Python package in different folders are two packages.
const identity = ({ manager, name, version, folder }: PackageFact): string =>
  `${manager} ${name} ${version} ${folder ?? ''}`

interface Weighed {
  readonly fact: PackageFact
  readonly entry: PackageEntry
  readonly files: readonly string[]
}

function weigh(
  fact: PackageFact,
  layer: number,
  lists: ReadonlyMap<string, readonly string[]>,
  merged: MergedTree,
  bytesOf: (files: readonly string[]) => number,
): Weighed {
  const { manager, name, version } = fact
  const listed = fact.files ?? lists.get(`${manager} ${manager === 'python' ? (fact.folder ?? '') : name}`) ?? []
  const bytes = fact.bytes ?? (manager === 'node' ? folderBytes(merged, fact.folder ?? '') : bytesOf(listed))
  return { fact, entry: { manager, name, version, bytes, layer }, files: listed }
}

/** Remembers the result for each list. */
function remember(work: (files: readonly string[]) => number): (files: readonly string[]) => number {
  const known = new Map<readonly string[], number>()
  return (files) => {
    const bytes = known.get(files) ?? work(files)
    known.set(files, bytes)
    return bytes
  }
}

function filesBytes(merged: MergedTree, files: readonly string[]): number {
  let sum = 0
  for (const file of new Set(files)) {
    const node = merged.find(realPath(file, merged))
    if (node && !isFolder(node)) sum += node.inode.bytes
  }
  return sum
}

/** Debian's lists have `bin/ls` even if `bin` is a link to `usr/bin`. */
function realPath(file: string, merged: MergedTree): string {
  const slash = file.indexOf('/')
  const top = slash < 0 ? undefined : merged.root.children.get(file.slice(0, slash))
  return top && !isFolder(top) ? `usr/${file}` : file
}

/** Bytes below a folder, without the packages that are nested in it. */
function folderBytes(merged: MergedTree, path: string): number {
  const node = merged.find(path)
  if (!node || !isFolder(node)) return 0
  let sum = 0
  for (const [name, child] of node.children) {
    if (!isFolder(child)) sum += child.inode.bytes
    else if (name !== 'node_modules') sum += folderBytes(merged, `${path}/${name}`)
  }
  return sum
}

function nearest(path: string, folders: ReadonlyMap<string, number>): number | undefined {
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
    const owner = folders.get(path.slice(0, end))
    if (owner !== undefined) return owner
  }
  return undefined
}
