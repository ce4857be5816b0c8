import { type Architecture, architectures, ociPlatformOf } from '../core/architecture.ts'
import { type Digest, isDigest } from '../core/digest.ts'
import { fieldOf, listOf, textOf } from '../core/json-fields.ts'
import { sha256 } from '../core/sha256.ts'
import type { Manifest } from './client.ts'
import { RegistryError } from './error.ts'
import { parseJson } from './response.ts'

export interface IndexEntry {
  readonly architecture: Architecture
  readonly manifest: Manifest
  /** Provenance or SBOM of this image. */
  readonly attestation?: Manifest
}

const mediaType = 'application/vnd.oci.image.index.v1+json'
const dockerMediaType = 'application/vnd.docker.distribution.manifest.list.v2+json'

/** Whether it lists images of several platforms, instead of being one image. */
export const isIndex = ({ mediaType: type }: Pick<Manifest, 'mediaType'>): boolean =>
  type === mediaType || type === dockerMediaType

/** The manifest list of these images. The same entries give the same bytes. Source: OCI image-spec `image-index.md`. */
export function makeIndex(
  entries: readonly IndexEntry[],
  annotations: ReadonlyMap<string, string> = new Map(),
): Manifest {
  return manifestOf({
    schemaVersion: 2,
    mediaType,
    manifests: descriptorsOf(entries),
    ...(annotations.size > 0 && { annotations: Object.fromEntries(annotations) }),
  })
}

/** Maximum entries of a published manifest list. */
const mostEntries = 100

/** What a published manifest list has. */
interface ReadIndex {
  readonly architectures: ReadonlySet<Architecture>
  /** Every manifest that it names. */
  readonly digests: readonly Digest[]
}

/** Throws a RegistryError for a list that cannot be completed. */
export function readIndex(manifest: Manifest): ReadIndex {
  const entries = listOf(parseJson(manifest.bytes, 'a manifest list', 'The registry'), 'manifests')
  const digests = entries.map((entry) => fieldOf(entry, 'digest')).filter(isDigest)
  if (entries.length > mostEntries || digests.length < entries.length) {
    throw new RegistryError('INVALID_IMAGE', `The published manifest list ${manifest.digest} is not valid.`)
  }
  const has = (architecture: Architecture): boolean => entries.some((entry) => isEntryOf(entry, architecture))
  return { architectures: new Set(architectures.filter(has)), digests: [...new Set(digests)] }
}

/** Whether an entry of a manifest list is an image for this architecture. A missing variant of `arm` is `v7`. Source: containerd `platforms`. */
export function isEntryOf(entry: unknown, architecture: Architecture): boolean {
  const { architecture: name, variant } = ociPlatformOf(architecture)
  if (textOf(entry, 'platform', 'architecture') !== name) return false
  return name !== 'arm' || (textOf(entry, 'platform', 'variant') || 'v7') === variant
}

/** A published manifest list with more images. Everything that it has stays as it is. */
export function extendIndex(published: Manifest, entries: readonly IndexEntry[]): Manifest {
  const index = parseJson(published.bytes, 'a manifest list', 'The registry')
  const manifests = [...listOf(index, 'manifests'), ...descriptorsOf(entries)]
  // Attestations come after all images: old clients take the first entry that fits.
  const isAttestation = (entry: unknown): boolean => textOf(entry, 'platform', 'architecture') === 'unknown'
  const sorted = [...manifests.filter((one) => !isAttestation(one)), ...manifests.filter(isAttestation)]
  return manifestOf({ ...index, mediaType: published.mediaType, manifests: sorted })
}

function manifestOf(index: Readonly<Record<string, unknown>>): Manifest {
  const bytes = Buffer.from(JSON.stringify(index, undefined, 2))
  return { digest: sha256(bytes), mediaType: textOf(index, 'mediaType'), bytes }
}

const descriptorsOf = (entries: readonly IndexEntry[]): readonly unknown[] => [
  ...entries.map(imageEntry),
  ...entries.flatMap(attestationEntry),
]

const imageEntry = ({ architecture, manifest }: IndexEntry) => ({
  ...descriptor(manifest),
  platform: { ...ociPlatformOf(architecture), os: 'linux' },
})

/** Source: BuildKit docs/attestations/attestation-storage.md. */
const attestationEntry = ({ manifest, attestation }: IndexEntry) => {
  if (attestation === undefined) return []
  const annotations = {
    'vnd.docker.reference.digest': manifest.digest,
    'vnd.docker.reference.type': 'attestation-manifest',
  }
  return { ...descriptor(attestation), annotations, platform: { architecture: 'unknown', os: 'unknown' } }
}

const descriptor = ({ mediaType, digest, bytes }: Manifest) => ({ mediaType, digest, size: bytes.length })
