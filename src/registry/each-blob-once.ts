import type { Registry } from './client.ts'

/**
 * The same registry, which sends a blob that several images have to a repository once: who comes while it is under way waits for it.
 * What failed is tried again by the next who wants it.
 */
export function eachBlobOnce(registry: Registry): Registry {
  const underWay = new Map<string, ReturnType<Registry['putBlob']>>()
  return {
    ...registry,
    putBlob(repository, blob, open, from) {
      const key = `${repository.host}/${repository.path}@${blob.digest}`
      const known = underWay.get(key)
      if (known) return known
      const sending = registry.putBlob(repository, blob, open, from)
      underWay.set(key, sending)
      sending.catch(() => underWay.delete(key))
      return sending
    },
  }
}
