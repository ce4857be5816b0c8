import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { messageOf } from '../core/diagnostics.ts'
import { type Digest, isDigest } from '../core/digest.ts'
import { isJsonObject, type JsonObject } from '../core/json-fields.ts'
import { sha256 } from '../core/sha256.ts'
import type { Blob, Manifest, Registry } from './client.ts'
import { RegistryError } from './error.ts'
import { parseRepository, type Repository } from './name.ts'
import { isMediaType, parseJson } from './response.ts'

/** The part of an image manifest that publishing needs. Source: OCI image-spec `manifest.md`. */
interface ImageManifest {
  readonly mediaType?: string
  readonly config: Blob
  readonly layers: readonly Blob[]
}

/** A complete image: in the layout folder of a build, or in a registry under its digest. */
export interface StoredImage {
  readonly manifest: Manifest
  readonly configDigest: Digest
  /** Each digest once, the config last: a registry may check that layers are there before it takes a config. */
  readonly blobs: readonly Blob[]
  /** The repository that has it; undefined: it is in a layout. */
  readonly repository?: Repository
  open(digest: Digest): Readable | Promise<Readable>
}

/** Reads the manifest of an OCI layout and checks that it is the one that was built and that every blob is there in full. */
export async function openLayout(folder: string, manifestDigest: Digest): Promise<StoredImage> {
  const bytes = await inLayout(manifestDigest, readFile(blobPath(folder, manifestDigest)))
  if (sha256(bytes) !== manifestDigest)
    throw new RegistryError('INVALID_IMAGE', `The manifest in the image layout is not ${manifestDigest}.`)
  const image = describe({ digest: manifestDigest, bytes }, 'The image layout', (digest) =>
    createReadStream(blobPath(folder, digest)),
  )
  for (const { digest, size } of image.blobs) {
    const found = await inLayout(digest, stat(blobPath(folder, digest)))
    if (found.size !== size)
      throw new RegistryError('INVALID_IMAGE', `Blob ${digest} has ${found.size} bytes, its manifest says ${size}.`)
  }
  return image
}

const inLayout = <T>(digest: Digest, work: Promise<T>): Promise<T> =>
  work.catch((thrown: unknown) => {
    throw new RegistryError('INVALID_IMAGE', `The image layout lacks ${digest}: ${messageOf(thrown)}`, {
      cause: thrown,
    })
  })

/** An image that another job has put into the registry under its digest. */
export async function openStored(registry: Registry, image: string, manifestDigest: Digest): Promise<StoredImage> {
  const repository = parseRepository(image)
  return storedFrom(registry, image, await registry.manifest(repository, manifestDigest))
}

/** An image of a registry whose manifest is known. */
export function storedFrom(registry: Registry, image: string, manifest: Manifest): StoredImage {
  const repository = parseRepository(image)
  return { ...describe(manifest, repository.registry, (digest) => registry.blob(repository, digest)), repository }
}

function describe(
  { digest, mediaType, bytes }: Omit<Manifest, 'mediaType'> & Partial<Manifest>,
  from: string,
  open: StoredImage['open'],
): StoredImage {
  const manifest = asImage(parseJson(bytes, `the manifest ${digest}`, from), digest)
  const blobs = new Map(
    [...manifest.layers, manifest.config].map((blob) => [blob.digest, { digest: blob.digest, size: blob.size }]),
  )
  const type = mediaType ?? manifest.mediaType ?? 'application/vnd.oci.image.manifest.v1+json'
  return {
    manifest: { digest, mediaType: type, bytes },
    configDigest: manifest.config.digest,
    blobs: [...blobs.values()],
    open,
  }
}

/** @throws RegistryError for anything but the manifest of one image: that of another job comes from a registry. */
function asImage(value: JsonObject, digest: Digest): ImageManifest {
  const { config, layers, mediaType } = value
  const isBlob = (one: unknown): one is Blob =>
    isJsonObject(one) && isDigest(one.digest) && Number.isSafeInteger(one.size) && Number(one.size) >= 0
  if (!isBlob(config) || !Array.isArray(layers) || !layers.every(isBlob)) {
    throw new RegistryError('INVALID_IMAGE', `The manifest ${digest} is not that of an image.`)
  }
  return { config, layers, ...(isMediaType(mediaType) && { mediaType }) }
}

function blobPath(folder: string, digest: Digest): string {
  if (!isDigest(digest)) throw new RegistryError('INVALID_IMAGE', `"${String(digest).slice(0, 80)}" is not a digest.`)
  return join(folder, 'blobs', 'sha256', digest.slice('sha256:'.length))
}
