import type { Registry } from './client.ts'

/**
 * The same registry, which uploads a blob of several images to a repository only once: later calls wait for the first one.
 * After a failure the next call tries again.
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
