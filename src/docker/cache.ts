import type { CacheKind, Options } from '../options.ts'
import type { Target } from '../plan/plan.ts'
import { csv } from './arguments.ts'

/** What may be done with the cache of this run: decided once, see `decideCache`. */
export interface CachePlan {
  readonly kinds: readonly CacheKind[]
  /** `false`: nothing is written. */
  readonly write: boolean
  /** Kinds that are read only: the token has no write scope, or writing has failed. */
  readonly readOnly?: readonly CacheKind['kind'][]
}

/** What one target reads its cache from, and writes it to. Each target has a scope of its own: one scope is one index. */
export function cachesOf(
  target: Target,
  cache: CachePlan,
  mode: Options['cacheMode'],
): { readonly from: readonly string[]; readonly to: readonly string[] } {
  const all = cache.kinds.map((kind) => {
    const { from, to } = attributes(kind, target, mode)
    return { from, to: cache.write && !cache.readOnly?.includes(kind.kind) ? to : undefined }
  })
  return { from: all.flatMap(({ from }) => from ?? []), to: all.flatMap(({ to }) => to ?? []) }
}

function attributes(kind: CacheKind, target: Target, mode: string): { readonly from?: string; readonly to?: string } {
  // A failed export must not fail a good build.
  const tolerant = { 'ignore-error': 'true' }
  switch (kind.kind) {
    case 'gha': {
      // How long BuildKit waits, for each request, where the service limits the rate; ten minutes if nothing is said. A slow upload is not what this bounds.
      const common = { type: 'gha', scope: target.cacheScope, timeout: '10s' }
      return { from: csv(common), to: csv({ ...common, mode, ...tolerant }) }
    }
    case 'registry': {
      const ref = registryReference(kind.reference, target)
      return { from: csv({ type: 'registry', ref }), to: csv({ type: 'registry', ref, mode, ...tolerant }) }
    }
    case 'local': {
      const folder = `${kind.folder}/${target.cacheScope}`
      return { from: csv({ type: 'local', src: folder }), to: csv({ type: 'local', dest: folder, mode, ...tolerant }) }
    }
    case 'inline':
      return {
        from: csv({ type: 'registry', ref: `${target.image}:${target.tags[0] ?? 'latest'}` }),
        to: 'type=inline',
      }
    case 'none':
      return {}
  }
}

/** `{arch}` in the reference is the architecture; without it the architecture is part of the tag, so that no two targets share an index. */
export function registryReference(reference: string | undefined, target: Target): string {
  if (reference === undefined) return `${target.image}:buildcache`
  if (reference.includes('{arch}')) return reference.replaceAll('{arch}', target.architecture)
  return /:[^/]+$/.test(reference) ? `${reference}-${target.architecture}` : `${reference}:${target.cacheScope}`
}
