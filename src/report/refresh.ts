import type { Architecture } from '../core/architecture.ts'
import type { Digest } from '../core/digest.ts'
import { count, escapeControls } from '../core/text.ts'
import { mostJobs, targetLine } from '../plan/matrix.ts'

/** Whether the base image of a published image has changed since it was built. */
export type BaseState =
  | { readonly status: 'current' }
  | {
      readonly status: 'moved'
      /** `docker.io/library/alpine:3.22`. */
      readonly base: string
      /** Undefined: the image does not record it. */
      readonly was?: Digest
      readonly now: Digest
      /** A sentence. */
      readonly reason: string
    }
  /** `reason`: a sentence. */
  | { readonly status: 'unknown'; readonly reason: string }

export interface RefreshedImage {
  readonly architecture: Architecture
  /** With its tag. */
  readonly image: string
  readonly state: BaseState
}

export interface RefreshedAddon {
  readonly addon: string
  readonly name: string
  readonly folder: string
  readonly version: string
  /** The version to publish next; undefined if no image moved, or if `version` has no successor. */
  readonly next?: string
  readonly images: readonly RefreshedImage[]
}

/** An image whose base image has moved. */
interface OutdatedImage extends RefreshedImage {
  readonly state: Extract<BaseState, { readonly status: 'moved' }>
}

interface OutdatedAddon extends RefreshedAddon {
  readonly images: readonly OutdatedImage[]
}

const isOutdated = (image: RefreshedImage): image is OutdatedImage => image.state.status === 'moved'

/** The add-ons with at least one image whose base image has moved, each with only these images. */
export const outdatedAddons = (addons: readonly RefreshedAddon[]): readonly OutdatedAddon[] =>
  addons
    .map((addon) => ({ ...addon, images: addon.images.filter(isOutdated) }))
    .filter(({ images }) => images.length > 0)

/** The images whose state is not known, each with its reason. */
export const unknownImages = (
  addons: readonly RefreshedAddon[],
): readonly { readonly addon: string; readonly architecture: Architecture; readonly reason: string }[] =>
  addons.flatMap(({ addon, images }) =>
    images.flatMap(({ architecture, state }) =>
      state.status === 'unknown' ? [{ addon, architecture, reason: state.reason }] : [],
    ),
  )

/** The outputs of the step. A matrix has at most 256 jobs; the other add-ons follow in a later run. */
export function refreshOutputs(addons: readonly RefreshedAddon[]): ReadonlyMap<string, string> {
  const outdated = outdatedAddons(addons)
  const list = outdated.map(({ addon, folder, version, next, images }) => ({
    addon,
    folder,
    version,
    ...(next !== undefined && { next }),
    images: images.map(({ architecture, image, state: { status: _, ...state } }) => ({
      architecture,
      image,
      ...state,
    })),
  }))
  const include = outdated.slice(0, mostJobs).map(({ addon, folder, version, next = '' }) => ({
    name: addon,
    addon,
    target: targetLine(folder),
    version,
    next,
  }))
  return new Map([
    ['outdated', JSON.stringify(list)],
    ['matrix', JSON.stringify({ include })],
  ])
}

/** `sha256:0123456789abcdef…` → `0123456789ab`. */
export const shortDigest = (digest: Digest): string => digest.slice('sha256:'.length).slice(0, 12)

/** `1.2.3 → 1.2.4`; only the version if it has no successor. */
export const versionChange = ({ version, next }: Pick<RefreshedAddon, 'version' | 'next'>): string =>
  next === undefined ? version : `${version} → ${next}`

/** `3 add-ons have a base image that has changed.` */
export function refreshHeadline(addons: readonly RefreshedAddon[]): string {
  if (addons.length === 0) return 'There is no add-on to check.'
  const outdated = outdatedAddons(addons).length
  if (outdated > 0) {
    return `${count(outdated, 'add-on has', 'add-ons have')} a base image that has changed since the published version.`
  }
  return unknownImages(addons).length > 0
    ? 'No base image is known to have changed.'
    : 'All published versions have the current base images.'
}

/** The result as text, for the log and the terminal. Nothing in it can act on a terminal. */
export const refreshLines = (addons: readonly RefreshedAddon[]): readonly string[] =>
  [
    ...outdatedAddons(addons).flatMap(({ addon, images, ...versions }) => [
      `${addon} ${versionChange(versions)}`,
      ...images.map(
        ({ architecture, state: { base, was, now, reason } }) =>
          `  ${architecture}: ${base} ${was === undefined ? '' : `was ${shortDigest(was)} and `}is now ${shortDigest(now)}. ${reason}`,
      ),
    ]),
    ...unknownImages(addons).map(({ addon, architecture, reason }) => `Not known: ${addon} ${architecture}: ${reason}`),
    refreshHeadline(addons),
  ].map(escapeControls)
