import type { Readable } from 'node:stream'
import { type Digest, isDigest } from '../../core/digest.ts'
import { quoted } from '../../core/parsed.ts'
import { sha256 } from '../../core/sha256.ts'
import { imageFailure } from '../failure.ts'
import type { ImageMeasure } from '../measure.ts'

/** A manifest or index, byte for byte. */
export interface Content {
  readonly digest: Digest
  readonly mediaType: string
  readonly bytes: Buffer
}

/** Reads manifests and blobs of one image from an OCI layout, an archive or a registry. Their content is not trusted. */
export interface BlobSource {
  readonly method: ImageMeasure['method']
  /** Without a digest: the root, which may be an index. */
  manifest(digest?: Digest): Promise<Content>
  blob(digest: Digest): Promise<Readable>
}

/** Where an OCI layout has a blob. Only a checked digest becomes part of a path. */
export function blobPath(digest: Digest): string {
  if (!isDigest(digest)) throw imageFailure('image/unreadable', 'A blob of the image has no sha256 digest.')
  return `blobs/sha256/${digest.slice('sha256:'.length)}`
}

export const indexType = 'application/vnd.oci.image.index.v1+json'

/** The part of a registry client that reads an image. `reference` is a tag or a digest. */
interface RegistryBlobs {
  manifest(reference: string): Promise<Content>
  blob(digest: Digest): Promise<Readable>
}

/** An image in a registry. The client knows the repository and the login; `reference` is the tag or digest of the root. */
export const registrySource = (client: RegistryBlobs, reference: string): BlobSource => ({
  method: 'registry',
  manifest: (digest) => client.manifest(digest ?? reference),
  blob: (digest) => client.blob(digest),
})

/** Returns the bytes; throws a Failure if they do not match their digest. */
export function verified(bytes: Buffer, digest: Digest, what: string): Buffer {
  if (sha256(bytes) !== digest)
    throw imageFailure('image/digest-mismatch', `The ${what} ${digest} has content that does not match its digest.`)
  return bytes
}

/** A whole blob that has to fit in memory, such as a config. */
export async function smallBlob(source: BlobSource, digest: Digest, limit: number, what: string): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of (await source.blob(digest)) as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > limit)
      throw imageFailure('image/limit', `The ${what} ${quoted(digest)} is longer than ${limit} bytes.`)
    chunks.push(chunk)
  }
  return verified(Buffer.concat(chunks), digest, what)
}
