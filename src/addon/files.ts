import type { Dirent } from 'node:fs'
import { lstat, opendir, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { locate, openInside, readUpTo } from '../platform/workspace-path.ts'

/** No add-on has a folder with more entries. The rest is not read. */
const mostEntries = 100_000

/** An entry of a folder. A link counts as its target; a broken link is `other`, like pipes and devices. */
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
  /** Code of the error, such as `EACCES`. */
  | { readonly unreadable: string }

/** The files of the workspace. Paths are relative to it, with `/` between parts. */
export interface Files {
  /** At most `limit` bytes; a larger file is not read, and neither is a file that a link leads to outside of the workspace. */
  read(path: string, limit: number): Promise<FileText>
  /** Sorted by name. Undefined: there is no such folder. */
  list(folder: string): Promise<readonly Entry[] | 'outside' | undefined>
}

/** The real file system. */
export function workspaceFiles(workspace: string): Files {
  return {
    async read(path, limit) {
      // Any other failure: a link to itself, a file in place of a folder.
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

/** Compares by code units, which gives the same order on every machine. */
export const byName = (a: { readonly name: string }, b: { readonly name: string }): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : 0

export const joinPath = (folder: string, name: string): string => (folder === '.' ? name : `${folder}/${name}`)
