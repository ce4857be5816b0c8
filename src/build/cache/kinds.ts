import type { CacheKind } from '../../inputs/options.ts'
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
export const attributesOf = <Kind extends keyof Chosen>(
  kind: Kind,
  chosen: Chosen[Kind],
  target: CacheTarget,
): Attributes => cacheBackends[kind].attributes(chosen, target)
