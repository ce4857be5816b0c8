import type { Digest } from '../core/digest.ts'

/** A tag that a run has published, or left as it was. */
export interface PublishedTag {
  /** Without tag. */
  readonly image: string
  readonly tag: string
  readonly digest: Digest
  /** It is that of a manifest list. */
  readonly multiArch?: true
  /** It belongs to a version that was published before, and was not moved. */
  readonly kept?: true
}
