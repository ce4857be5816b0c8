import pLimit from 'p-limit'
import { untilAborted } from '../core/abort.ts'
import type { Architecture } from '../core/architecture.ts'
import type { Digest } from '../core/digest.ts'
import type { Manifest, Registry } from './client.ts'
import { eachBlobOnce } from './each-blob-once.ts'
import { isMissing, isRefused, RegistryError } from './error.ts'
import { type IndexEntry, makeIndex } from './image-index.ts'
import { parseRepository, type Repository } from './name.ts'
import type { StoredImage } from './stored-image.ts'
import { moveTags, type TagMove } from './tags.ts'

/** One tested image, and the names it gets. */
export interface Publishable {
  readonly architecture: Architecture
  /** Without tag. */
  readonly image: string
  readonly tags: readonly string[]
  readonly stored: StoredImage
  /** Provenance or SBOM: an entry of the manifest list beside its image, so that the image's own tag stays the image. */
  readonly attestation?: StoredImage
  /** Config digest of the image that was tested. */
  readonly testedConfig: Digest
}

/** All images of one add-on, and its manifest list where it has one. */
export interface PublishableAddon {
  readonly images: readonly Publishable[]
  readonly multiArch?: {
    readonly image: string
    readonly tags: readonly string[]
    readonly annotations: ReadonlyMap<string, string>
  }
}

export interface PublishedAddon {
  readonly digests: ReadonlyMap<Architecture, Digest>
  readonly manifest?: Digest
}

const uploadsAtOnce = 6

/**
 * All or nothing: first everything is uploaded under its digest, where no user sees it; only when all of it is there do tags move,
 * those of single architectures first, manifest lists last. A tag that was moved before an error goes back to where it was.
 * Signatures are of digests and are made in between: one that fails leaves every tag where it was, and every tag that moves is signed.
 * Running it again completes or repeats it, and uploads nothing twice. A cancel is an error like any other: it rejects with the signal's reason.
 */
export async function publish(
  addons: readonly PublishableAddon[],
  registry: Registry,
  signal: AbortSignal = new AbortController().signal,
  sign?: (references: readonly string[]) => Promise<void>,
): Promise<readonly PublishedAddon[]> {
  for (const { images } of addons) for (const image of images) assertTested(image)
  const limit = pLimit(uploadsAtOnce)
  const shared = eachBlobOnce(registry)
  const uploads = addons.flatMap(({ images, multiArch }) =>
    images.map((image) => upload(image, multiArch && parseRepository(multiArch.image), shared, limit)),
  )
  // Uploads that a cancel interrupts end with the process; no tag names them.
  await untilAborted(Promise.all(uploads), signal)
  const indexes = addons.map(({ images, multiArch }) =>
    multiArch === undefined ? undefined : makeIndex(images.map(entryOf), multiArch.annotations),
  )
  if (sign) await signAll(addons, indexes, registry, signal, sign)
  const single = addons.flatMap(({ images }) =>
    images.flatMap(({ image, tags, stored }) => movesOf(image, tags, stored.manifest)),
  )
  const lists = addons.flatMap(({ multiArch }, index) => {
    const list = indexes[index]
    return multiArch && list ? movesOf(multiArch.image, multiArch.tags, list) : []
  })
  await moveTags([...single, ...lists], registry, signal)
  return addons.map(({ images }, index) => ({
    digests: new Map(images.map(({ architecture, stored }) => [architecture, stored.manifest.digest])),
    ...(indexes[index] && { manifest: indexes[index].digest }),
  }))
}

/** Each image where its own tags are, and each list; a list has to be in the registry to be signed, though under no tag yet. */
async function signAll(
  addons: readonly PublishableAddon[],
  indexes: readonly (Manifest | undefined)[],
  registry: Registry,
  signal: AbortSignal,
  sign: (references: readonly string[]) => Promise<void>,
): Promise<void> {
  const references = addons.flatMap(({ images }) =>
    images.map(({ image, stored }) => `${image}@${stored.manifest.digest}`),
  )
  for (const [position, { multiArch }] of addons.entries()) {
    const index = indexes[position]
    if (multiArch === undefined || index === undefined) continue
    await registry.putManifest(parseRepository(multiArch.image), index.digest, index)
    references.push(`${multiArch.image}@${index.digest}`)
  }
  await untilAborted(sign([...new Set(references)]), signal)
}

/**
 * Puts one image into a registry under its digest only.
 * @returns the digests of those of its manifests that its repository did not have before.
 */
export async function upload(
  { image, stored, attestation }: Publishable,
  listRepository: Repository | undefined,
  registry: Registry,
  limit = pLimit(uploadsAtOnce),
): Promise<readonly Digest[]> {
  const repository = parseRepository(image)
  const sent: Digest[] = []
  for (const one of attestation ? [stored, attestation] : [stored]) {
    if (await send(one, repository, registry, limit)) sent.push(one.manifest.digest)
  }
  // A manifest list can only name manifests of the same repository.
  if (listRepository && listRepository.path !== repository.path) {
    const from = listRepository.host === repository.host ? repository : undefined
    for (const one of attestation ? [stored, attestation] : [stored])
      await send(one, listRepository, registry, limit, from)
  }
  return sent
}

/** @returns whether the repository did not have it. */
async function send(
  stored: StoredImage,
  repository: Repository,
  registry: Registry,
  limit: <T>(work: () => Promise<T>) => Promise<T>,
  from?: Repository,
): Promise<boolean> {
  if (await isComplete(stored, repository, registry)) return false
  await Promise.all(
    stored.blobs.map((blob) => limit(() => registry.putBlob(repository, blob, () => stored.open(blob.digest), from))),
  )
  await registry.putManifest(repository, stored.manifest.digest, stored.manifest)
  return true
}

/**
 * A registry accepts a manifest only when it has all its blobs, and keeps them as long as the manifest: one request instead of one for each blob.
 * A refusal here decides nothing: registries refuse to read a repository that the first push creates.
 */
async function isComplete({ manifest }: StoredImage, repository: Repository, registry: Registry): Promise<boolean> {
  try {
    return (await registry.digestOf(repository, manifest.digest)) === manifest.digest
  } catch (thrown) {
    if (isRefused(thrown) || isMissing(thrown)) return false
    throw thrown
  }
}

const entryOf = ({ architecture, stored, attestation }: Publishable): IndexEntry => ({
  architecture,
  manifest: stored.manifest,
  ...(attestation && { attestation: attestation.manifest }),
})

const movesOf = (image: string, tags: readonly string[], manifest: Manifest): readonly TagMove[] =>
  tags.map((tag) => ({ repository: parseRepository(image), tag, manifest }))

/** The published image must be the tested one: the config digest names the file system, the environment and the command of an image. */
function assertTested({ image, stored, testedConfig }: Publishable): void {
  if (stored.configDigest === testedConfig) return
  throw new RegistryError(
    'INVALID_IMAGE',
    `The image to publish as ${image} (config ${stored.configDigest}) is not the one that was tested (${testedConfig}).`,
  )
}
