import { byName, type Entry, type Files } from '../../src/addon/files.ts'

/** A workspace in memory. @param files by their path, relative to the workspace. */
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
