import pLimit from 'p-limit'
import { untilAborted } from '../core/abort.ts'
import type { Architecture } from '../core/architecture.ts'
import type { Digest } from '../core/digest.ts'
import type { Registry } from './client.ts'
import { isMissing, isRefused, RegistryError } from './error.ts'
import { type IndexEntry, makeIndex } from './image-index.ts'
import { parseRepository, type Repository } from './name.ts'
import type { StoredImage } from './stored-image.ts'
import { moveTags } from './tags.ts'

/** One tested image, and the names it gets. */
export interface Publishable {
  readonly architecture: Architecture
  /** Without tag. */
  readonly image: string
  readonly tags: readonly string[]
  readonly stored: StoredImage
  /** Provenance or SBOM: an entry of the manifest list beside its image, so that the image's own tag stays the image. */
  readonly attestation?: StoredImage
  readonly testedConfig: Digest
}

export interface PublishableAddon {
  readonly images: readonly Publishable[]
  readonly multiArch?: {
    readonly image: string
    readonly tags: readonly string[]
    readonly annotations: ReadonlyMap<string, string>
  }
}

/** A tag that a run has published, or left as it was. */
interface PublishedTag {
  /** Without tag. */
  readonly image: string
  readonly tag: string
  readonly digest: Digest
}

export interface PublishedAddon {
  /** Every tag of every name. */
  readonly tags: readonly PublishedTag[]
  readonly digests: ReadonlyMap<Architecture, Digest>
  readonly manifest?: Digest
}

const uploadsAtOnce = 6

/**
 * All or nothing: everything is uploaded under its digest, then signed; then tags move, manifest lists last. On an error every tag goes back, so
 * every tag that moved is signed. A repeated call completes the first and uploads nothing twice. A cancel rejects with the signal's reason.
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
  const singles = addons.flatMap(({ images }) =>
    images.map(({ image, tags, stored }) => ({ image, tags, manifest: stored.manifest })),
  )
  const lists = addons.map(
    ({ images, multiArch }) =>
      multiArch && { ...multiArch, manifest: makeIndex(images.map(entryOf), multiArch.annotations) },
  )
  const madeLists = lists.filter((list) => list !== undefined)
  const all = [...singles, ...madeLists]
  if (sign) {
    // A list must be in the registry before it can be signed, but not under a tag yet.
    for (const { image, manifest } of madeLists) {
      await registry.putManifest(parseRepository(image), manifest.digest, manifest)
    }
    const references = all.map(({ image, manifest }) => `${image}@${manifest.digest}`)
    await untilAborted(sign([...new Set(references)]), signal)
  }
  const moves = all.flatMap(({ image, tags, manifest }) =>
    tags.map((tag) => ({ repository: parseRepository(image), tag, manifest })),
  )
  await moveTags(moves, registry, signal)
  return addons.map(({ images, multiArch }, position) => ({
    tags: [
      ...images.flatMap(({ image, tags, stored }) =>
        tags.map((tag) => ({ image, tag, digest: stored.manifest.digest })),
      ),
      ...(multiArch?.tags ?? []).flatMap((tag) => {
        const digest = lists[position]?.manifest.digest
        return multiArch && digest ? [{ image: multiArch.image, tag, digest }] : []
      }),
    ],
    digests: new Map(images.map(({ architecture, stored }) => [architecture, stored.manifest.digest])),
    ...(lists[position] && { manifest: lists[position].manifest.digest }),
  }))
}

/** Puts one image into a registry under its digest only. @returns the digests of the manifests that its repository did not have. */
export async function upload(
  { image, stored, attestation }: Publishable,
  listRepository: Repository | undefined,
  registry: Registry,
  limit = pLimit(uploadsAtOnce),
): Promise<readonly Digest[]> {
  const repository = parseRepository(image)
  const parts = attestation ? [stored, attestation] : [stored]
  const sent: Digest[] = []
  for (const one of parts) {
    if (await send(one, repository, registry, limit)) sent.push(one.manifest.digest)
  }
  // A manifest list can only name manifests of the same repository.
  if (listRepository && listRepository.path !== repository.path) {
    for (const one of parts) await send(one, listRepository, registry, limit, repository)
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

/** A manifest is there only with all its blobs. Refused access counts as incomplete: the first push may create the repository. */
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

/** The published image must be the tested one: the config digest names the file system, the environment and the command of an image. */
function assertTested({ image, stored, testedConfig }: Publishable): void {
  if (stored.configDigest === testedConfig) return
  throw new RegistryError(
    'INVALID_IMAGE',
    `The image to publish as ${image} (config ${stored.configDigest}) is not the one that was tested (${testedConfig}).`,
  )
}

/** The same registry, but a blob of several images is uploaded to a repository once. After a failure the next call tries again. */
export function eachBlobOnce(registry: Registry): Registry {
  const underWay = new Map<string, ReturnType<Registry['putBlob']>>()
  return {
    ...registry,
    putBlob(repository, blob, open, from) {
      const key = `${repository.host}/${repository.path}@${blob.digest}`
      const known = underWay.get(key)
      if (known) return known
      const sending = registry.putBlob(repository, blob, open, from)
      underWay.set(key, sending)
      sending.catch(() => underWay.delete(key))
      return sending
    },
  }
}
