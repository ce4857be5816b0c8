import { csv } from '../../../docker/arguments.ts'
import type { Target } from '../../../plan/plan.ts'
import { type CacheBackend, cacheName } from '../backend.ts'

/** A step that reads a cache from a registry, whichever kind it is. */
export const importFromRegistry = /^importing cache manifest from (?!local:)/

/** An image in a registry. */
export const registry: CacheBackend<{ readonly kind: 'registry'; readonly reference?: string }> = {
  title: 'cache in the registry',
  steps: { import: importFromRegistry, export: /^exporting cache to registry/ },
  attributes({ reference }, { target, mode, pullRequest }) {
    const ref = registryReference(reference, target, pullRequest)
    return {
      from: csv({ type: 'registry', ref }),
      to: csv({ type: 'registry', ref, mode, 'ignore-error': 'true' }),
    }
  },
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
