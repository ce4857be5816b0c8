import { detached, linesOf, longestName } from './lines.ts'
import type { PackageFact, PackageReader } from './reader.ts'

const status = 'var/lib/dpkg/status'
const distroless = /^var\/lib\/dpkg\/status\.d\/([^/]+)$/
const fileList = /^var\/lib\/dpkg\/info\/([^/]+)\.list$/

/** Debian: the status file, distroless `status.d/NAME`, and the lists of files. */
export const dpkg: PackageReader = {
  wants: ({ path }) =>
    path.startsWith('var/lib/dpkg/') && (path === status || distroless.test(path) || fileList.test(path))
      ? 8e6
      : undefined,
  read({ path }, content) {
    const text = content.toString('utf8')
    const list = fileList.exec(path)?.[1]
    if (list) return [owner(list.replace(/:[^:]*$/, ''), text, /^\//)]
    const sums = /^(.*)\.md5sums$/.exec(distroless.exec(path)?.[1] ?? '')?.[1]
    if (sums) return [owner(sums, text, /^[0-9a-f]{32}\s+\.?\/?/)]
    return readPackages(text, path !== status)
  },
}

/** @param before the text before a path in its line. */
function owner(name: string, text: string, before: RegExp): PackageFact {
  const files: string[] = []
  for (const line of linesOf(text)) {
    const file = line.replace(before, '')
    if (file) files.push(file)
  }
  return { manager: 'dpkg', name, version: '', files }
}

/** States in which the files of a package are unpacked. Source: dpkg(1), "Package states". */
const present = /^\S+ \S+ (?:installed|triggers-pending|triggers-awaited|half-configured|unpacked)$/

const fields = new Set(['package', 'status', 'installed-size', 'version'])

function* readPackages(text: string, distroless: boolean): Generator<PackageFact> {
  let paragraph = new Map<string, string>()
  for (const line of linesOf(text)) {
    if (line === '' && paragraph.size > 0) {
      yield* readPackage(paragraph, distroless)
      paragraph = new Map()
    }
    const colon = line.indexOf(':')
    // None of the fields that are read has a longer name.
    const name = colon < 0 || colon > 16 ? '' : line.slice(0, colon).toLowerCase()
    if (fields.has(name) && !paragraph.has(name)) paragraph.set(name, line.slice(colon + 1).trim())
  }
  yield* readPackage(paragraph, distroless)
}

function readPackage(paragraph: ReadonlyMap<string, string>, distroless: boolean): readonly PackageFact[] {
  const name = paragraph.get('package')
  const state = paragraph.get('status')
  // Distroless images have no status field: each listed package is installed.
  if (!name || !(state === undefined ? distroless : present.test(state))) return []
  const kibibytes = Number(paragraph.get('installed-size') ?? 0)
  const bytes = Number.isSafeInteger(kibibytes * 1024) && kibibytes >= 0 ? kibibytes * 1024 : 0
  const version = detached(paragraph.get('version') ?? '', longestName)
  return [{ manager: 'dpkg', name: detached(name, longestName), version, bytes }]
}
