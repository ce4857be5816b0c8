import { type Digest, isDigest } from '../core/digest.ts'
import { isJsonObject, type JsonObject, listOf, parseJsonText, textOf } from '../core/json-fields.ts'
import { quoted } from '../core/parsed.ts'
import { imageFailure } from './failure.ts'
import type { Limits } from './limits.ts'
import type { Compression } from './measure.ts'
import { type BlobSource, type Content, smallBlob, verified } from './sources/source.ts'

export interface Descriptor {
  readonly digest: Digest
  readonly size: number
  readonly mediaType: string
  readonly platform?: OciPlatform
  readonly annotations?: Readonly<Record<string, string>>
}

interface OciPlatform {
  readonly os: string
  readonly architecture: string
  readonly variant?: string
}

export interface Manifest {
  readonly digest: Digest
  readonly config: Descriptor
  readonly layers: readonly Descriptor[]
  /** As they are in the manifest; their values may be anything. */
  readonly annotations?: JsonObject
}

/** The parts of an image config that a measurement needs. */
export interface ImageConfig {
  readonly platform: OciPlatform
  readonly diffIds: readonly Digest[]
  readonly history: readonly { readonly createdBy?: string; readonly emptyLayer: boolean }[]
  readonly created?: string
  readonly revision?: string
}

export function parseJson(bytes: Buffer, what: string, limits: Limits): JsonObject {
  if (bytes.length > limits.document)
    throw imageFailure('image/limit', `The ${what} is longer than ${limits.document} bytes.`)
  const value = parseJsonText(bytes.toString('utf8'))
  if (isJsonObject(value)) return value
  throw imageFailure('image/unreadable', `The ${what} is not a JSON object.`)
}

function descriptor(value: unknown, what: string): Descriptor {
  if (!isJsonObject(value) || !isDigest(value.digest))
    throw imageFailure('image/unreadable', `The ${what} has no sha256 digest.`)
  const size = value.size
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
    throw imageFailure('image/unreadable', `The ${what} has an invalid size.`)
  const platform = isJsonObject(value.platform) ? platformOf(value.platform) : undefined
  const annotations = isJsonObject(value.annotations) ? (value.annotations as Record<string, string>) : undefined
  return {
    digest: value.digest,
    size,
    mediaType: textOf(value, 'mediaType'),
    ...(platform && { platform }),
    ...(annotations && { annotations }),
  }
}

function platformOf(value: JsonObject): OciPlatform {
  const variant = textOf(value, 'variant')
  return { os: textOf(value, 'os'), architecture: textOf(value, 'architecture'), ...(variant && { variant }) }
}

/** `linux/arm/v7` → parts. */
export function parsePlatform(platform: string): OciPlatform {
  const [os = '', architecture = '', variant] = platform.split('/')
  return { os, architecture, ...(variant && { variant }) }
}

/** Variants if none is given, as containerd normalizes them. */
const usualVariant: Readonly<Record<string, string>> = { arm: 'v7', arm64: 'v8', amd64: 'v1' }

export function samePlatform(a: OciPlatform, b: OciPlatform): boolean {
  const variant = (platform: OciPlatform) => platform.variant || usualVariant[platform.architecture] || ''
  return a.os === b.os && a.architecture === b.architecture && variant(a) === variant(b)
}

const platformText = (platform: OciPlatform): string =>
  [platform.os, platform.architecture, platform.variant].filter(Boolean).join('/')

const isAttestation = (child: Descriptor): boolean =>
  child.annotations?.['vnd.docker.reference.type'] !== undefined || child.platform?.architecture === 'unknown'

/** Finds the manifest of a platform, or takes the only one. Checks digests. Throws a Failure `image/no-platform` if there is none. */
export async function findManifest(source: BlobSource, platform: OciPlatform, limits: Limits): Promise<Manifest> {
  const root = await source.manifest()
  verified(root.bytes, root.digest, 'manifest')
  return manifestIn(root, source, platform, limits, { depth: 0, visits: { left: limits.manifests } })
}

/** Limits on following indexes, which can refer to one another. */
interface Walk {
  readonly depth: number
  /** How many manifests may still be read. */
  readonly visits: { left: number }
}

