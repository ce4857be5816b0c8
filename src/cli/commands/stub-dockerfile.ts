import { type Files, joinPath } from '../../addon/files.ts'

const name = 'Dockerfile'

/** A folder of an add-on whose image is there already need not have a Dockerfile: where it is missing, one is seen that builds nothing. */
export function withAnyDockerfile(files: Files): Files {
  const lacking = new Set<string>()
  return {
    async list(folder) {
      const entries = await files.list(folder)
      if (entries === undefined || entries === 'outside') return entries
      const has = (pattern: RegExp): boolean =>
        entries.some((entry) => entry.kind === 'file' && pattern.test(entry.name))
      if (has(/^Dockerfile/) || !has(/^config\.(ya?ml|json)$/)) return entries
      lacking.add(joinPath(folder, name))
      return [...entries, { name, kind: 'file', link: false }]
    },
    read: async (path, limit) =>
      lacking.has(path) ? { bytes: Buffer.from('FROM scratch\n') } : files.read(path, limit),
  }
}
