import type { Size } from '../core/bytes.ts'
import type { ImageMeasure, PackageEntry } from '../image/measure.ts'

/** The image that a size is compared with. */
export interface Baseline {
  readonly source: 'registry' | 'cache' | 'file'
  /** `ghcr.io/org/aarch64-aicleaner:1.2.2`, a cache key, or a path. */
  readonly reference: string
  readonly commit?: string
  /** How it was chosen, unless its name shows it: `the highest of 14 published versions below 1.3.0`, `the last build of branch main`. */
  readonly chosen?: string
  readonly measure: ImageMeasure
}

/** A package that was added (no `before`), removed (no `after`) or changed. Names and versions are hostile text. */
export interface PackageChange {
  readonly manager: PackageEntry['manager']
  readonly name: string
  /** Versions; several are joined by `, `. */
  readonly before?: string
  readonly after?: string
  readonly bytes: number
  /** Index into the layers of the new image: the layer that added it. */
  readonly layer?: number
}

/** A folder or file of the merged view whose bytes changed, packages left out. */
export interface FolderChange {
  readonly path: string
  readonly bytes: number
  readonly before: number
  readonly after: number
  /** Index into the layers of the new image: the layer that added most of its growth. */
  readonly layer?: number
}

/** Comparison of one image with its baseline. */
export interface Comparison {
  readonly identical: boolean
  readonly download: Change
  readonly onDisk: Change
  /** Download bytes of the layers that the baseline does not have: what a device pulls on update. */
  readonly update: Size
  /** Which of their sizes cannot be compared, and why; empty when all can. */
  readonly caveats: readonly string[]
  /** In words, most bytes first: `+31.0 MB: package gcc 13.2 was added`. */
  readonly changes: readonly string[]
  /** Download bytes of the base image's layers and of the author's own; absent if one of the images' bases is not known. */
  readonly base?: Change
  readonly own?: Change
  /** Only if the contents of both images are known; most bytes first. */
  readonly packages?: readonly PackageChange[]
  readonly folders?: readonly FolderChange[]
}

/** `bytes` and `percent` are absent if either side is unknown. */
export interface Change {
  readonly before: Size
  readonly after: Size
  readonly bytes?: number
  readonly percent?: number
}

export interface BudgetVerdict {
  readonly budget: 'max-size' | 'max-increase'
  /** `own`: the budget is for the author's own layers only. Absent: for the whole image. */
  readonly layers?: 'own'
  /** As the user wrote it, normalized: `120.0 MB`, `5 %`. */
  readonly limit: string
  readonly limitBytes?: number
  readonly actualBytes: number
  readonly over: boolean
  /** Why it was not applied: then it is neither exceeded nor met. `actualBytes` is 0. */
  readonly unjudged?: string
  /** One sentence: how far over (or under), and where to look first. */
  readonly message: string
}

/** The size side of one target's result. */
export interface SizeResult {
  readonly measure: ImageMeasure
  readonly baseline?: Baseline
  /** Why there is no baseline: `first measurement: …`. */
  readonly noBaseline?: string
  readonly comparison?: Comparison
  readonly budgets: readonly BudgetVerdict[]
}
