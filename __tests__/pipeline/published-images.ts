import { sha256 } from '../../src/core/sha256.ts'
import type { Distribution } from '../registry/distribution.ts'

/** What an image in a registry has that matters to `mode: refresh`. */
export interface PublishedImage {
  /** `arm64`, `arm/v7`. */
  readonly platform: string
  readonly layers: readonly string[]
  readonly annotations?: Readonly<Record<string, unknown>>
}

const diffId = (layer: string): string => sha256(`diff ${layer}`)
const manifestType = 'application/vnd.oci.image.manifest.v1+json'
const indexType = 'application/vnd.oci.image.index.v1+json'

function put(registry: Distribution, repository: string, type: string, document: unknown): string {
  const bytes = Buffer.from(JSON.stringify(document))
  registry.manifests.set(`${repository}@${sha256(bytes)}`, { type, bytes })
  return sha256(bytes)
}

/** Puts an image into a fake registry and returns its digest. `tag`: undefined for an image that only an index names. */
export function putImage(registry: Distribution, repository: string, tag: string | undefined, image: PublishedImage) {
  const [architecture, variant] = image.platform.split('/')
  const config = Buffer.from(
    JSON.stringify({
      os: 'linux',
      architecture,
      variant,
      rootfs: { type: 'layers', diff_ids: image.layers.map(diffId) },
    }),
  )
  registry.blobs.set(`${repository}@${sha256(config)}`, config)
  const digest = put(registry, repository, manifestType, {
    schemaVersion: 2,
    mediaType: manifestType,
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: sha256(config), size: config.length },
    layers: image.layers.map((layer) => ({ mediaType: `${manifestType}.layer`, digest: sha256(layer), size: 1 })),
    ...(image.annotations && { annotations: image.annotations }),
  })
  if (tag !== undefined) registry.tags.set(`${repository}:${tag}`, digest)
  return digest
}

/** Puts an index of these images into a fake registry and returns its digest. */
export function putIndex(registry: Distribution, repository: string, tag: string, images: readonly PublishedImage[]) {
  const manifests = images.map((image) => {
    const [architecture, variant] = image.platform.split('/')
    const platform = { os: 'linux', architecture, variant }
    return { mediaType: manifestType, digest: putImage(registry, repository, undefined, image), size: 1, platform }
  })
  const digest = put(registry, repository, indexType, { schemaVersion: 2, mediaType: indexType, manifests })
  registry.tags.set(`${repository}:${tag}`, digest)
  return digest
}
