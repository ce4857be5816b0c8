import { defaultLimits } from '../../../src/image/limits.ts'
import { type TarEntry, TarReader } from '../../../src/image/tar/tar.ts'

export interface Found extends TarEntry {
  readonly content: string
}

/** All members of an archive that comes in pieces of so many bytes. */
export function readTar(bytes: Buffer, step = bytes.length || 1): Found[] {
  const found: Found[] = []
  let content: Buffer[] = []
  let current: TarEntry | undefined
  const reader = new TarReader(
    {
      entry: (entry) => {
        current = entry
        content = []
      },
      data: (chunk) => content.push(Buffer.from(chunk)),
      end: () => found.push({ ...(current as TarEntry), content: Buffer.concat(content).toString('latin1') }),
    },
    defaultLimits,
  )
  for (let at = 0; at < bytes.length; at += step) reader.write(bytes.subarray(at, at + step))
  reader.end()
  return found
}
