import { Readable } from 'node:stream'
import { type Digest, isDigest } from '../core/digest.ts'
import { sha256 } from '../core/sha256.ts'
import { referenceIn } from './address.ts'
import { isTransientForManifest, isTransientForUpload, RegistryError } from './error.ts'
import { addressOf, discard, locationOf, type Response, readBody } from './http.ts'
import { listTags } from './list-tags.ts'
import type { Repository } from './name.ts'
import { createRequests, isOk, type OpenBlob, type RegistryOptions } from './requests.ts'
import { mediaTypeOf } from './response.ts'
import { verifiedBlob } from './verified-blob.ts'

export interface Manifest {
  readonly digest: Digest
  readonly mediaType: string
  /** Byte for byte: the digest is that of these bytes. */
  readonly bytes: Buffer
}

export interface Blob {
  readonly digest: Digest
  readonly size: number
}

/** The part of the distribution protocol that this project needs. Every method retries transient failures. Errors are RegistryErrors. */
export interface Registry {
  /** `reference`: tag or digest. Rejects with the code NOT_FOUND when there is none. */
  manifest(repository: Repository, reference: string): Promise<Manifest>
  /** The digest that a tag points at now, or undefined. */
  digestOf(repository: Repository, reference: string): Promise<Digest | undefined>
  /** The tags of a repository. Rejects with the code NOT_FOUND when there is no such repository. */
  listTags(repository: Repository): Promise<readonly string[]>
  /** `reference`: a tag, or the digest to put it under no tag. */
  putManifest(repository: Repository, reference: string, manifest: Omit<Manifest, 'digest'>): Promise<void>
  hasBlob(repository: Repository, digest: Digest): Promise<boolean>
  /** Rejects if the blob cannot be pulled. A redirect to where its bytes are counts as a yes: that address need not answer this request. */
  checkBlob(repository: Repository, digest: Digest): Promise<void>
  /** A stream that ends with a RegistryError if its bytes are not those of the digest. */
  blob(repository: Repository, digest: Digest): Promise<Readable>
  /** Uploads, unless the blob is there already or can be mounted from `from`, a repository of the same registry. `open` is called once an attempt. */
  putBlob(
    repository: Repository,
    blob: Blob,
    open: OpenBlob,
    from?: Repository,
  ): Promise<'present' | 'mounted' | 'uploaded'>
  /** Deletes a tag; false if the registry does not support that. */
  deleteTag(repository: Repository, tag: string): Promise<boolean>
  /** Deletes a manifest and, in some registries, its tags. `refused`: the registry does not delete manifests, or not with this login. */
  deleteManifest(repository: Repository, digest: Digest): Promise<'deleted' | 'missing' | 'refused'>
  /**
   * Starts an upload and cancels it, without retries. A token alone proves nothing: some registries issue one that they refuse later.
   * Source: go-containerregistry `CheckPushPermission`.
   */
  checkPush(repository: Repository): Promise<void>
  /** The user name of the login; undefined: there is no login. It is `<token>`, as in Docker, if there is only a token. */
  userOf(repository: Repository): Promise<string | undefined>
}

const accept = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ')

const isOkOrMissing = (status: number): boolean => status < 300 || status === 404

