import { posix } from 'node:path'
import type { Reader } from './reader.ts'

const wanted = /(?:^|\/)[^/]+\.dist-info\/(METADATA|RECORD)$/

/**
 * Python: `*.dist-info/METADATA` for name and version, `RECORD` for the files. Both speak of the folder they lie in, by which they are joined.
 * Versions stay strings: `1.0` is not `1`.
 */
export const python: Reader = {
  limit: 16e6,
  wants: (path) => (path.endsWith('/METADATA') || path.endsWith('/RECORD')) && wanted.test(path),
  read(path, content) {
    const info = posix.dirname(path)
    if (path.endsWith('/RECORD'))
      return [{ manager: 'python', name: info, version: '', files: readRecord(info, content) }]
    // The description follows an empty line and can be long.
    const head = content.toString('utf8', 0, 64 * 1024).split(/\r?\n\r?\n/, 1)[0] ?? ''
    const name = /^Name:(.*)$/im.exec(head)?.[1]?.trim()
    const version = /^Version:(.*)$/im.exec(head)?.[1]?.trim()
    return name ? [{ manager: 'python', name, version: version ?? '', folder: info }] : []
  },
}

function readRecord(info: string, content: Buffer): string[] {
  const base = posix.dirname(info)
  return content
    .toString('utf8')
    .split(/\r?\n/)
    .flatMap((line) => {
      const path = /^"((?:[^"]|"")*)"/.exec(line)?.[1]?.replaceAll('""', '"') ?? line.split(',', 1)[0]
      if (!path) return []
      // Scripts lie outside the packages' folder: `../../../bin/pip`.
      return [(path.startsWith('/') ? path : posix.join('/', base, path)).slice(1)]
    })
}
