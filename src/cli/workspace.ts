import { dirname, relative, resolve, sep } from 'node:path'
import { lines } from '../inputs/lists.ts'
import type { CommandLine } from './arguments.ts'

/**
 * The workspace of a command: the current folder, or, if the targets are outside of it, their checkout, or else their common folder.
 * The targets are then relative to it.
 * @param workspace the one that a runner sets
 * @param isCheckout whether a folder is the root of a checkout
 */
export function placeCommand(
  line: CommandLine,
  workspace: string | undefined,
  current: string,
  isCheckout: (folder: string) => boolean,
): { readonly line: CommandLine; readonly workspace: string } {
  if (workspace) return { line, workspace: resolve(workspace) }
  const targets = lines(line.text('target')).map((text) => {
    const bare = text.replace(/^!/, '')
    return { not: bare !== text, path: resolve(current, bare) }
  })
  const common = targets
    .map(({ path }) => folderOf(path))
    .reduce((a, b) => commonFolder(a, b), targets[0]?.path ?? current)
  if (targets.every(({ path }) => isInside(path, current)) || dirname(common) === common) {
    return { line, workspace: current }
  }
  const root = nearest(common, isCheckout) ?? common
  const target = targets.map(({ not, path }) => `${not ? '!' : ''}${relative(root, path) || '.'}`).join('\n')
  return { workspace: root, line: { ...line, text: (name) => (name === 'target' ? target : line.text(name)) } }
}

/** The part before the first pattern: `a/b*` → `a`. */
function folderOf(path: string): string {
  const parts = path.split(sep)
  const at = parts.findIndex((part) => /[*?[\]{}()!]/.test(part))
  return at < 0 ? path : parts.slice(0, at).join(sep) || sep
}

function commonFolder(a: string, b: string): string {
  let folder = folderOf(a)
  while (!isInside(b, folder)) folder = dirname(folder)
  return folder
}

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path)
  return way !== '..' && !way.startsWith(`..${sep}`)
}

function nearest(folder: string, wanted: (folder: string) => boolean): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    if (wanted(at)) return at
    if (dirname(at) === at) return undefined
  }
}
