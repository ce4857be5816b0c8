import pLimit from 'p-limit'
import type { Architecture } from '../core/architecture.ts'
import { isDigest } from '../core/digest.ts'
import { fieldOf, listOf, textOf } from '../core/json-fields.ts'
import type { Manifest, Registry } from './client.ts'
import { isRefused } from './error.ts'
import { extendIndex, type IndexEntry, isEntryOf, isIndex, makeIndex, readIndex } from './image-index.ts'
import { parseRepository } from './name.ts'
import type { PublishableAddon, TaggedName } from './publishable.ts'
import { parseJson } from './response.ts'
import { openStored, type StoredImage, storedFrom } from './stored-image.ts'
import { currentManifest, type KnownTags, nameOf } from './tags.ts'

/** What happens to the tag of a version that points at another image: the input `existing`. */
export type Existing = 'replace' | 'keep' | 'fail'

/** An image, and its provenance or SBOM. */
export interface ImageContents {
  readonly stored: StoredImage
  readonly attestation?: StoredImage
}

/** What the tags of a version are to point at. Other tags point at the images of this run. */
export interface VersionContents {
  readonly images: ReadonlyMap<Architecture, ImageContents>
  /** The manifest list, and every image in it. Undefined: there is none. */
  readonly list?: { readonly manifest: Manifest; readonly parts: readonly StoredImage[] }
  /** Tags that were read. */
  readonly known: KnownTags
  /** Names of tags that stay as they are: `name:1.2.3`. */
  readonly kept: ReadonlySet<string>
  /** `fail`: names of tags that point at other images. */
  readonly conflicts: readonly string[]
}

/** The images of this run, by architecture. */
export const builtImages = ({ images }: PublishableAddon): ReadonlyMap<Architecture, ImageContents> =>
  new Map(
    images.map(({ architecture, stored, attestation }) => [
      architecture,
      { stored, ...(attestation && { attestation }) },
    ]),
  )

/** The manifest list of images, and everything in it. */
export function listOfImages(
  images: ReadonlyMap<Architecture, ImageContents>,
  { multiArch }: PublishableAddon,
): VersionContents['list'] {
  return (
    multiArch && {
      manifest: makeIndex([...images].map(entryOf), multiArch.annotations),
      parts: [...images.values()].flatMap(partsOf),
    }
  )
}

export const partsOf = ({ stored, attestation }: ImageContents): readonly StoredImage[] =>
  attestation ? [stored, attestation] : [stored]

const entryOf = ([architecture, { stored, attestation }]: readonly [Architecture, ImageContents]): IndexEntry => ({
  architecture,
  manifest: stored.manifest,
  ...(attestation && { attestation: attestation.manifest }),
})

/**
 * Decides what the tags of the version point at. Asks the registries only if `existing` is not `replace`: one request for each tag of the version, and one
 * more for each that points at another image.
 *
 * With `keep`, a published image stays under its tag, and is that of the version everywhere: in a manifest list that is missing or lacks other architectures,
 * and in registries that do not have the version yet.
 */
export async function decideVersion(
  addon: PublishableAddon,
  registry: Registry,
  existing: Existing,
): Promise<VersionContents> {
  const built = builtImages(addon)
  const list = listOfImages(built, addon)
  const nothing = { images: built, ...(list && { list }), known: new Map(), kept: new Set<string>(), conflicts: [] }
  if (existing === 'replace') return nothing
  const wanted = [
    ...addon.images.flatMap(({ names, stored }) => versionTags(names, stored.manifest, addon)),
    ...(list ? versionTags(addon.multiArch?.names ?? [], list.manifest, addon) : []),
  ]
  const known = await readTags(wanted, registry)
  const conflicts = wanted.filter(({ name, manifest }) => {
    const found = known.get(name)
    return found !== undefined && found.digest !== manifest.digest
  })
  if (conflicts.length === 0 || existing === 'fail') {
    return { ...nothing, known, conflicts: conflicts.map(({ name }) => name) }
  }
  const kept = await withKept(addon, known, registry)
  const isKept = ({ name, manifest }: VersionTag): boolean =>
    manifest !== list?.manifest || !lacksImages(known.get(name), kept.images)
  const names = conflicts.filter(isKept).map(({ name }) => name)
  return { ...kept, known, kept: new Set(names), conflicts: [] }
}

/** Whether it is a manifest list without one of these images. A single image under the name of the list is not: it cannot be completed. */
const lacksImages = (manifest: Manifest | undefined, images: VersionContents['images']): boolean => {
  if (manifest === undefined || !isIndex(manifest)) return false
  const { architectures } = readIndex(manifest)
  return [...images.keys()].some((architecture) => !architectures.has(architecture))
}

