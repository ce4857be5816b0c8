import type { CacheKind, Options } from '../../inputs/options.ts'
import type { Target } from '../../plan/plan.ts'
import type { Attributes, CacheBackend, CacheTarget } from './backend.ts'
import { gha } from './kinds/gha.ts'
import { inline } from './kinds/inline.ts'
import { local } from './kinds/local.ts'
import { none } from './kinds/none.ts'
import { registry } from './kinds/registry.ts'

/** What the user writes for each kind. */
type Chosen = { readonly [Kind in CacheKind['kind']]: Extract<CacheKind, { readonly kind: Kind }> }

/** The steps of a build are matched in this order. */
export const cacheBackends: { readonly [Kind in keyof Chosen]: CacheBackend<Chosen[Kind]> } = {
  gha,
  registry,
  local,
  inline,
  none,
}

/** `kind` is that of `chosen`: a parameter, for TypeScript to see that the backend and `chosen` belong together. */
const attributesOf = <Kind extends keyof Chosen>(kind: Kind, chosen: Chosen[Kind], target: CacheTarget): Attributes =>
  cacheBackends[kind].attributes(chosen, target)

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
