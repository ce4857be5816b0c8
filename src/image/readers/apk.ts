import type { PackageFact, Reader } from './reader.ts'

const databases = new Set(['lib/apk/db/installed', 'usr/lib/apk/db/installed'])

/** Alpine: `lib/apk/db/installed`, one paragraph a package: P name, V version, I installed bytes, F folder, R file in it. */
export const apk: Reader = {
  limit: 32e6,
  wants: (path) => databases.has(path),
  read: (_, content) => content.toString('utf8').split(/\n\n+/).flatMap(readPackage),
}

function readPackage(paragraph: string): PackageFact[] {
  let name = ''
  let version = ''
  let bytes = 0
  let folder = ''
  const files: string[] = []
  for (const line of paragraph.split('\n')) {
    const value = line.slice(2)
    if (line.startsWith('P:')) name = value
    else if (line.startsWith('V:')) version = value
    else if (line.startsWith('I:')) bytes = Number(value)
    else if (line.startsWith('F:')) folder = value
    else if (line.startsWith('R:')) files.push(folder ? `${folder}/${value}` : value)
  }
  return name
    ? [{ manager: 'apk', name, version, bytes: Number.isSafeInteger(bytes) && bytes >= 0 ? bytes : 0, files }]
    : []
}
