import { posix } from 'node:path'
import { detached, linesOf, longestName } from './lines.ts'
import type { PackageReader } from './reader.ts'

/** Bytes of METADATA that are read. The fields come first; the description after them can be long. */
const headBytes = 64 * 1024

const wanted = /(?:^|\/)[^/]+\.dist-info\/(METADATA|RECORD)$/

/** Python: `*.dist-info/METADATA` (name, version) and `RECORD` (files), joined by their folder. Versions stay strings: `1.0` is not `1`. */
export const python: PackageReader = {
  wants: ({ path }) =>
    (path.endsWith('/METADATA') || path.endsWith('/RECORD')) && wanted.test(path) ? 8e6 : undefined,
  read({ path }, content) {
    const info = posix.dirname(path)
    if (path.endsWith('/RECORD'))
      return [{ manager: 'python', name: info, version: '', files: readRecord(info, content) }]
    const head = content.toString('utf8', 0, headBytes).split(/\r?\n\r?\n/, 1)[0] ?? ''
    const name = /^Name:(.*)$/im.exec(head)?.[1]?.trim()
    const version = /^Version:(.*)$/im.exec(head)?.[1]?.trim()
    if (!name) return []
    return [
      {
        manager: 'python',
        name: detached(name, longestName),
        version: detached(version ?? '', longestName),
        folder: info,
      },
    ]
  },
}

function readRecord(info: string, content: Buffer): string[] {
  const base = posix.dirname(info)
  const files: string[] = []
  for (const written of linesOf(content.toString('utf8'))) {
    const line = written.replace(/\r$/, '')
    const path = /^"((?:[^"]|"")*)"/.exec(line)?.[1]?.replaceAll('""', '"') ?? line.split(',', 1)[0]
    // Scripts lie outside the packages' folder: `../../../bin/pip`.
    if (path) files.push((path.startsWith('/') ? path : posix.join('/', base, path)).slice(1))
  }
  return files
}
