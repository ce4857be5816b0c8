import { lstat } from 'node:fs/promises'
import { openRegular, readUpTo } from '../platform/workspace-path.ts'

/** The text of a file from another run or job, or why it was not read. */
type Artifact = { readonly text: string } | { readonly refused: string }

/**
 * Reads a regular file of an artifact: no link, no pipe, no device, and not more than `limit` bytes.
 * @returns undefined if there is no such file.
 */
export async function readArtifact(file: string, limit: number): Promise<Artifact | undefined> {
  try {
    const isFile = (await lstat(file)).isFile()
    const handle = isFile ? await openRegular(file, true) : undefined
    if (handle === undefined) return { refused: 'it is not a regular file' }
    try {
      const content = await readUpTo(handle, limit)
      if (Buffer.isBuffer(content)) return { text: content.toString('utf8') }
      return { refused: `it has ${content.tooLarge} bytes; the limit is ${limit} bytes` }
    } finally {
      await handle.close()
    }
  } catch (thrown) {
    const { code = 'an unknown error' } = thrown as NodeJS.ErrnoException
    return code === 'ENOENT' || code === 'ENOTDIR' ? undefined : { refused: `it cannot be read (${code})` }
  }
}
