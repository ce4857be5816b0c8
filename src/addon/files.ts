import type { Dirent } from 'node:fs'
import { lstat, opendir, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { locate, openInside, readUpTo } from '../platform/workspace-path.ts'

/** What a folder may hold: more is no folder of an add-on, and not read. */
const mostEntries = 100_000

/** What a folder holds. A link counts as what it points at; one that points nowhere is `other`, as pipes and devices are. */
export interface Entry {
  readonly name: string
  readonly kind: 'file' | 'folder' | 'other'
  readonly link: boolean
}

export type FileText =
  | { readonly bytes: Uint8Array }
  | { readonly tooLarge: number }
  | { readonly missing: true }
  | { readonly outside: true }
  /** `EACCES`. */
  | { readonly unreadable: string }

/** The checkout as this room sees it. Paths are relative to the workspace, `/` between parts. */
export interface Files {
  /** At most `limit` bytes; a larger file is not read. A file that a link leads to outside of the workspace is not read either. */
  read(path: string, limit: number): Promise<FileText>
  /** Undefined: no such folder. In order of names. */
  list(folder: string): Promise<readonly Entry[] | 'outside' | undefined>
}

/** The real file system. */
export function workspaceFiles(workspace: string): Files {
  return {
    async read(path, limit) {
      // Whatever is odd about it: a link that leads to itself, a folder on the way that is a file.
      const file = await openInside(workspace, path).catch((thrown: NodeJS.ErrnoException) => ({
        unreadable: thrown.code ?? thrown.message,
      }))
      if (file === undefined) return { missing: true }
      if (file === 'outside') return { outside: true }
      if ('unreadable' in file) return file
      try {
        const bytes = await readUpTo(file, limit)
        return 'tooLarge' in bytes ? bytes : { bytes }
      } finally {
        await file.close()
      }
    },
    async list(folder) {
      const real = await locate(workspace, folder)
      if (real === undefined || real === 'outside') return real
      const entries = await entriesOf(real).catch(() => undefined)
      if (!entries) return undefined
      const found = await Promise.all(
        entries.map(async (entry): Promise<Entry> => {
          const { name } = entry
          const link = entry.isSymbolicLink()
          const end = link ? await realpath(join(real, name)).catch(() => undefined) : undefined
          const status = end === undefined ? undefined : await lstat(end).catch(() => undefined)
          const what = link ? status : entry
          return { name, kind: what?.isFile() ? 'file' : what?.isDirectory() ? 'folder' : 'other', link }
        }),
      )
      return found.sort(byName)
    },
  }
}

async function entriesOf(folder: string): Promise<readonly Dirent[]> {
  const entries: Dirent[] = []
  for await (const entry of await opendir(folder)) if (entries.push(entry) >= mostEntries) break
  return entries
}

/** Files by path, for what is not on disk: tests, and a plan of what `migrate` would leave. */
export function memoryFiles(files: ReadonlyMap<string, string | Uint8Array>): Files {
  const folders = new Map<string, Map<string, Entry>>([['.', new Map()]])
  for (const path of files.keys()) {
    const parts = path.split('/')
    for (const [depth, name] of parts.entries()) {
      const folder = parts.slice(0, depth).join('/') || '.'
      const entries = folders.get(folder) ?? new Map<string, Entry>()
      folders.set(folder, entries)
      entries.set(name, { name, kind: depth < parts.length - 1 ? 'folder' : 'file', link: false })
    }
  }
  return {
    async read(path, limit) {
      const text = files.get(path)
      if (text === undefined) return { missing: true }
      const bytes = typeof text === 'string' ? Buffer.from(text) : text
      return bytes.length > limit ? { tooLarge: bytes.length } : { bytes }
    },
    async list(folder) {
      const entries = folders.get(folder)
      return entries && [...entries.values()].sort(byName)
    },
  }
}

/** By code points: the same on every machine. */
const byName = (a: { readonly name: string }, b: { readonly name: string }): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : 0

export const joinPath = (folder: string, name: string): string => (folder === '.' ? name : `${folder}/${name}`)
