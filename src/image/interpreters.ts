import { type Folder, isFolder, type MergedTree, type TreeNode } from './tree.ts'

const mostLinks = 16
/** Maximum parts that are followed for one path, including those of links. A path of 4096 bytes has half as many parts; a tree is 256 deep. */
const mostSteps = 1024

// Filled when the container starts: the image cannot show what is there.
const later = new Set(['run', 'proc', 'dev', 'sys', 'tmp', 'data', 'config', 'share', 'ssl', 'media', 'backup'])

/** Whether a path leads to something in the image, through links. Paths below folders that only a running container fills count as existing. */
export function existsInImage(merged: MergedTree, path: string): boolean {
  let links = 0
  // In reverse order: the next part is the last one.
  const left = partsOf(path)
  const above: Folder[] = []
  let node: TreeNode = merged.root
  for (let steps = 0; left.length > 0; steps++) {
    if (steps > mostSteps) return false
    const name = left.pop() ?? ''
    if (name === '.') continue
    if (name === '..') {
      node = above.pop() ?? merged.root
      continue
    }
    if (above.length === 0 && later.has(name)) return true
    if (!isFolder(node)) return false
    const next: TreeNode | undefined = node.children.get(name)
    if (!next) return false
    const target = isFolder(next) ? undefined : next.inode.pointsTo
    if (target === undefined) {
      above.push(node)
      node = next
      continue
    }
    if (++links > mostLinks) return false
    if (target.startsWith('/')) {
      above.length = 0
      node = merged.root
    }
    left.push(...partsOf(target))
  }
  return true
}

const partsOf = (path: string): string[] => path.split('/').filter(Boolean).reverse()

const folders = new Set(['bin', 'sbin', 'command'])

/** Names of everything in folders of programs at any depth, because PATH may contain any of them. */
export function programNames(merged: MergedTree): ReadonlySet<string> {
  const names = new Set<string>()
  const walk = (folder: Folder, isBin: boolean): void => {
    for (const [name, node] of folder.children) {
      if (isFolder(node)) walk(node, folders.has(name))
      else if (isBin) names.add(name)
    }
  }
  walk(merged.root, false)
  return names
}
