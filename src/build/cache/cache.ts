import type { CacheKind, Options } from '../../inputs/options.ts'
import type { Target } from '../../plan/plan.ts'
import { csv } from '../../docker/arguments.ts'

/** What may be done with the cache of this run: decided once, see `decideCache`. */
export interface CachePlan {
  readonly kinds: readonly CacheKind[]
  /** `false`: nothing is written. */
  readonly write: boolean
  /** Kinds that are read only: the token has no write scope, or writing has failed. */
  readonly readOnly?: readonly CacheKind['kind'][]
  /** Number of the pull request whose own cache is written: then that one and the one of the base branch are read. */
  readonly pullRequest?: number
}

/** What one target reads its cache from, and writes it to. Each target has a scope of its own: one scope is one index. */
export function cachesOf(
  target: Target,
  cache: CachePlan,
  mode: Options['cacheMode'],
): { readonly from: readonly string[]; readonly to: readonly string[] } {
  const { kinds, readOnly, pullRequest } = cache
  const caches = kinds.map((kind) => {
    const base = attributes(kind, target, mode)
    const own = pullRequest === undefined ? base : attributes(kind, target, mode, pullRequest)
    const to = cache.write && !readOnly?.includes(kind.kind) ? own.to : undefined
    return { from: own.from === base.from ? [base.from] : [own.from, base.from], to }
  })
  return {
    from: caches.flatMap(({ from }) => from.flatMap((one) => one ?? [])),
    to: caches.flatMap(({ to }) => to ?? []),
  }
}

function attributes(
  kind: CacheKind,
  target: Target,
  mode: string,
  pullRequest?: number,
): { readonly from?: string; readonly to?: string } {
  // A failed export must not fail a good build.
  const tolerant = { 'ignore-error': 'true' }
  const scope = cacheName(target.cacheScope, pullRequest)
  switch (kind.kind) {
    case 'gha': {
      // How long BuildKit waits, for each request, where the service limits the rate; ten minutes if nothing is said. A slow upload is not what this bounds.
      const common = { type: 'gha', scope, timeout: '10s' }
      return { from: csv(common), to: csv({ ...common, mode, ...tolerant }) }
    }
    case 'registry': {
      const ref = registryReference(kind.reference, target, pullRequest)
      return { from: csv({ type: 'registry', ref }), to: csv({ type: 'registry', ref, mode, ...tolerant }) }
    }
    case 'local': {
      const folder = `${kind.folder}/${scope}`
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

/** Source: distribution spec, a tag has 128 characters at most. */
const longestTag = 128

/**
 * The name of a cache, for the base branch or for a pull request. Names are made of what a pull request can write (slug, branch), so the two must never meet:
 * a name that ends in `-pr-` and a number is always that of the pull request with this number, and a base name that does so gets another end. Pure.
 */
export function cacheName(name: string, pullRequest?: number): string {
  const end = pullRequest === undefined ? (/-pr-\d+$/i.test(name) ? '-base' : '') : `-pr-${pullRequest}`
  return end === '' ? name : `${name.slice(0, longestTag - end.length)}${end}`
}

/** `{arch}` in the reference is the architecture; without it the architecture is part of the tag, so that no two targets share an index. */
export function registryReference(reference: string | undefined, target: Target, pullRequest?: number): string {
  const named = ofTarget(reference, target)
  const [, name = named, tag = 'latest'] = /^(.+):([^:/]+)$/.exec(named) ?? []
  const own = cacheName(tag, pullRequest)
  return own === tag ? named : `${name}:${own}`
}

function ofTarget(reference: string | undefined, target: Target): string {
  if (reference === undefined) return `${target.image}:buildcache`
  if (reference.includes('{arch}')) return reference.replaceAll('{arch}', target.architecture)
  return /^[^:]*:./s.test(reference.slice(reference.lastIndexOf('/') + 1))
    ? `${reference}-${target.architecture}`
    : `${reference}:${target.cacheScope}`
}
