import type { PackageFact, Reader } from './reader.ts'

const status = 'var/lib/dpkg/status'
const distroless = /^var\/lib\/dpkg\/status\.d\/([^/]+)$/
const fileList = /^var\/lib\/dpkg\/info\/([^/]+)\.list$/

/** Debian: the status file, distroless `status.d/NAME`, and the lists of files. */
export const dpkg: Reader = {
  limit: 32e6,
  wants: (path) =>
    path.startsWith('var/lib/dpkg/') && (path === status || distroless.test(path) || fileList.test(path)),
  read(path, content) {
    const text = content.toString('utf8')
    const list = fileList.exec(path)?.[1]
    if (list)
      return [
        owner(
          list.replace(/:[^:]*$/, ''),
          text.split('\n').map((line) => line.replace(/^\//, '')),
        ),
      ]
    const sums = /^(.*)\.md5sums$/.exec(distroless.exec(path)?.[1] ?? '')?.[1]
    if (sums)
      return [
        owner(
          sums,
          text.split('\n').map((line) => line.replace(/^[0-9a-f]{32}\s+\.?\/?/, '')),
        ),
      ]
    return text.split(/\n\n+/).flatMap((paragraph) => readPackage(paragraph, path !== status))
  },
}

const owner = (name: string, files: readonly string[]): PackageFact => ({
  manager: 'dpkg',
  name,
  version: '',
  files: files.filter(Boolean),
})

/**
 * States in which the files of a package lie unpacked; a package that is held back (`hold ok installed`) or waits for another's trigger
 * is there as well. Source: dpkg(1), "Package states".
 */
const present = /^\S+ \S+ (?:installed|triggers-pending|triggers-awaited|half-configured|unpacked)$/

function readPackage(paragraph: string, distroless: boolean): PackageFact[] {
  const field = (name: string) => new RegExp(`^${name}:[ \\t]*(.*)$`, 'mi').exec(paragraph)?.[1]?.trim()
  const name = field('Package')
  const state = field('Status')
  // Distroless images state no status: what is listed is there.
  if (!name || !(state === undefined ? distroless : present.test(state))) return []
  const kibibytes = Number(field('Installed-Size') ?? 0)
  const bytes = Number.isSafeInteger(kibibytes * 1024) && kibibytes >= 0 ? kibibytes * 1024 : 0
  return [{ manager: 'dpkg', name, version: field('Version') ?? '', bytes }]
}
