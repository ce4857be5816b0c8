import pLimit from 'p-limit'
import { nextVersion, tagText } from '../addon/version.ts'
import { Failure, messageOf } from '../core/diagnostics.ts'
import { type Digest, isDigest } from '../core/digest.ts'
import { textOf } from '../core/json-fields.ts'
import { readDocuments } from '../image/image.ts'
import type { Options } from '../inputs/options.ts'
import type { Plan, PlannedAddon, Target } from '../plan/plan.ts'
import { type BaseImage, baseDigestKey, baseImageOf, baseNameKey, parseBase } from '../registry/base-image.ts'
import { isMissing, isRefused } from '../registry/error.ts'
import { parseReference } from '../registry/name.ts'
import { type RegistryReads, readEachOnce } from '../registry/read-each-once.ts'
import type { BaseState, RefreshedAddon, RefreshedImage } from '../report/refresh.ts'
import { openReference } from '../size/baseline.ts'

/** Maximum images that are read at the same time. Each has one request at a time. */
const imagesAtOnce = 6

/**
 * Compares the base image that each published version was built on with what the name of that base image is today. Never rejects: what cannot be read is
 * not known.
 */
export async function findOutdated(
  plan: Pick<Plan, 'addons'>,
  { buildContexts }: Pick<Options, 'buildContexts'>,
  registry: RegistryReads,
): Promise<readonly RefreshedAddon[]> {
  const limit = pLimit(imagesAtOnce)
  const reads = readEachOnce(registry)
  const layersOf = openLayers(reads)
  const read = async (addon: PlannedAddon, target: Target): Promise<RefreshedImage> => {
    const planned = baseImageOf(target, buildContexts)
    const { image, state } = await stateOf(publishedNames(addon, target), target, planned, { reads, layersOf })
    return { architecture: target.architecture, image, state }
  }
  return Promise.all(
    plan.addons.map(async (addon) => {
      const { slug, name, folder, version, targets } = addon
      const images = await Promise.all(targets.map((target) => limit(() => read(addon, target))))
      const moved = images.find(({ state }) => state.status === 'moved')
      const next = moved && nextVersion(version, await limit(() => tagsOf(moved.image, reads)))
      return { addon: slug, name, folder, version, ...(next !== undefined && { next }), images }
    }),
  )
}

/** The image of the architecture, else the image for all of them, with the tag of the version. */
function publishedNames({ version, multiArch }: PlannedAddon, { image }: Target): readonly string[] {
  const tag = tagText(version)
  return [...new Set([image, ...(multiArch ? [multiArch.image] : [])])].map((name) => `${name}:${tag}`)
}

/** Published tags, so that a version that exists is not proposed. */
const tagsOf = (image: string, registry: RegistryReads): Promise<readonly string[]> =>
  registry.listTags(parseReference(image)).catch(() => [])

/** The layers of the image that a name leads to today, by diff ID. */
type LayersOf = (base: BaseImage, digest: Digest, platform: string) => Promise<readonly Digest[]>

function openLayers(registry: RegistryReads): LayersOf {
  const known = new Map<string, Promise<readonly Digest[]>>()
  return ({ repository }, digest, platform) => {
    const name = `${repository.registry}/${repository.path}@${digest}`
    const key = `${name} ${platform}`
    const reading = known.get(key) ?? readDocuments(openReference(name, registry), platform).then(diffIdsOf)
    known.set(key, reading)
    return reading
  }
}

const diffIdsOf = ({ config }: Awaited<ReturnType<typeof readDocuments>>): readonly Digest[] => config.diffIds

interface Sources {
  readonly reads: RegistryReads
  readonly layersOf: LayersOf
}

/** @param planned the base image in the Dockerfile; undefined: it has none, or it is not known before the build. */
async function stateOf(
  names: readonly string[],
  { baseImage, platform }: Target,
  planned: BaseImage | undefined,
  { reads, layersOf }: Sources,
): Promise<Omit<RefreshedImage, 'architecture'>> {
  const [first = ''] = names
  // These never move. A digest in a Dockerfile is for Renovate or Dependabot to change.
  if (baseImage === 'scratch' || planned?.digest !== undefined) return { image: first, state: { status: 'current' } }
  const published = await readPublished(names, platform, reads)
  if ('reason' in published) return { image: first, state: notKnown(published.reason) }
  const { image, recorded, digest, layers } = published
  const base = recorded ?? planned
  if (base === undefined)
    return { image, state: notKnown('The name of the base image is known only during the build.') }
  try {
    const now = await reads.digestOf(base.repository, base.reference)
    if (now === undefined) return { image, state: notKnown(`${base.name} is not in its registry.`) }
    if (now === digest) return { image, state: { status: 'current' } }
    // An index also changes when the image of another architecture does.
    const state = compareLayers(layers, await layersOf(base, now, platform), { base: base.name, was: digest, now })
    return { image, state }
  } catch (thrown) {
    return { image, state: notKnown(`The base image ${base.name} cannot be read: ${reasonOf(thrown)}`) }
  }
}

const notKnown = (reason: string): BaseState => ({ status: 'unknown', reason })

/** An image begins with the layers of its base image. Pure. */
export function compareLayers(
  published: readonly Digest[],
  layers: readonly Digest[],
  { base, was, now }: { readonly base: string; readonly was: Digest | undefined; readonly now: Digest },
): BaseState {
  if (layers.every((layer, index) => layer === published[index])) return { status: 'current' }
  const reason =
    was === undefined
      ? 'The published image does not begin with its layers.'
      : 'The published image was built on an earlier one.'
  return { status: 'moved', base, ...(was !== undefined && { was }), now, reason }
}

/** A published image, with the base image that it records. */
interface Published {
  readonly image: string
  readonly recorded?: BaseImage
  /** The recorded digest of that base image. */
  readonly digest?: Digest
  /** By diff ID. */
  readonly layers: readonly Digest[]
}

/** The first of the images that is published, else why the first one cannot be read. */
async function readPublished(
  names: readonly string[],
  platform: string,
  registry: RegistryReads,
): Promise<Published | { readonly reason: string }> {
  let reason: string | undefined
  for (const image of names) {
    try {
      const { manifest, config } = await readDocuments(openReference(image, registry), platform)
      const recorded = parseBase(textOf(manifest.annotations, baseNameKey))
      const digest = textOf(manifest.annotations, baseDigestKey)
      // A name that was pinned leads to the same image forever; then the Dockerfile of today counts.
      if (recorded === undefined || recorded.name.includes('@')) return { image, layers: config.diffIds }
      return { image, recorded, ...(isDigest(digest) && { digest }), layers: config.diffIds }
    } catch (thrown) {
      reason ??= whyNotRead(image, thrown)
    }
  }
  return { reason: reason ?? 'It has no image.' }
}

function whyNotRead(image: string, thrown: unknown): string {
  if (isMissing(thrown)) return `${image} is not published.`
  // Registries refuse access to repositories that do not exist.
  if (isRefused(thrown)) return `${image} is not published, or this run may not read it.`
  return `${image} cannot be read: ${reasonOf(thrown)}`
}

/** A Failure about an image has a remedy for its builder, which does not help here. */
const reasonOf = (thrown: unknown): string =>
  (thrown instanceof Failure ? thrown.diagnostics[0]?.message : undefined) ?? messageOf(thrown)
