import { detached, linesOf, longestName } from './lines.ts'
import type { PackageFact, PackageReader } from './reader.ts'

const databases = new Set(['lib/apk/db/installed', 'usr/lib/apk/db/installed'])

/** Alpine: `lib/apk/db/installed`, one paragraph a package: P name, V version, I installed bytes, F folder, R file in it. */
export const apk: PackageReader = {
  wants: ({ path }) => (databases.has(path) ? 8e6 : undefined),
  *read(_, content) {
    let paragraph = begin()
    for (const line of linesOf(content.toString('utf8'))) {
      const value = line.slice(2)
      if (line === '') {
        yield* factsOf(paragraph)
        paragraph = begin()
      } else if (line.startsWith('P:')) paragraph.name = value
      else if (line.startsWith('V:')) paragraph.version = value
      else if (line.startsWith('I:')) paragraph.bytes = Number(value)
      else if (line.startsWith('F:')) paragraph.folder = value
      else if (line.startsWith('R:')) paragraph.files.push(paragraph.folder ? `${paragraph.folder}/${value}` : value)
    }
    yield* factsOf(paragraph)
  },
}

interface Paragraph {
  name: string
  version: string
  bytes: number
  folder: string
  readonly files: string[]
}

const begin = (): Paragraph => ({ name: '', version: '', bytes: 0, folder: '', files: [] })

const factsOf = ({ name, version, bytes, files }: Paragraph): readonly PackageFact[] =>
  name === ''
    ? []
    : [
        {
          manager: 'apk',
          name: detached(name, longestName),
          version: detached(version, longestName),
          bytes: Number.isSafeInteger(bytes) && bytes >= 0 ? bytes : 0,
          files,
        },
      ]
