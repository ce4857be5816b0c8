import { isDigest } from './digest.ts'
import { RegistryError } from './error.ts'
import { addressOf } from './http.ts'
import { type Repository, schemeOf } from './name.ts'

/**
 * Where a repository answers. The name may be what a file says: it must not lead to another host, nor to another path, than it seems to.
 * @throws RegistryError for a name that does.
 */
export function repositoryUrl(repository: Repository, insecure: readonly string[] | undefined): string {
  const url = `${schemeOf(repository.host, insecure)}://${repository.host}/v2/${repository.path}`
  const { host, origin, pathname } = addressOf(url)
  const written = repository.host.toLowerCase()
  if (
    !/^[\w.-]+(?:\/[\w.-]+)*$/.test(repository.path) ||
    pathname !== `/v2/${repository.path}` ||
    ![host, `${host}:443`, `${host}:80`].includes(written)
  ) {
    throw new RegistryError(`"${repository.registry}/${repository.path}" is not the name of an image.`, 400)
  }
  return `${origin}/v2/${repository.path}`
}

/**
 * A tag or a digest; a file may say anything, and it becomes part of an address. Source: distribution spec, "Pulling manifests".
 * @throws RegistryError for what is neither.
 */
export function referenceIn(reference: string): string {
  const isTag = /^\w[\w.-]{0,127}$/.test(reference)
  if (!isTag && !isDigest(reference)) {
    throw new RegistryError(`${JSON.stringify(String(reference).slice(0, 150))} is neither a tag nor a digest.`, 400)
  }
  return reference
}
