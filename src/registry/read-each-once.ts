import type { Registry } from './client.ts'
import { isUnreachable } from './error.ts'
import type { Repository } from './name.ts'

/** The part of a registry client that reads images and tags. */
export type RegistryReads = Pick<Registry, 'manifest' | 'digestOf' | 'blob' | 'listTags'>

/** The same registry, but a manifest or digest is read once, and a host that does not answer is not asked again. */
export function readEachOnce(registry: RegistryReads): RegistryReads {
  const unreachable = new Map<string, unknown>()
  const ask = async <T>({ host }: Repository, work: () => Promise<T>): Promise<T> => {
    if (unreachable.has(host)) throw unreachable.get(host)
    try {
      return await work()
    } catch (thrown) {
      if (isUnreachable(thrown)) unreachable.set(host, thrown)
      throw thrown
    }
  }
  const once = <T>(read: (repository: Repository, reference: string) => Promise<T>) => {
    const known = new Map<string, Promise<T>>()
    return (repository: Repository, reference: string): Promise<T> => {
      const key = `${repository.host}/${repository.path} ${reference}`
      const answer = known.get(key) ?? ask(repository, () => read(repository, reference))
      known.set(key, answer)
      return answer
    }
  }
  return {
    manifest: once((repository, reference) => registry.manifest(repository, reference)),
    digestOf: once((repository, reference) => registry.digestOf(repository, reference)),
    blob: (repository, digest) => ask(repository, () => registry.blob(repository, digest)),
    listTags: (repository) => ask(repository, () => registry.listTags(repository)),
  }
}