/** A tag of the version. */
interface VersionTag {
  readonly image: string
  readonly tag: string
  /** `name:tag`. */
  readonly name: string
  /** What this run would publish. */
  readonly manifest: Manifest
}

const versionTags = (
  names: readonly TaggedName[],
  manifest: Manifest,
  { isVersion }: PublishableAddon,
): readonly VersionTag[] =>
  names.flatMap(({ image, tags }) =>
    tags.filter(isVersion).map((tag) => ({ image, tag, name: nameOf(parseRepository(image), tag), manifest })),
  )

const requestsAtOnce = 6

async function readTags(tags: readonly VersionTag[], registry: Registry): Promise<KnownTags> {
  const limit = pLimit(requestsAtOnce)
  const read = async ({ image, tag, name, manifest }: VersionTag) => {
    const found = await currentManifest(parseRepository(image), tag, manifest, registry).catch((thrown: unknown) => {
      // Some registries answer so for a repository that the first push creates. If the tag exists after all, it is not moved.
      if (isRefused(thrown)) return undefined
      throw thrown
    })
    return [name, found] as const
  }
  return new Map(await Promise.all(tags.map((one) => limit(() => read(one)))))
}

/** The version with the images that are published already, and those of this run for the rest. */
async function withKept(
  addon: PublishableAddon,
  known: KnownTags,
  registry: Registry,
): Promise<Pick<VersionContents, 'images' | 'list'>> {
  const found = addon.multiArch && publishedUnder(addon.multiArch.names, known)
  const list = found && isIndex(found.manifest) ? found : undefined
  const images = new Map<Architecture, ImageContents>()
  for (const { architecture, names, stored, attestation } of addon.images) {
    const own = { stored, ...(attestation && { attestation }) }
    // If architectures share a name, only the list has their images.
    const published = publishedUnder(names, known) ?? list
    const isOwn = published?.manifest.digest === stored.manifest.digest
    const kept = published && !isOwn && (await openPublished(registry, published, architecture))
    images.set(architecture, kept || own)
  }
  const made = listOfImages(images, addon)
  if (!list) return { images, ...(made && { list: made }) }
  const { architectures, digests } = readIndex(list.manifest)
  const missing = new Map([...images].filter(([architecture]) => !architectures.has(architecture)))
  const manifest = missing.size === 0 ? list.manifest : extendIndex(list.manifest, [...missing].map(entryOf))
  // They are there already, except in another repository that gets the list.
  const isCopied = addon.multiArch?.names.some(
    ({ image, tags }) =>
      image !== list.image &&
      tags.some((tag) => {
        const name = nameOf(parseRepository(image), tag)
        return addon.isVersion(tag) && (known.get(name) === undefined || lacksImages(known.get(name), images))
      }),
  )
  const present = isCopied ? await Promise.all(digests.map((one) => openStored(registry, list.image, one))) : []
  return { images, list: { manifest, parts: [...present, ...[...missing.values()].flatMap(partsOf)] } }
}

interface PublishedName {
  readonly image: string
  readonly manifest: Manifest
}

/** The first of these names whose version is published. */
function publishedUnder(names: readonly TaggedName[], known: KnownTags): PublishedName | undefined {
  for (const { image, tags } of names) {
    for (const tag of tags) {
      const manifest = known.get(nameOf(parseRepository(image), tag))
      if (manifest) return { image, manifest }
    }
  }
  return undefined
}

/**
 * The image of one architecture under a published tag. Other tools put an image and its attestation under one tag, as an index.
 * Undefined: the tag has no image of this architecture.
 */
async function openPublished(
  registry: Registry,
  { image, manifest }: PublishedName,
  architecture: Architecture,
): Promise<ImageContents | undefined> {
  if (!isIndex(manifest)) return { stored: storedFrom(registry, image, manifest) }
  const entries = listOf(parseJson(manifest.bytes, 'a manifest', image), 'manifests')
  const entry = entries.find((one) => isEntryOf(one, architecture))
  const digest = fieldOf(entry, 'digest')
  if (!isDigest(digest)) return undefined
  // Source: BuildKit docs/attestations/attestation-storage.md.
  const attested = entries.find((one) => textOf(one, 'annotations', 'vnd.docker.reference.digest') === digest)
  const attestation = fieldOf(attested, 'digest')
  return {
    stored: await openStored(registry, image, digest),
    ...(isDigest(attestation) && { attestation: await openStored(registry, image, attestation) }),
  }
}
