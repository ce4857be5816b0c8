import pLimit from 'p-limit'
import { untilAborted } from '../core/abort.ts'
import type { Architecture } from '../core/architecture.ts'
import type { Digest } from '../core/digest.ts'
import type { Manifest, Registry } from './client.ts'
import { isMissing, isRefused, RegistryError } from './error.ts'
import {
  builtImages,
  decideVersion,
  type Existing,
  type ImageContents,
  listOfImages,
  partsOf,
  type VersionContents,
} from './existing.ts'
import { parseRepository, type Repository } from './name.ts'
import type { Publishable, PublishableAddon } from './publishable.ts'
import type { PublishedTag } from './published-tag.ts'
import type { StoredImage } from './stored-image.ts'
import { moveTags, nameOf } from './tags.ts'

export interface PublishedAddon {
  /** Every tag of every name. */
  readonly tags: readonly PublishedTag[]
  /** The images of the version. */
  readonly digests: ReadonlyMap<Architecture, Digest>
  readonly manifest?: Digest
  /** Tags of the version that pointed at other images before. */
  readonly replaced: readonly string[]
}

/** `existing: fail`: versions are published already. Nothing was uploaded. */
export class AlreadyPublished extends Error {
  override readonly name = 'AlreadyPublished'
  /** For each add-on, in the order of the call: its tags that point at other images. */
  readonly tags: readonly (readonly string[])[]

  constructor(tags: readonly (readonly string[])[]) {
    super(`Already published: ${tags.flat().join(', ')}.`)
    this.tags = tags
  }
}

const uploadsAtOnce = 6

interface PublishOptions {
  /** Default: `replace`. */
  readonly existing?: Existing
  readonly signal?: AbortSignal
  readonly sign?: (references: readonly string[]) => Promise<void>
}

/**
 * All or nothing, in all registries: everything is uploaded under its digest, then signed; then tags move, manifest lists last. On an error every tag goes
 * back, so every tag that moved is signed. A repeated call completes the first and uploads nothing twice. A cancel rejects with the signal's reason.
 * Rejects with AlreadyPublished if `existing` is `fail`.
 */
export async function publish(
  addons: readonly PublishableAddon[],
  registry: Registry,
  { existing = 'replace', signal = new AbortController().signal, sign }: PublishOptions = {},
): Promise<readonly PublishedAddon[]> {
  for (const { images } of addons) for (const image of images) assertTested(image)
  const versions = await untilAborted(
    Promise.all(addons.map((addon) => decideVersion(addon, registry, existing))),
    signal,
  )
  if (versions.some(({ conflicts }) => conflicts.length > 0)) {
    throw new AlreadyPublished(versions.map(({ conflicts }) => conflicts))
  }
  const decided = addons.flatMap((addon, index) => {
    const version = versions[index]
    return version ? [{ version, placements: placementsOf(addon, version) }] : []
  })
  const all = decided.flatMap(({ placements }) => placements)
  const isMoved = ({ isKept }: Placement): boolean => !isKept
  // Uploads that a cancel interrupts end with the process; no tag names them.
  await untilAborted(uploadAll(all.filter(isMoved), registry), signal)
  if (sign) {
    const signed = all.filter(isMoved).toSorted((a, b) => Number(a.isList) - Number(b.isList))
    // A list must be in the registry before it can be signed, but not under a tag yet.
    for (const { image, manifest } of unique(signed.filter(({ isList }) => isList))) {
      await registry.putManifest(parseRepository(image), manifest.digest, manifest)
    }
    await untilAborted(sign(unique(signed).map(({ image, manifest }) => `${image}@${manifest.digest}`)), signal)
  }
  const moves = all
    .filter(isMoved)
    .flatMap(({ image, tag, manifest, isList }) =>
      tag === undefined ? [] : [{ repository: parseRepository(image), tag, manifest, isList }],
    )
  const known = new Map(versions.flatMap((version) => [...version.known]))
  // Manifest lists last, those of other add-ons included.
  const inOrder = moves.toSorted((a, b) => Number(a.isList) - Number(b.isList))
  const taken = await moveTags(inOrder, registry, signal, known)
  const takenNames = new Set(taken.map(({ repository, tag }) => nameOf(repository, tag)))
  return decided.map(({ version, placements }, index) => describe(addons[index], version, placements, takenNames))
}

/** One tag of one name, or a name without tags, and what it is to point at. */
interface Placement {
  readonly image: string
  /** Undefined: the image is only put there under its digest. */
  readonly tag?: string
  readonly manifest: Manifest
  /** What the repository must have before: the image with its attestation, or every image of a list. */
  readonly parts: readonly StoredImage[]
  readonly isList: boolean
  readonly isVersion: boolean
  readonly isKept: boolean
}

