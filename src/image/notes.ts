import { runsPrograms } from '../core/architecture.ts'
import { existsInImage, programNames } from './interpreters.ts'
import type { LayerContents } from './layer.ts'
import { type LeftoverKind, leftoverOf } from './leftovers.ts'
import type { NoteKind } from './readers/reader.ts'
import { type Folder, type Inode, isFolder, type MergedTree } from './tree.ts'

/** A note about a file that a container sees. Secrets are noted in hidden files as well, because a later layer cannot remove them. */
export interface FileNote {
  readonly kind: Exclude<NoteKind, 'program'> | 'foreign-program' | 'missing-interpreter'
  readonly path: string
  readonly bytes: number
  /** Index of the layer that added it. */
  readonly layer: number
  readonly detail?: string
  /** A later layer deletes or replaces the file. That only hides it. */
  readonly hidden?: true
}

/** Files of one kind that one layer added and that the container does not need. */
interface LeftoverGroup {
  readonly kind: LeftoverKind
  readonly layer: number
  readonly bytes: number
  readonly files: number
  /** The folders with the most bytes. */
  readonly roots: readonly string[]
}

/** What an audit needs to know about an image in addition to its sizes. Paths are hostile text. */
export interface ImageNotes {
  readonly files: readonly FileNote[]
  readonly leftovers: readonly LeftoverGroup[]
  /** The s6-overlay that the image holds: versions 1 and 2 count as one. Undefined: none. */
  readonly s6?: 'v2' | 'v3'
}

const noteLimits = { notesOfAKind: 500, roots: 3 }

/** Collects the notes of all layers. `machine` is the OCI name of the image's architecture. */
export function collectNotes(layers: readonly LayerContents[], merged: MergedTree, machine: string): ImageNotes {
  const files: FileNote[] = []
  const counts = new Map<string, number>()
  const names = programNames(merged)
  const keep = (note: FileNote): void => {
    const count = counts.get(note.kind) ?? 0
    counts.set(note.kind, count + 1)
    if (count < noteLimits.notesOfAKind) files.push(note)
  }
  const open = openFolders(layers)
  layers.forEach((layer, index) => {
    for (const note of layer.notes) {
      const { kind, path, bytes, detail, program } = note
      const node = merged.find(path)
      const visible = note.folder
        ? node !== undefined && isFolder(node) && open.get(path) === index
        : node !== undefined && !isFolder(node) && node.inode.layer === index
      const common = { path, bytes, layer: index }
      if (kind === 'program') {
        if (!visible || !program) continue
        const { machine: own, interpreter, argument } = program
        if (own !== undefined && !runsPrograms(machine, own)) keep({ kind: 'foreign-program', ...common, detail: own })
        else if (interpreter !== undefined) {
          const missing = missingOf(interpreter, argument, merged, names)
          if (missing !== undefined) keep({ kind: 'missing-interpreter', ...common, detail: missing })
        }
      } else if (visible || kind === 'secret')
        keep({ kind, ...common, ...(detail !== undefined && { detail }), ...(!visible && { hidden: true }) })
    }
  })
  const s6 = findS6(merged)
  return { files, leftovers: collectLeftovers(merged), ...(s6 && { s6 }) }
}

/** The version of s6-overlay, by files that only one version has. A version that is installed over an older one replaces its /init. */
function findS6(merged: MergedTree): ImageNotes['s6'] {
  const init = merged.find('init')
  if (!init || isFolder(init)) return undefined
  const admin = merged.find('package/admin')
  if (admin && isFolder(admin) && [...admin.children.keys()].some((name) => /^s6-overlay(?:-|$)/.test(name)))
    return 'v3'
  const stages = merged.find('etc/s6/init')
  return stages && isFolder(stages) ? 'v2' : undefined
}

/** Folders that everybody may write to, and the layer that made them so. */
function openFolders(layers: readonly LayerContents[]): ReadonlyMap<string, number> {
  const open = new Map<string, number>()
  layers.forEach((layer, index) => {
    const noted = new Set(layer.notes.filter((note) => note.folder).map(({ path }) => path))
    for (const { path } of layer.entries) if (!noted.has(path)) open.delete(path)
    // The same folder may be in every layer: the first layer that made it writable counts.
    for (const path of noted) if (!open.has(path)) open.set(path, index)
  })
  return open
}

function missingOf(
  interpreter: string,
  argument: string | undefined,
  merged: MergedTree,
  names: ReadonlySet<string>,
): string | undefined {
  if (!existsInImage(merged, interpreter)) return interpreter
  if (!/\/(?:env|with-contenv)$/.test(interpreter)) return undefined
  const word = argument?.split(/\s+/).find((one) => !one.startsWith('-') && !one.includes('='))
  if (word === undefined) return undefined
  if (word.startsWith('/')) return existsInImage(merged, word) ? undefined : word
  return names.has(word) ? undefined : word
}

interface GroupDraft {
  readonly kind: LeftoverKind
  readonly layer: number
  bytes: number
  files: number
  readonly roots: Map<string, number>
}

function collectLeftovers(merged: MergedTree): readonly LeftoverGroup[] {
  const groups = new Map<string, GroupDraft>()
  const seen = new Set<Inode>()
  const walk = (folder: Folder, path: string): void => {
    for (const [name, node] of folder.children) {
      const at = path ? `${path}/${name}` : name
      if (isFolder(node)) {
        walk(node, at)
        continue
      }
      const found = node.inode.isFile ? leftoverOf(at) : undefined
      if (!found || seen.has(node.inode)) continue
      if (node.inode.names > 1) seen.add(node.inode)
      const { bytes, layer } = node.inode
      const key = `${found.kind} ${layer}`
      const group = groups.get(key) ?? { kind: found.kind, layer, bytes: 0, files: 0, roots: new Map() }
      groups.set(key, group)
      group.bytes += bytes
      group.files++
      group.roots.set(found.root, (group.roots.get(found.root) ?? 0) + bytes)
    }
  }
  walk(merged.root, '')
  return [...groups.values()].map(({ roots, ...group }) => ({
    ...group,
    roots: [...roots]
      .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
      .slice(0, noteLimits.roots)
      .map(([root]) => root),
  }))
}
