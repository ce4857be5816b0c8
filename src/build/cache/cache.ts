import type { CacheKind, Options } from '../../inputs/options.ts'
import type { Target } from '../../plan/plan.ts'
import { attributesOf } from './kinds.ts'

/** How this run uses the cache: decided once, see `decideCache`. */
export interface CachePlan {
  readonly kinds: readonly CacheKind[]
  /** `false`: nothing is written. */
  readonly write: boolean
  /** Kinds that are only read: the token has no write scope, or writing has failed. */
  readonly readOnly?: readonly CacheKind['kind'][]
  /** Number of the pull request whose own cache is written: then that one and the one of the base branch are read. */
  readonly pullRequest?: number
}

/** The caches that one target reads and writes. Each target has its own scope: one scope is one index. */
export function cachesOf(
  target: Target,
  { kinds, write, readOnly, pullRequest }: CachePlan,
  mode: Options['cacheMode'],
): { readonly from: readonly string[]; readonly to: readonly string[] } {
  const caches = kinds.map((chosen) => {
    const base = attributesOf(chosen.kind, chosen, { target, mode })
    const own = attributesOf(chosen.kind, chosen, { target, mode, pullRequest })
    const to = write && !readOnly?.includes(chosen.kind) ? own.to : undefined
    return { from: own.from === base.from ? [base.from] : [own.from, base.from], to }
  })
  return {
    from: caches.flatMap(({ from }) => from.flatMap((one) => one ?? [])),
    to: caches.flatMap(({ to }) => to ?? []),
  }
}