function placementsOf(addon: PublishableAddon, version: VersionContents): readonly Placement[] {
  const list = listOfImages(builtImages(addon), addon)
  const place = (
    image: string,
    tag: string,
    contents: Pick<Placement, 'manifest' | 'parts'> | undefined,
    isList: boolean,
  ): readonly Placement[] => {
    const isKept = version.kept.has(nameOf(parseRepository(image), tag))
    return contents ? [{ image, tag, ...contents, isList, isVersion: addon.isVersion(tag), isKept }] : []
  }
  const images = addon.images.flatMap((built) => {
    const own = { manifest: built.stored.manifest, parts: partsOf(built) }
    const ofVersion = version.images.get(built.architecture)
    const fixed = ofVersion && { manifest: ofVersion.stored.manifest, parts: partsOf(ofVersion) }
    return built.names.flatMap(({ image, tags }) =>
      tags.length === 0
        ? [{ image, ...own, isList: false, isVersion: false, isKept: false }]
        : tags.flatMap((tag) => place(image, tag, addon.isVersion(tag) ? fixed : own, false)),
    )
  })
  const lists = (addon.multiArch?.names ?? []).flatMap(({ image, tags }) =>
    tags.flatMap((tag) => place(image, tag, addon.isVersion(tag) ? version.list : list, true)),
  )
  return [...images, ...lists]
}

/** Each manifest of each name once. */
const unique = (placements: readonly Placement[]): readonly Placement[] => [
  ...new Map(placements.map((one) => [`${one.image}@${one.manifest.digest}`, one])).values(),
]

function describe(
  addon: PublishableAddon | undefined,
  { images, known }: VersionContents,
  placements: readonly Placement[],
  taken: ReadonlySet<string>,
): PublishedAddon {
  const tags = placements.flatMap(({ image, tag, manifest, isList, isVersion, isKept }) => {
    if (tag === undefined) return []
    const name = nameOf(parseRepository(image), tag)
    const digest = isKept ? (known.get(name)?.digest ?? manifest.digest) : manifest.digest
    const marks = { ...(isList && { multiArch: true as const }), ...(isKept && { kept: true as const }) }
    return [{ image, tag, digest, name, isVersion, ...marks }]
  })
  const lists = placements.filter(({ isList }) => isList)
  const list = lists.find(({ isVersion }) => isVersion) ?? lists[0]
  const hasVersion = tags.some(({ isVersion }) => isVersion)
  const shown = hasVersion || !addon ? images : builtImages(addon)
  return {
    tags: tags.map(({ name: _, isVersion: __, ...tag }) => tag),
    digests: new Map([...shown].map(([architecture, { stored }]) => [architecture, stored.manifest.digest])),
    ...(list && { manifest: list.manifest.digest }),
    replaced: tags.filter(({ name, isVersion }) => isVersion && taken.has(name)).map(({ name }) => name),
  }
}

/** Puts the parts of all placements into their repositories. Each part goes to a repository once, and is mounted from another one of the same registry. */
async function uploadAll(placements: readonly Placement[], registry: Registry): Promise<void> {
  const limit = pLimit(uploadsAtOnce)
  const shared = eachBlobOnce(registry)
  const repositories = new Map<Digest, { readonly part: StoredImage; readonly images: Set<string> }>()
  for (const { image, parts } of placements) {
    for (const part of parts) {
      const known = repositories.get(part.manifest.digest) ?? { part, images: new Set() }
      repositories.set(part.manifest.digest, { ...known, images: known.images.add(image) })
    }
  }
  await Promise.all(
    [...repositories.values()].map(async ({ part, images }) => {
      const done = part.repository ? [part.repository] : []
      for (const image of images) {
        const repository = parseRepository(image)
        const from = done.find(({ host }) => host === repository.host)
        if (done.some(({ host, path }) => host === repository.host && path === repository.path)) continue
        await send(part, repository, shared, limit, from)
        done.push(repository)
      }
    }),
  )
}

/** Puts one image into a registry under its digest only. @returns the digests of the manifests that its repository did not have. */
export async function upload(image: string, contents: ImageContents, registry: Registry): Promise<readonly Digest[]> {
  const limit = pLimit(uploadsAtOnce)
  const sent: Digest[] = []
  for (const one of partsOf(contents)) {
    if (await send(one, parseRepository(image), registry, limit)) sent.push(one.manifest.digest)
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

/** The published image must be the tested one: the config digest names the file system, the environment and the command of an image. */
function assertTested({ names, stored, testedConfig }: Publishable): void {
  if (stored.configDigest === testedConfig) return
  throw new RegistryError(
    'INVALID_IMAGE',
    `The image to publish as ${names[0]?.image} (config ${stored.configDigest}) is not the one that was tested (${testedConfig}).`,
  )
}

/**
 * The same registry, but a blob of several images is sent to it once: each other repository waits, and mounts it from the first. After a failure the next
 * call tries again.
 */
export function eachBlobOnce(registry: Registry): Registry {
  const underWay = new Map<string, ReturnType<Registry['putBlob']>>()
  const first = new Map<string, { readonly repository: Repository; readonly sent: ReturnType<Registry['putBlob']> }>()
  return {
    ...registry,
    putBlob(repository, blob, open, from) {
      const key = `${repository.host}/${repository.path}@${blob.digest}`
      const known = underWay.get(key)
      if (known) return known
      const inRegistry = `${repository.host}@${blob.digest}`
      const other = first.get(inRegistry)
      const sending = other
        ? other.sent.then(
            () => registry.putBlob(repository, blob, open, other.repository),
            () => registry.putBlob(repository, blob, open, from),
          )
        : registry.putBlob(repository, blob, open, from)
      underWay.set(key, sending)
      if (!other) first.set(inRegistry, { repository, sent: sending })
      sending.catch(() => {
        underWay.delete(key)
        if (first.get(inRegistry)?.sent === sending) first.delete(inRegistry)
      })
      return sending
    },
  }
}
