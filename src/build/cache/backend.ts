import type { CacheKind, Options } from '../../inputs/options.ts'
import type { Target } from '../../plan/plan.ts'

/** The cache of one target, for the base branch or for a pull request. */
export interface CacheTarget {
  readonly target: Target
  readonly mode: Options['cacheMode']
  /** The number of the pull request, for the name of its cache. */
  readonly pullRequest?: number | undefined
}

export interface Attributes {
  readonly from?: string
  readonly to?: string
}

/** One kind of build cache: how buildx reads and writes it, and how its failures are recognized. */
export interface CacheBackend<Chosen extends CacheKind = CacheKind> {
  /** Pure. */
  attributes(chosen: Chosen, target: CacheTarget): Attributes
  /** For messages: `The TITLE cannot be read`. Default: the name of the kind. */
  readonly title?: string
  /** The steps of BuildKit that read and write it. Source: BuildKit solver/llbsolver/bridge.go, cache/remotecache. */
  readonly steps?: { readonly import: RegExp; readonly export?: RegExp }
}

/** Maximum characters of a tag. Source: distribution spec. */
const longestTag = 128

/** The name of a cache. A pull request can influence slug and branch, so `-pr-` and a number at the end always mean that pull request. Pure. */
export function cacheName(name: string, pullRequest?: number): string {
  const end = pullRequest === undefined ? (/-pr-\d+$/i.test(name) ? '-base' : '') : `-pr-${pullRequest}`
  return end === '' ? name : `${name.slice(0, longestTag - end.length)}${end}`
}
