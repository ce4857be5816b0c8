import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { posix } from 'node:path'
import { Readable } from 'node:stream'
import { Failure, messageOf } from '../../core/diagnostics.ts'
import { type Digest, isDigest } from '../../core/digest.ts'
import { quoted } from '../../core/parsed.ts'
import { sha256 } from '../../core/sha256.ts'
import { openRegular } from '../../platform/workspace-path.ts'
import { parseJson } from '../document.ts'
import { imageFailure } from '../failure.ts'
import { defaultLimits } from '../limits.ts'
import { compressionOf } from '../tar/decompress.ts'
import { type TarEntry, TarReader } from '../tar/tar.ts'
import type { BlobSource, Content } from './source.ts'

interface Member {
  readonly offset: number
  readonly size: number
  readonly pointsTo?: string
}

const limits = { ...defaultLimits, entries: 20_000 }
const indexType = 'application/vnd.oci.image.index.v1+json'
const manifestType = 'application/vnd.oci.image.manifest.v1+json'
const configType = 'application/vnd.oci.image.config.v1+json'
const layerType = 'application/vnd.oci.image.layer.v1.tar'

/**
 * A tar file of `docker save` (old and new) or `buildx --output type=oci,dest=FILE`. Its blobs come in any order, so their offsets are read first, by seeking from
 * header to header. Each blob is then streamed from its offset.
 */
export async function archiveSource(file: string): Promise<BlobSource> {
  const handle = await openRegular(file).catch((thrown) => {
    throw imageFailure('image/unreadable', `The archive cannot be opened: ${messageOf(thrown)}.`, thrown)
  })
  if (!handle) throw imageFailure('image/unreadable', 'The archive is not a regular file.')
  try {
    const members = await listMembers(handle)
    return members.has('index.json') ? ociArchive(file, members) : await dockerArchive(file, members)
  } finally {
    await handle.close()
  }
}

async function listMembers(handle: FileHandle): Promise<Map<string, Member>> {
  const members = new Map<string, Member>()
  const { size } = await handle.stat()
  const block = Buffer.alloc(512)
  let position = 0
  const reader = new TarReader(
    {
      entry: (entry: TarEntry) =>
        members.set(entry.path, {
          offset: position,
          size: entry.size,
          ...(entry.pointsTo !== undefined && { pointsTo: entry.pointsTo }),
        }),
      data: () => {},
      end: () => {},
    },
    limits,
  )
  try {
    while (position < size) {
      const { bytesRead } = await handle.read(block, 0, 512, position)
      if (position === 0 && compressionOf(block) !== 'none')
        throw imageFailure('image/unsupported-layer', 'The archive itself is compressed: unpack it first.')
      position += bytesRead
      reader.write(block.subarray(0, bytesRead))
      position += reader.skipContent()
    }
    reader.end()
  } catch (thrown) {
    throw thrown instanceof Failure
      ? thrown
      : imageFailure('image/unreadable', `The archive cannot be read: ${messageOf(thrown)}.`, thrown)
  }
  if (position > size) throw imageFailure('image/truncated', 'The archive ends in the middle of a file.')
  return members
}

function ociArchive(file: string, members: ReadonlyMap<string, Member>): BlobSource {
  const blobName = (digest: Digest) => {
    if (!isDigest(digest)) throw imageFailure('image/unreadable', 'A blob of the image has no sha256 digest.')
    return `blobs/sha256/${digest.slice('sha256:'.length)}`
  }
  return {
    method: 'archive',
    async manifest(digest) {
      const bytes = await small(file, memberOf(members, digest ? blobName(digest) : 'index.json'))
      return { digest: digest ?? sha256(bytes), mediaType: digest ? '' : indexType, bytes }
    },
    blob: async (digest) => stream(file, memberOf(members, blobName(digest))),
  }
}