export function createRegistry(options: RegistryOptions): Registry {
  const requests = createRequests(options)
  const { base, send, withoutSecrets, again } = requests

  const readManifest = async (repository: Repository, reference: string): Promise<Manifest> => {
    const url = `${base(repository)}/manifests/${referenceIn(reference)}`
    const response = await send(repository, 'pull', { method: 'GET', url, headers: { accept }, accepts: isOk })
    const bytes = await readBody(response)
    const digest = sha256(bytes)
    const wanted = isDigest(reference) ? reference : response.headers['docker-content-digest']
    if (isDigest(wanted) && wanted !== digest) {
      throw new RegistryError(
        'INVALID_RESPONSE',
        `${repository.registry} sent a manifest of ${repository.path} that is not ${wanted}. Check that no proxy answers in its place.`,
      )
    }
    return { digest, mediaType: mediaTypeOf(response, bytes, repository.registry), bytes }
  }

  const hasBlob = (repository: Repository, digest: Digest): Promise<boolean> =>
    again(async () => {
      const url = `${base(repository)}/blobs/${digest}`
      const response = await send(repository, 'pull,push', { method: 'HEAD', url, accepts: isOkOrMissing })
      discard(response)
      return response.status !== 404
    })

  /** Status 201 if the registry mounted the blob of the query, else 202 and the `Location` of an upload. */
  const startUpload = async (repository: Repository, query = '', from?: Repository): Promise<Response> => {
    const response = await send(repository, 'pull,push', {
      method: 'POST',
      url: `${base(repository)}/blobs/uploads/${query}`,
      headers: { 'content-length': '0' },
      accepts: (status) => status === 201 || status === 202,
      from,
    })
    discard(response)
    return response
  }
  const uploadIn = (repository: Repository, { headers }: Response): string =>
    locationOf(headers.location ?? '', `${base(repository)}/blobs/uploads/`)

  /** Cancels an upload, at the registry's own origin only: a server at another origin need not be a registry. */
  const cancelUpload = async (repository: Repository, started: Response): Promise<void> => {
    const url = uploadIn(repository, started)
    if (addressOf(url).origin !== addressOf(base(repository)).origin) return
    const headers = { 'content-length': '0' }
    // Most accept the token of the upload; distribution requires one for "delete". Source: distribution `registry/handlers/app.go`.
    discard(await send(repository, 'pull,push', { method: 'DELETE', url, headers, onRefusal: 'delete' }))
  }

  return {
    hasBlob,
    manifest: (repository, reference) => again(() => readManifest(repository, reference)),
    digestOf: (repository, reference) =>
      again(async () => {
        const url = `${base(repository)}/manifests/${referenceIn(reference)}`
        const headers = { accept }
        const response = await send(repository, 'pull', { method: 'HEAD', url, headers, accepts: isOkOrMissing })
        discard(response)
        if (response.status === 404) return undefined
        const digest = response.headers['docker-content-digest']
        return isDigest(digest) ? digest : (await readManifest(repository, reference)).digest
      }),
    listTags: (repository) => listTags(repository, requests),
    putManifest: (repository, reference, { bytes, mediaType }) =>
      again(async () => {
        const response = await send(repository, 'pull,push', {
          method: 'PUT',
          url: `${base(repository)}/manifests/${referenceIn(reference)}`,
          headers: { 'content-type': mediaType, 'content-length': String(bytes.length) },
          body: () => Readable.from([bytes], { objectMode: false }),
        })
        discard(response)
      }, isTransientForManifest),
    checkBlob: (repository, digest) =>
      again(async () => {
        const url = `${base(repository)}/blobs/${digest}`
        const accepts = (status: number): boolean => status < 400
        discard(await send(repository, 'pull', { method: 'HEAD', url, accepts, redirects: 'never' }))
      }),
    blob: (repository, digest) =>
      again(async () => {
        const url = `${base(repository)}/blobs/${digest}`
        const response = await send(repository, 'pull', { method: 'GET', url, accepts: isOk })
        return verifiedBlob(response, digest, repository.registry)
      }),
    putBlob: async (repository, { digest, size }, open, from) => {
      if (await hasBlob(repository, digest)) return 'present'
      return again(async () => {
        const mount =
          from && from.host === repository.host ? `?mount=${digest}&from=${encodeURIComponent(from.path)}` : ''
        const started = await startUpload(repository, mount, mount ? from : undefined)
        if (started.status === 201) {
          if (mount) return 'mounted'
          throw new RegistryError(
            'INVALID_RESPONSE',
            `${repository.registry} says that it has ${digest} before any of it was sent.`,
          )
        }
        const location = new URL(uploadIn(repository, started))
        location.searchParams.set('digest', digest)
        const done = await send(repository, 'pull,push', {
          method: 'PUT',
          url: location.href,
          headers: { 'content-type': 'application/octet-stream', 'content-length': String(size) },
          body: open,
        })
        discard(done)
        return 'uploaded'
      }, isTransientForUpload)
    },
    deleteManifest: (repository, digest) =>
      again(async () => {
        const response = await send(repository, 'pull,push', {
          method: 'DELETE',
          url: `${base(repository)}/manifests/${referenceIn(digest)}`,
          accepts: (status) => status < 500,
          onRefusal: 'delete',
        })
        discard(response)
        return response.status === 404 ? 'missing' : response.status < 300 ? 'deleted' : 'refused'
      }),
    deleteTag: (repository, tag) =>
      withoutSecrets(async () => {
        const url = `${base(repository)}/manifests/${referenceIn(tag)}`
        const response = await send(repository, 'pull,push', { method: 'DELETE', url, accepts: () => true })
        discard(response)
        return response.status < 300
      }),
    checkPush: (repository) =>
      withoutSecrets(async () => {
        const started = await startUpload(repository)
        // Registries remove abandoned uploads, so an upload that cannot be cancelled does no harm.
        if (started.status === 202) await cancelUpload(repository, started).catch(() => {})
      }),
    userOf: async (repository) => (await options.credentials(repository.registry))?.username,
  }
}
