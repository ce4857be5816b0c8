import { type Architecture, ociPlatformOf } from '../core/architecture.ts'
import { sha256 } from '../core/sha256.ts'
import type { Manifest } from './client.ts'

export interface IndexEntry {
  readonly architecture: Architecture
  readonly manifest: Manifest
  /** Provenance or SBOM of this image. */
  readonly attestation?: Manifest
}

const mediaType = 'application/vnd.oci.image.index.v1+json'

/** The manifest list of these images. The same entries give the same bytes. Source: OCI image-spec `image-index.md`. */
export function makeIndex(
  entries: readonly IndexEntry[],
  annotations: ReadonlyMap<string, string> = new Map(),
): Manifest {
  const index = {
    schemaVersion: 2,
    mediaType,
    // Attestations come after all images: old clients take the first entry that fits.
    manifests: [...entries.map(imageEntry), ...entries.flatMap(attestationEntry)],
    ...(annotations.size > 0 && { annotations: Object.fromEntries(annotations) }),
  }
  const bytes = Buffer.from(JSON.stringify(index, undefined, 2))
  return { digest: sha256(bytes), mediaType, bytes }
}

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
