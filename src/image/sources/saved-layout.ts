import { createHash, type Hash } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Duplex, PassThrough } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import * as zlib from 'node:zlib'
import type { Digest } from '../../core/digest.ts'
import { listOf } from '../../core/json-fields.ts'
import { sha256 } from '../../core/sha256.ts'
import { parseJson } from '../document.ts'
import { imageFailure } from '../failure.ts'
import { defaultLimits } from '../limits.ts'
import { compressionOf } from '../tar/decompress.ts'
import { type TarEntry, TarReader } from '../tar/tar.ts'
import { layerType, manifestOf, memberOf, savedImages } from './archive.ts'
import { blobPath } from './source.ts'

const limits = { ...defaultLimits, entries: 20_000 }

export interface SavedSetting {
  /** Config digest of the image that was saved. An archive with another image is refused. */
  readonly configDigest: Digest
  /** Default: gzip, at its own level. */
  readonly compression?: { readonly kind: 'gzip' | 'zstd'; readonly level?: number }
  /** Annotations to put into the manifest. */
  readonly annotations?: ReadonlyMap<string, string>
}

/** A layer that has been compressed into a file of the layout. */
interface Packed {
  readonly file: string
  readonly digest: Digest
  readonly size: number
  /** Digest of the uncompressed bytes. */
  readonly diffId: Digest
}

/** A file of the archive: documents are kept in memory, other files are compressed to disk. */
type Member = { readonly pointsTo?: string; readonly bytes?: Buffer; readonly packed?: Promise<Packed> }

/**
 * Streams the output of `docker save`, in the old or new form, into an OCI layout in `folder`. Only documents are held in memory, and the archive is never
 * stored. The config stays unchanged, so its digest is that of the image in the engine; compressing the same layer always gives the same bytes.
 * Throws a Failure (`image/…`) for an archive that is broken or of another image.
 * @returns the digest of the manifest, which is new: the engine stores layers uncompressed.
 */
export async function writeSavedLayout(
  archive: AsyncIterable<Buffer>,
  folder: string,
  setting: SavedSetting,
): Promise<Digest> {
  const blobs = join(folder, 'blobs', 'sha256')
  await mkdir(blobs, { recursive: true })
  const members = await readMembers(archive, (number) => pack(join(blobs, `.${number}`), setting.compression))
  const documentOf = (name: string): Buffer => {
    const { bytes } = memberOf(members, name)
    if (!bytes) throw imageFailure('image/not-an-image', `The archive has no document ${name}.`)
    return bytes
  }
  const [image, ...others] = savedImages(documentOf('manifest.json'))
  if (!image || others.length > 0)
    throw imageFailure('image/not-an-image', 'The archive does not have exactly one image.')
  const config = documentOf(image.config)
  if (sha256(config) !== setting.configDigest)
    throw imageFailure('image/digest-mismatch', `The engine saved ${sha256(config)}, not ${setting.configDigest}.`)
  const json = parseJson(config, 'config', limits)
  const diffIds = listOf(json, 'rootfs', 'diff_ids')
  if (diffIds.length !== image.layers.length)
    throw imageFailure('image/not-an-image', 'The archive and its config have different numbers of layers.')

  const layers: Packed[] = []
  for (const [index, name] of image.layers.entries()) {
    const { packed, bytes } = memberOf(members, name)
    const layer = packed ? await packed : await packBytes(bytes ?? Buffer.alloc(0), blobs, index, setting)
    if (layer.diffId !== diffIds[index])
      throw imageFailure('image/digest-mismatch', `Layer ${index + 1} of the saved image differs from the built one.`)
    layers.push(layer)
  }
  const mediaType = `${layerType}+${setting.compression?.kind ?? 'gzip'}`
  const described = layers.map(({ digest, size }) => ({ mediaType, digest, size }))
  const { manifest, entry } = manifestOf(config, json, described, setting.annotations)
  for (const { file, digest } of layers) await rename(file, join(folder, blobPath(digest))).catch(ignoreMissing)
  // Removes other files of the archive: versions, and layers in an older form.
  for (const { packed } of members.values()) if (packed !== undefined) await rm((await packed).file, { force: true })
  for (const bytes of [config, manifest.bytes]) await writeFile(join(folder, blobPath(sha256(bytes))), bytes)
  await writeFile(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [entry] }))
  await writeFile(join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }))
  return manifest.digest
}

/** Ignores a missing file: an image may have the same layer several times. */
const ignoreMissing = (thrown: NodeJS.ErrnoException): void => {
  if (thrown.code !== 'ENOENT') throw thrown
}

