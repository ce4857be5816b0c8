import { Readable } from 'node:stream'
import { sha256 } from '../../src/core/sha256.ts'
import type { Manifest, Registry } from '../../src/registry/client.ts'
import { RegistryError } from '../../src/registry/error.ts'
import type { Repository } from '../../src/registry/name.ts'

/** A registry in memory, for what depends only on the order of things; the end-to-end tests use a real one. */
export interface MemoryRegistry extends Registry {
  readonly tags: Map<string, Manifest>
  readonly log: string[]
  /** Called before each write; throws to be a registry that fails. */
  beforeWrite: (what: string) => void
}

export function memoryRegistry(deletesTags = true): MemoryRegistry {
  const tags = new Map<string, Manifest>()
  const blobs = new Set<string>()
  const log: string[] = []
  const name = ({ registry, path }: Repository, reference: string) =>
    `${registry}/${path}${reference.startsWith('sha256:') ? '@' : ':'}${reference}`
  const registry: MemoryRegistry = {
    tags,
    log,
    beforeWrite: () => {},
    async manifest(repository, reference) {
      const found = tags.get(name(repository, reference))
      if (!found) throw new RegistryError('NOT_FOUND', 'unknown')
      return found
    },
    async listTags(repository) {
      const start = name(repository, '')
      const found = [...tags.keys()].filter((key) => key.startsWith(start)).map((key) => key.slice(start.length))
      // As the reference implementation answers for a repository without a tag.
      if (found.length === 0) throw new RegistryError('NOT_FOUND', 'unknown')
      return found
    },
    digestOf: async (repository, reference) => tags.get(name(repository, reference))?.digest,
    async putManifest(repository, reference, { bytes, mediaType }) {
      const what = name(repository, reference)
      registry.beforeWrite(what)
      log.push(what)
      tags.set(what, { digest: sha256(bytes), bytes, mediaType })
    },
    hasBlob: async (repository, digest) => blobs.has(name(repository, digest)),
    blob: async () => Readable.from([]),
    async checkBlob(repository, digest) {
      if (!blobs.has(name(repository, digest))) throw new RegistryError('NOT_FOUND', 'unknown')
    },
    async putBlob(repository, { digest }, _open, from) {
      if (blobs.has(name(repository, digest))) return 'present'
      registry.beforeWrite(name(repository, digest))
      blobs.add(name(repository, digest))
      return from && blobs.has(name(from, digest)) ? 'mounted' : 'uploaded'
    },
    async deleteTag(repository, tag) {
      if (deletesTags) tags.delete(name(repository, tag))
      return deletesTags
    },
    async deleteManifest(repository, digest) {
      if (!deletesTags) return 'refused'
      registry.beforeWrite(`delete ${name(repository, digest)}`)
      return tags.delete(name(repository, digest)) ? 'deleted' : 'missing'
    },
    checkPush: async () => {},
    userOf: async () => undefined,
  }
  return registry
}
