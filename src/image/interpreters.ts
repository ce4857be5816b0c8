import { type Folder, isFolder, type MergedTree, type TreeNode } from './tree.ts'

const mostLinks = 16

// Filled when the container starts: whether something is there cannot be told before.
const later = new Set(['run', 'proc', 'dev', 'sys', 'tmp', 'data', 'config', 'share', 'ssl', 'media', 'backup'])

/** Whether a path leads to something in the image, through links. What only a running container knows counts as there. */
export function isThere(merged: MergedTree, path: string): boolean {
  let links = 0
  let left = path.split('/').filter(Boolean)
  let done: string[] = []
  let node: TreeNode = merged.root
  while (left.length > 0) {
    const [name = '', ...rest] = left
    left = rest
    if (name === '.') continue
    if (name === '..') {
      done = done.slice(0, -1)
      node = merged.find(done.join('/')) ?? merged.root
      continue
    }
    if (done.length === 0 && later.has(name)) return true
    const next: TreeNode | undefined = isFolder(node) ? node.children.get(name) : undefined
    if (!next) return false
    const target = isFolder(next) ? undefined : next.inode.pointsTo
    if (target === undefined) {
      done = [...done, name]
      node = next
      continue
    }
    if (++links > mostLinks) return false
    if (target.startsWith('/')) {
      done = []
      node = merged.root
    }
    left = [...target.split('/').filter(Boolean), ...left]
  }
  return true
}

const folders = new Set(['bin', 'sbin', 'command'])

/** Names of everything in folders of programs, wherever these lie: PATH may name any of them. */
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