/** Reads the whole archive, as fast as disk and compression allow. */
async function readMembers(
  archive: AsyncIterable<Buffer>,
  open: (number: number) => Packing,
): Promise<ReadonlyMap<string, Member>> {
  const members = new Map<string, Member>()
  const packings: Packing[] = []
  let entry: TarEntry | undefined
  let document: Buffer[] | undefined
  let packing: Packing | undefined
  let documents = 0
  const reader = new TarReader(
    {
      entry(found) {
        entry = found
        if (found.pointsTo !== undefined) members.set(found.path, { pointsTo: found.pointsTo })
      },
      data(chunk) {
        if (!document && !packing) {
          const size = entry?.size ?? 0
          if (isDocument(chunk, size) && documents + size <= mostDocuments) {
            document = []
            documents += size
          } else {
            packing = open(packings.length)
            packings.push(packing)
          }
        }
        document?.push(Buffer.from(chunk))
        packing?.write(Buffer.from(chunk))
      },
      end() {
        if (entry?.kind === 'file') {
          packing?.end()
          members.set(entry.path, packing ? { packed: packing.done } : { bytes: Buffer.concat(document ?? []) })
        }
        entry = document = packing = undefined
      },
    },
    limits,
  )
  try {
    for await (const chunk of archive) {
      reader.write(chunk)
      await Promise.all(packings.map((one) => one.room()))
    }
    reader.end()
    await Promise.all(packings.map(({ done }) => done))
  } catch (thrown) {
    for (const { abandon } of packings) abandon()
    await Promise.allSettled(packings.map(({ done }) => done))
    throw thrown
  }
  return members
}

/** Maximum bytes of all documents together, because a layer can look like a document. */
const mostDocuments = 8 * limits.document

/** Whether a file looks like JSON. A layer is a tar, which begins with a file name; if that begins like JSON, the layer is compressed later. */
const isDocument = (start: Buffer, size: number): boolean =>
  size <= limits.document && (start[0] === 0x7b || start[0] === 0x5b)

interface Packing {
  write(chunk: Buffer): void
  end(): void
  abandon(): void
  /** Resolves when the stream accepts more data, or has ended. */
  room(): Promise<unknown>
  readonly done: Promise<Packed>
}

/** Compresses into a file, and computes the digests of input and output. */
function pack(file: string, compression: SavedSetting['compression']): Packing {
  const plain = createHash('sha256')
  const stored = createHash('sha256')
  let size = 0
  const input = new PassThrough({ highWaterMark: 1024 * 1024 })
  const count = (chunk: Buffer) => {
    size += chunk.length
  }
  const work = pipeline(
    input,
    digesting(plain, refuseCompressed),
    compressor(compression),
    digesting(stored, count),
    createWriteStream(file),
  )
  const done = work.then(() => ({ file, digest: digestOf(stored), size, diffId: digestOf(plain) }))
  // The failure is handled where `done` is awaited; until then it must not count as unhandled.
  done.catch(() => {})
  return {
    write: (chunk) => void input.write(chunk),
    end: () => void input.end(),
    abandon: () => void input.destroy(),
    room: async () => {
      if (input.writableNeedDrain) await Promise.race([once(input, 'drain').catch(() => {}), done])
    },
    done,
  }
}

const digestOf = (hash: Hash): Digest => `sha256:${hash.digest('hex')}`

/** Passes chunks on, and computes their digest. */
const digesting = (hash: Hash, look: (chunk: Buffer, index: number) => void) =>
  async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let index = 0
    for await (const chunk of chunks) {
      look(chunk, index++)
      hash.update(chunk)
      yield chunk
    }
  }

/** Throws for a compressed layer: its digest would not be a diff ID, and it would be compressed twice. */
function refuseCompressed(chunk: Buffer, index: number): void {
  if (index === 0 && compressionOf(chunk) !== 'none')
    throw imageFailure('image/unsupported-layer', 'The engine saved a compressed layer.')
}

function compressor({ kind, level }: NonNullable<SavedSetting['compression']> = { kind: 'gzip' }): Duplex {
  if (kind === 'gzip') return zlib.createGzip(level === undefined ? {} : { level })
  return zlib.createZstdCompress(
    level === undefined ? {} : { params: { [zlib.constants.ZSTD_c_compressionLevel]: level } },
  )
}

function packBytes(bytes: Buffer, blobs: string, index: number, setting: SavedSetting): Promise<Packed> {
  const packing = pack(join(blobs, `.document-${index}`), setting.compression)
  packing.write(bytes)
  packing.end()
  return packing.done
}
