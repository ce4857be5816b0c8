import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { rename } from 'node:fs/promises'
import { PassThrough, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'

/** A platform as written in image configurations and indexes. */
export interface OciPlatform {
  readonly os: 'linux'
  readonly architecture: 'amd64' | 'arm64' | 'arm'
  readonly variant?: 'v7' | 'v8'
}

/** A gzipped layer on disk. `diffId` is the digest of the tar inside. */
export interface Layer {
  readonly file: string
  readonly digest: string
  readonly size: number
  readonly diffId: string
}

/** The part of an image configuration that a Dockerfile would set. */
export interface RunConfiguration {
  readonly Env?: readonly string[]
  readonly Entrypoint?: readonly string[]
  readonly Cmd?: readonly string[]
  readonly Labels?: Readonly<Record<string, string>>
  readonly Volumes?: Readonly<Record<string, Record<string, never>>>
}

/** A JSON document of an image with its descriptor. */
export interface Document {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
  readonly text: string
}

export interface Image {
  readonly platform: OciPlatform
  readonly layers: readonly Layer[]
  readonly configuration: Document
  readonly manifest: Document
}

const sha256 = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`

const document = (mediaType: string, content: unknown): Document => {
  const text = JSON.stringify(content)
  return { mediaType, digest: sha256(text), size: Buffer.byteLength(text), text }
}

/** Counts and hashes the bytes of a stream. */
function meter(): { stream: Transform; result: () => { digest: string; size: number } } {
  const hash = createHash('sha256')
  let size = 0
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk)
      size += chunk.length
      done(null, chunk)
    },
  })
  return { stream, result: () => ({ digest: `sha256:${hash.digest('hex')}`, size }) }
}

/** Compresses the tar `tarFile` into the layer `file`. The file gets its name only when it is complete. */
export async function compressLayer(tarFile: string, file: string): Promise<Layer> {
  const plain = meter()
  const packed = meter()
  await pipeline(
    createReadStream(tarFile, { highWaterMark: 1 << 20 }),
    plain.stream,
    new PassThrough(),
    createGzip({ level: 6 }),
    packed.stream,
    createWriteStream(`${file}.part`),
  )
  await rename(`${file}.part`, file)
  return { file, ...packed.result(), diffId: plain.result().digest }
}

/** An image of these layers. It contains no timestamps, so the same layers always result in the same digests. */
export function makeImage(platform: OciPlatform, layers: readonly Layer[], config: RunConfiguration): Image {
  const configuration = document('application/vnd.oci.image.config.v1+json', {
    ...platform,
    config,
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.diffId) },
    history: layers.map(() => ({ created_by: 'test environment' })),
  })
  const manifest = document('application/vnd.oci.image.manifest.v1+json', {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: { mediaType: configuration.mediaType, digest: configuration.digest, size: configuration.size },
    layers: layers.map(({ digest, size }) => ({
      mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
      digest,
      size,
    })),
  })
  return { platform, layers, configuration, manifest }
}

/** The index that joins images of several platforms under one name. */
export const makeIndex = (images: readonly Image[]): Document =>
  document('application/vnd.oci.image.index.v1+json', {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: images.map(({ manifest, platform }) => ({
      mediaType: manifest.mediaType,
      digest: manifest.digest,
      size: manifest.size,
      platform,
    })),
  })
