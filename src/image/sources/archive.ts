import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { posix } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { Failure, messageOf } from '../../core/diagnostics.ts'
import { type Digest, isDigest } from '../../core/digest.ts'
import { type JsonObject, listOf, parseJsonText } from '../../core/json-fields.ts'
import { quoted } from '../../core/parsed.ts'
import { sha256 } from '../../core/sha256.ts'
import { openRegular } from '../../platform/workspace-path.ts'
import { parseJson } from '../document.ts'
import { imageFailure } from '../failure.ts'
import { defaultLimits } from '../limits.ts'
import { compressionOf } from '../tar/decompress.ts'
import { type TarEntry, TarReader } from '../tar/tar.ts'
import { type BlobSource, blobPath, type Content, indexType } from './source.ts'

interface Member {
  readonly offset: number
  readonly size: number
  readonly pointsTo?: string
}

const limits = { ...defaultLimits, entries: 20_000 }
const manifestType = 'application/vnd.oci.image.manifest.v1+json'
const configType = 'application/vnd.oci.image.config.v1+json'
export const layerType = 'application/vnd.oci.image.layer.v1.tar'

/** A tar file of `docker save` or of `buildx --output type=oci,dest=FILE`. Offsets of its blobs are read first, by seeking from header to header. */
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
  const entry = ({ path, size, pointsTo }: TarEntry) =>
    members.set(path, { offset: position, size, ...(pointsTo !== undefined && { pointsTo }) })
  const reader = new TarReader({ entry, data: () => {}, end: () => {} }, limits)
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
  return {
    method: 'archive',
    async manifest(digest) {
      const bytes = await small(file, memberOf(members, digest ? blobPath(digest) : 'index.json'))
      return { digest: digest ?? sha256(bytes), mediaType: digest ? '' : indexType, bytes }
    },
    blob: async (digest) => stream(file, memberOf(members, blobPath(digest))),
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
    const diffIds = listOf(config, 'rootfs', 'diff_ids')
    const layers: Layer[] = []
    for (const [index, name] of image.layers.entries()) {
      const member = memberOf(members, name)
      // The same file may be a layer of many images.
      const digest = digests.get(member) ?? (await layerDigest(file, member, diffIds[index]))
      digests.set(member, digest)
      blobs.set(digest, member)
      layers.push({ mediaType: layerType, digest, size: member.size })
    }
    blobs.set(sha256(bytes), configMember)
    const { manifest, entry } = manifestOf(bytes, config, layers)
    manifests.set(manifest.digest, manifest)
    children.push(entry)
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

interface Layer {
  readonly mediaType: string
  readonly digest: Digest
  readonly size: number
}

/** The OCI manifest of an image of Docker, and its entry in an index. The second argument is the parsed config. */
export function manifestOf(
  config: Buffer,
  { os, architecture, variant }: JsonObject,
  layers: readonly Layer[],
  annotations?: ReadonlyMap<string, string>,
): { readonly manifest: Content; readonly entry: object } {
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: manifestType,
      config: { mediaType: configType, digest: sha256(config), size: config.length },
      layers,
      ...(annotations?.size && { annotations: Object.fromEntries(annotations) }),
    }),
  )
  const manifest = { digest: sha256(bytes), mediaType: manifestType, bytes }
  const platform = { os, architecture, ...(variant ? { variant } : {}) }
  return { manifest, entry: { mediaType: manifestType, digest: manifest.digest, size: bytes.length, platform } }
}

/** The images that `manifest.json` of `docker save` names. */
export function savedImages(bytes: Buffer): readonly { readonly config: string; readonly layers: readonly string[] }[] {
  const list = parseJsonText(bytes.toString('utf8'))
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

/** Docker stores layers uncompressed, so their digest is the diff ID. Other tools compress them; then the digest has to be computed. */
async function layerDigest(file: string, member: Member, diffId: unknown): Promise<Digest> {
  const start = await buffer(stream(file, { ...member, size: Math.min(4, member.size) }))
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
  return buffer(stream(file, member))
}

function stream(file: string, { offset, size }: Member): Readable {
  if (size === 0) return Readable.from([])
  return createReadStream(file, { start: offset, end: offset + size - 1, highWaterMark: 1024 * 1024 })
}