/** `docker save` before Docker 25: no manifests, so they are made here, from `manifest.json` and the configs. */
async function dockerArchive(file: string, members: ReadonlyMap<string, Member>): Promise<BlobSource> {
  const images = savedImages(await small(file, memberOf(members, 'manifest.json')))
  const blobs = new Map<Digest, Member>()
  const manifests = new Map<Digest, Content>()
  const digests = new Map<Member, Digest>()
  const children: object[] = []
  for (const image of images) {
    const configMember = memberOf(members, image.config)
    const bytes = await small(file, configMember)
    const config = parseJson(bytes, 'config', limits)
    const diffIds = (config.rootfs as { diff_ids?: unknown[] } | undefined)?.diff_ids ?? []
    const layers: object[] = []
    for (const [index, name] of image.layers.entries()) {
      const member = memberOf(members, name)
      // The same file may be a layer of many images.
      const digest = digests.get(member) ?? (await layerDigest(file, member, diffIds[index]))
      digests.set(member, digest)
      blobs.set(digest, member)
      layers.push({ mediaType: layerType, digest, size: member.size })
    }
    blobs.set(sha256(bytes), configMember)
    const manifest = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: manifestType,
        config: { mediaType: configType, digest: sha256(bytes), size: bytes.length },
        layers,
      }),
    )
    manifests.set(sha256(manifest), { digest: sha256(manifest), mediaType: manifestType, bytes: manifest })
    const { os, architecture, variant } = config
    const platform = { os, architecture, ...(variant ? { variant } : {}) }
    children.push({ mediaType: manifestType, digest: sha256(manifest), size: manifest.length, platform })
  }
  const index = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests: children }))
  const root: Content = { digest: sha256(index), mediaType: indexType, bytes: index }
  return {
    method: 'archive',
    async manifest(digest) {
      const found = digest === undefined ? root : manifests.get(digest)
      if (!found) throw imageFailure('image/unreadable', `The archive has no manifest ${quoted(digest ?? '')}.`)
      return found
    },
    async blob(digest) {
      const member = blobs.get(digest)
      if (!member) throw imageFailure('image/unreadable', `The archive has no blob ${quoted(digest)}.`)
      return stream(file, member)
    },
  }
}

/** The images that `manifest.json` of `docker save` names. */
export function savedImages(bytes: Buffer): readonly { readonly config: string; readonly layers: readonly string[] }[] {
  const list = parseList(bytes)
  if (!Array.isArray(list))
    throw imageFailure('image/not-an-image', 'The archive has no list of images in manifest.json.')
  if (list.length > limits.manifests)
    throw imageFailure('image/limit', `The archive has more than ${limits.manifests} images.`)
  return (list as { Config?: unknown; Layers?: unknown }[]).map((image) => {
    if (typeof image?.Config !== 'string' || !Array.isArray(image.Layers))
      throw imageFailure('image/not-an-image', 'manifest.json of the archive names no config or no layers.')
    if (image.Layers.length > limits.layers)
      throw imageFailure('image/limit', `The image has more than ${limits.layers} layers.`)
    return { config: image.Config, layers: image.Layers.map(String) }
  })
}

function parseList(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    return undefined
  }
}

/** Docker stores layers uncompressed, so their digest is the diff ID; other tools compress them, and that digest has to be computed. */
async function layerDigest(file: string, member: Member, diffId: unknown): Promise<Digest> {
  const start = await bytesOf(file, { ...member, size: Math.min(4, member.size) })
  if (compressionOf(start) === 'none' && isDigest(diffId)) return diffId
  const hash = createHash('sha256')
  for await (const chunk of stream(file, member)) hash.update(chunk as Buffer)
  return `sha256:${hash.digest('hex')}`
}

/** The member with a name from `manifest.json`, through links. */
export function memberOf<T extends { readonly pointsTo?: string }>(members: ReadonlyMap<string, T>, name: string): T {
  let path = posix.normalize(name)
  // docker save writes a repeated layer as a symbolic link.
  for (let hops = 0; hops < 8; hops++) {
    const member = members.get(path)
    if (!member) break
    if (member.pointsTo === undefined) return member
    path = posix.join(posix.dirname(path), member.pointsTo)
  }
  throw imageFailure('image/unreadable', `The archive has no ${quoted(name)}.`)
}

async function small(file: string, member: Member): Promise<Buffer> {
  if (member.size > limits.document)
    throw imageFailure('image/limit', `A document in the archive is ${member.size} bytes long.`)
  return bytesOf(file, member)
}

async function bytesOf(file: string, member: Member): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream(file, member)) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

function stream(file: string, { offset, size }: Member): Readable {
  if (size === 0) return Readable.from([])
  return createReadStream(file, { start: offset, end: offset + size - 1, highWaterMark: 1024 * 1024 })
}