async function manifestIn(
  content: Content,
  source: BlobSource,
  platform: OciPlatform,
  limits: Limits,
  { depth, visits }: Walk,
): Promise<Manifest> {
  const json = parseJson(content.bytes, 'manifest', limits)
  if (!Array.isArray(json.manifests)) return readManifest(json, content.digest, limits)
  if (depth > 4) throw imageFailure('image/limit', 'The index leads to another index more than 4 times.')
  const children = json.manifests
    .map((child) => descriptor(child, 'index entry'))
    .filter((child) => !isAttestation(child))
  const stated = children.filter((child) => child.platform && samePlatform(child.platform, platform))
  // The config decides whether an entry without a platform (an OCI layout with a single image) matches.
  const candidates = stated.length ? stated : children.filter((child) => !child.platform)
  const [chosen] = candidates
  if (!chosen || candidates.length > 16) {
    const others = children.flatMap((child) => (child.platform ? [platformText(child.platform)] : []))
    throw imageFailure(
      'image/no-platform',
      `The image has no ${platformText(platform)}${others.length ? `, only ${quoted(others.slice(0, 10).join(', '))}` : ''}.`,
    )
  }
  let failure: unknown
  for (const candidate of candidates) {
    try {
      if (visits.left-- <= 0)
        throw imageFailure('image/limit', `The index leads to more than ${limits.manifests} manifests.`)
      const found = { ...(await source.manifest(candidate.digest)), digest: candidate.digest }
      verified(found.bytes, found.digest, 'manifest')
      const manifest = await manifestIn(found, source, platform, limits, { depth: depth + 1, visits })
      if (stated.length || candidates.length === 1) return manifest
      const config = await readConfig(source, manifest, limits)
      if (samePlatform(config.platform, platform)) return manifest
    } catch (thrown) {
      failure = thrown
    }
  }
  throw failure ?? imageFailure('image/no-platform', `The image has no ${platformText(platform)}.`)
}

function readManifest(json: JsonObject, digest: Digest, limits: Limits): Manifest {
  if (!isJsonObject(json.config) || !Array.isArray(json.layers))
    throw imageFailure('image/not-an-image', 'The manifest is not an image manifest (schema 2 or OCI).')
  if (json.layers.length > limits.layers)
    throw imageFailure('image/limit', `The image has more than ${limits.layers} layers.`)
  const config = descriptor(json.config, 'config')
  if (
    config.mediaType &&
    !/^application\/vnd\.(oci|docker\.container)\.image\.(config\.)?v1\+json$/.test(config.mediaType)
  )
    throw imageFailure(
      'image/not-an-image',
      `The config of the manifest has an unsupported media type: ${quoted(config.mediaType)}.`,
    )
  const layers = json.layers.map((layer, index) => descriptor(layer, `layer ${index + 1}`))
  return { digest, config, layers, ...(isJsonObject(json.annotations) && { annotations: json.annotations }) }
}

const mostHistory = 10_000

export async function readConfig(source: BlobSource, manifest: Manifest, limits: Limits): Promise<ImageConfig> {
  const bytes = await smallBlob(source, manifest.config.digest, limits.document, 'config')
  const json = parseJson(bytes, 'config', limits)
  const diffIds = listOf(json, 'rootfs', 'diff_ids')
  if (diffIds.length !== manifest.layers.length || !diffIds.every(isDigest))
    throw imageFailure(
      'image/unreadable',
      `The config names ${diffIds.length} layers, the manifest ${manifest.layers.length}.`,
    )
  const created = textOf(json, 'created').slice(0, 64)
  const revision = textOf(json, 'config', 'Labels', 'org.opencontainers.image.revision')
  return {
    platform: platformOf(json),
    diffIds,
    // One entry for each instruction of a Dockerfile. No real image has as many as the limit.
    history: listOf(json, 'history')
      .slice(0, mostHistory)
      .filter(isJsonObject)
      .map((entry) => {
        const createdBy = textOf(entry, 'created_by').slice(0, 4000)
        return { emptyLayer: entry.empty_layer === true, ...(createdBy && { createdBy }) }
      }),
    ...(created && { created }),
    ...(/^[0-9a-f]{7,64}$/.test(revision) && { revision }),
  }
}

/** The command that made each layer, in the order of the layers; empty when the history does not match them. */
export function createdBy(config: ImageConfig): readonly (string | undefined)[] {
  const entries = config.history.filter((entry) => !entry.emptyLayer)
  return entries.length === config.diffIds.length ? entries.map((entry) => entry.createdBy) : []
}

/** The compression by the media type, which may be wrong. When a layer is read, its first bytes decide. */
export function statedCompression(mediaType: string): Compression {
  if (/[+.]zstd$/.test(mediaType)) return 'zstd'
  return /[+.]gzip$/.test(mediaType) ? 'gzip' : 'none'
}
