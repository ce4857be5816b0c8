import type { Digest } from '../../core/digest.ts'
import type { AddonReport } from './report.ts'

type Metadata = Readonly<Record<string, unknown>>

/**
 * What was published, by the names of Docker's build metadata, so that steps written for its actions read it unchanged. One add-on, or several by their slug; empty
 * if nothing was published. Source: docs.docker.com, `docker buildx build --metadata-file`.
 */
export function metadataOf(addons: readonly AddonReport[]): Metadata {
  const published = addons.filter(({ tags }) => tags !== undefined)
  const [only] = addons.length === 1 ? published : []
  if (only) return metadataOfAddon(only)
  return Object.fromEntries(published.map((addon) => [addon.slug, metadataOfAddon(addon)]))
}

const mediaTypes = {
  list: 'application/vnd.oci.image.index.v1+json',
  image: 'application/vnd.oci.image.manifest.v1+json',
} as const

function metadataOfAddon(addon: AddonReport): Metadata {
  const { manifest, targets } = addon
  const images = targets.flatMap(({ architecture, build, published }) => {
    if (published === undefined) return []
    // A version that was published before has another image than the one that was built.
    const config = build.status === 'built' && build.manifestDigest === published ? build.configDigest : undefined
    const configDigest = config !== undefined && { 'containerimage.config.digest': config }
    return [[architecture, { ...describe(addon, published, mediaTypes.image), ...configDigest }] as const]
  })
  const [only] = images.length === 1 ? images : []
  return {
    ...(manifest?.digest === undefined ? only?.[1] : describe(addon, manifest.digest, mediaTypes.list)),
    ...Object.fromEntries(images),
  }
}

const describe = ({ tags = [] }: AddonReport, digest: Digest, mediaType: string): Metadata => ({
  'containerimage.digest': digest,
  'containerimage.descriptor': { mediaType, digest },
  'image.name': tags
    .filter((one) => one.digest === digest)
    .map(({ image, tag }) => `${image}:${tag}`)
    .join(','),
})
