import type { RunConfig } from '../addon/addon.ts'
import type { Architecture, Platform } from '../core/architecture.ts'
import type { Diagnostic, SourceLocation } from '../core/diagnostics.ts'

/** One name of an image, without tag, and the tags that it gets. */
export interface TaggedName {
  readonly image: string
  readonly tags: readonly string[]
}

/** One image to build: a single add-on for a single platform. Everything that buildx needs, decided. */
export interface Target {
  /** `aicleaner/aarch64`. */
  readonly id: string
  readonly addon: string
  readonly architecture: Architecture
  readonly platform: Platform
  /** Image name without tag: `ghcr.io/org/aarch64-aicleaner`. */
  readonly image: string
  /** Tags without the name: `1.2.3`, `latest`. Empty if all architectures share one name: then only the manifest list has tags. */
  readonly tags: readonly string[]
  /** Further names under which it is published, usually in other registries. Undefined: none. */
  readonly otherNames?: readonly TaggedName[]
  /** Relative to the workspace. */
  readonly context: string
  /** Relative to the workspace. */
  readonly dockerfile: string
  readonly stage?: string
  /** The base image of the final stage, if it is known before the build. */
  readonly baseImage?: string
  /** All images that the build may pull, as far as they are known before it; some may not be images. Undefined: none. */
  readonly pulls?: readonly string[]
  readonly buildArguments: ReadonlyMap<string, string>
  readonly buildContexts: ReadonlyMap<string, string>
  readonly labels: ReadonlyMap<string, string>
  readonly annotations: ReadonlyMap<string, string>
  /** `aicleaner-aarch64`. */
  readonly cacheScope: string
  readonly run: RunConfig
}

export interface PlannedAddon {
  readonly slug: string
  readonly name: string
  readonly folder: string
  readonly version: string
  /** Name and tags of the manifest list; undefined: there is none. */
  readonly multiArch?: {
    readonly image: string
    readonly tags: readonly string[]
    /** Further names of it, with the same tags. Undefined: none. */
    readonly otherImages?: readonly string[]
    /** Annotations of the manifest list. Registries show these. */
    readonly annotations: ReadonlyMap<string, string>
  }
  /** Location of `version` in config.yaml, if it is the version that is built. */
  readonly versionWhere?: SourceLocation
  /** `image` in config.yaml, for the first architecture: a name that devices pull. Undefined: it has none. */
  readonly pulledImage?: string
  /** Location of the image name in the files; undefined: they have none. */
  readonly imageWhere?: SourceLocation
  readonly targets: readonly Target[]
  readonly cosign?: {
    readonly identity?: string
    readonly issuer?: string
    readonly baseIdentity?: string
    readonly baseIssuer?: string
  }
}

/** Every name that the images of an add-on are published under, each once. */
export const imageNames = ({ targets, multiArch }: PlannedAddon): readonly string[] => [
  ...new Set([
    ...targets.flatMap((target) => namesOfTarget(target).map(({ image }) => image)),
    ...(multiArch ? [multiArch.image, ...(multiArch.otherImages ?? [])] : []),
  ]),
]

/** Every name of an image. The first is the one that `mode: build` pushes to. */
export const namesOfTarget = ({
  image,
  tags,
  otherNames = [],
}: Pick<Target, 'image' | 'tags' | 'otherNames'>): readonly TaggedName[] => [{ image, tags }, ...otherNames]

/** Every name of a manifest list. */
export const namesOfList = ({
  image,
  tags,
  otherImages = [],
}: Omit<NonNullable<PlannedAddon['multiArch']>, 'annotations'>): readonly TaggedName[] =>
  [image, ...otherImages].map((name) => ({ image: name, tags }))

/**
 * One cell of `strategy.matrix`. If there would be more than 256, a cell has several add-ons: a line for each in `target`.
 * It has no image name: a runner drops a job output that contains a secret, and the user name of a registry is often one and part of the name.
 */
export interface MatrixEntry {
  /** Unique in the matrix, and valid as the name of an artifact: `aicleaner-aarch64`. */
  readonly name: string
  readonly addon: string
  readonly target: string
  readonly architecture: Architecture
  readonly platform: Platform
  /** For the input `version` of the cell, which cannot know that a release is also that of other add-ons. Empty if a cell has several versions. */
  readonly version: string
  readonly runner: string
}

/** Everything that will be done, decided before Docker is touched. */
export interface Plan {
  readonly addons: readonly PlannedAddon[]
  readonly matrix: { readonly include: readonly MatrixEntry[] }
  /** The add-ons have architectures that are not requested: other jobs of the run may build them. */
  readonly partial?: true
  /** Warnings and notices; with an error, there is no plan. */
  readonly diagnostics: readonly Diagnostic[]
}
