import { type Files, joinPath } from '../../addon/files.ts'

const name = 'Dockerfile'

/** The same files, with an empty Dockerfile in each add-on folder that has none: an image that is already built can be tested without one. */
export function withStubDockerfile(files: Files): Files {
  const stubs = new Set<string>()
  return {
    async list(folder) {
      const entries = await files.list(folder)
      if (entries === undefined || entries === 'outside') return entries
      const hasFile = (pattern: RegExp): boolean =>
        entries.some((entry) => entry.kind === 'file' && pattern.test(entry.name))
      const isAddon = hasFile(/^config\.(ya?ml|json)$/)
      if (!isAddon || hasFile(/^Dockerfile/)) return entries
      stubs.add(joinPath(folder, name))
      return [...entries, { name, kind: 'file', link: false }]
    },
    read: async (path, limit) => (stubs.has(path) ? { bytes: Buffer.from('FROM scratch\n') } : files.read(path, limit)),
  }
}
