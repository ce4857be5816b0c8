import { constants } from 'node:fs'
import { lstat, open } from 'node:fs/promises'

/** Text of a file that another run or job left, or in words why it is not read. */
export type Artifact = { readonly text: string } | { readonly refused: string }

const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW

/**
 * Reads a regular file of an artifact: no link, no pipe, no device, and not more than `limit` bytes.
 * @returns undefined where there is nothing.
 */
export async function readArtifact(file: string, limit: number): Promise<Artifact | undefined> {
  try {
    // Opening a device may already do something.
    if (!(await lstat(file)).isFile()) return { refused: 'it is not a regular file' }
    const handle = await open(file, flags)
    try {
      const status = await handle.stat()
      if (!status.isFile()) return { refused: 'it is not a regular file' }
      if (status.size > limit) return { refused: `it has ${status.size} bytes, and ${limit} are read at most` }
      // A file may grow while it is read: no more than it had.
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(status.size), 0, status.size, 0)
      return { text: buffer.toString('utf8', 0, bytesRead) }
    } finally {
      await handle.close()
    }
  } catch (thrown) {
    const { code = 'an unknown error' } = thrown as NodeJS.ErrnoException
    return code === 'ENOENT' || code === 'ENOTDIR' ? undefined : { refused: `it cannot be read (${code})` }
  }
}
