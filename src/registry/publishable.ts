import type { Architecture } from '../core/architecture.ts'
import type { Digest } from '../core/digest.ts'
import type { StoredImage } from './stored-image.ts'

/** One name of an image, without tag, and the tags that it gets. */
export interface TaggedName {
  readonly image: string
  readonly tags: readonly string[]
}

/** One tested image, and the names it gets. */
export interface Publishable {
  readonly architecture: Architecture
  /** At least one. `mode: build` has pushed the image under the first; the others are usually in other registries. */
  readonly names: readonly TaggedName[]
  readonly stored: StoredImage
  /** Provenance or SBOM: an entry of the manifest list beside its image, so that the image's own tag stays the image. */
  readonly attestation?: StoredImage
  readonly testedConfig: Digest
}

export interface PublishableAddon {
  readonly images: readonly Publishable[]
  readonly multiArch?: {
    readonly names: readonly TaggedName[]
    readonly annotations: ReadonlyMap<string, string>
  }
  /** Whether a tag is that of a version, to which `existing` applies. Other tags always move. */
  readonly isVersion: (tag: string) => boolean
}
