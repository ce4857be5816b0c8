import { isDigest } from '../core/digest.ts'
import { isTag } from '../core/image-reference.ts'
import { RegistryError } from './error.ts'
import { addressOf } from './http.ts'
import { type Repository, schemeOf } from './name.ts'

/** The address of a repository's API. Throws a RegistryError for a name that leads to another host or path, because names may come from files. */
export function repositoryUrl(repository: Repository, insecure: readonly string[] | undefined): string {
  const url = `${schemeOf(repository.host, insecure)}://${repository.host}/v2/${repository.path}`
  const { host, origin, pathname } = addressOf(url)
  const written = repository.host.toLowerCase()
  if (
    !/^[\w.-]+(?:\/[\w.-]+)*$/.test(repository.path) ||
    pathname !== `/v2/${repository.path}` ||
    ![host, `${host}:443`, `${host}:80`].includes(written)
  ) {
    throw new RegistryError(
      'INVALID_REFERENCE',
      `"${repository.registry}/${repository.path}" is not the name of an image.`,
    )
  }
  return `${origin}/v2/${repository.path}`
}

/** A tag or a digest. Throws a RegistryError for anything else, because it may come from a file and becomes part of an address. */
export function referenceIn(reference: string): string {
  if (!isTag(reference) && !isDigest(reference)) {
    throw new RegistryError(
      'INVALID_REFERENCE',
      `${JSON.stringify(String(reference).slice(0, 150))} is neither a tag nor a digest.`,
    )
  }
  return reference
}
