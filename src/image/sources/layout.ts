import { join } from 'node:path'
import { messageOf } from '../../core/diagnostics.ts'
import { sha256 } from '../../core/sha256.ts'
import { openRegular, readUpTo } from '../../platform/workspace-path.ts'
import { imageFailure } from '../failure.ts'
import { defaultLimits } from '../limits.ts'
import { type BlobSource, blobPath, indexType } from './source.ts'

/** Reads an OCI image layout from a folder: `index.json` and `blobs/sha256/…`, as `buildx --output type=oci,tar=false,dest=DIR` writes it. */
export function layoutSource(folder: string): BlobSource {
  return {
    method: 'oci-layout',
    async manifest(digest) {
      const path = digest ? blobPath(digest) : 'index.json'
      const bytes = await readSmall(join(folder, path), digest ?? path)
      return { digest: digest ?? sha256(bytes), mediaType: digest ? '' : indexType, bytes }
    },
    async blob(digest) {
      const file = await openRegular(join(folder, blobPath(digest))).catch((thrown) => {
        throw imageFailure('image/unreadable', `The image has no blob ${digest}.`, thrown)
      })
      if (!file) throw imageFailure('image/unreadable', `The blob ${digest} of the image is not a regular file.`)
      return file.createReadStream({ highWaterMark: 1024 * 1024 })
    },
  }
}

async function readSmall(path: string, name: string): Promise<Buffer> {
  try {
    const file = await openRegular(path)
    if (!file) throw new Error('it is not a regular file')
    try {
      const bytes = await readUpTo(file, defaultLimits.document)
      if ('tooLarge' in bytes) throw new Error(`it is ${bytes.tooLarge} bytes long`)
      return bytes
    } finally {
      await file.close()
    }
  } catch (thrown) {
    throw imageFailure('image/unreadable', `The image's ${name} cannot be read: ${messageOf(thrown)}.`, thrown)
  }
}
