import { Readable } from 'node:stream'
import { messageOf } from '../core/diagnostics.ts'
import type { Digest } from '../core/digest.ts'
import type { Clock } from '../core/host.ts'
import { referenceIn, repositoryUrl } from './address.ts'
import { describe, parseJson, retryAfter } from './answer.ts'
import { type Action, createAuthorizer, scopeOf } from './authorize.ts'
import type { FindCredentials } from './credentials.ts'
import { isDigest, sha256 } from './digest.ts'
import { mayPass, RegistryError } from './error.ts'
import { addressOf, discard, type Exchange, locationOf, type Request, type Response, readBody } from './http.ts'
import { mediaTypeOf } from './media-type.ts'
import type { Repository } from './name.ts'
import { nextPage } from './pages.ts'
import { retry } from './retry.ts'
import { verifiedBlob } from './verified-blob.ts'

export interface Manifest {
  readonly digest: Digest
  readonly mediaType: string
  /** As they came: what the digest is of. */
  readonly bytes: Buffer
}

export interface Blob {
  readonly digest: Digest
  readonly size: number
}

/** Opens the bytes of a blob, from their beginning. */
export type OpenBlob = () => Readable | Promise<Readable>

/** The distribution protocol, as far as this project needs it. Every verb retries what may pass. Errors are RegistryErrors. */
export interface Registry {
  /** `reference`: tag or digest. Rejects with status 404 when there is none. */
  manifest(repository: Repository, reference: string): Promise<Manifest>
  /** The digest that a tag points at now, or undefined. */
  digestOf(repository: Repository, reference: string): Promise<Digest | undefined>
  /** All tags of a repository, page by page, as far as `mostTags`. Rejects with status 404 when there is no such repository. */
  listTags(repository: Repository): Promise<readonly string[]>
  /** `reference`: a tag, or the digest to put it under no tag. */
  putManifest(repository: Repository, reference: string, manifest: Omit<Manifest, 'digest'>): Promise<void>
  hasBlob(repository: Repository, digest: Digest): Promise<boolean>
  /** A stream that ends with a RegistryError where its bytes are not those of the digest. */
  blob(repository: Repository, digest: Digest): Promise<Readable>
  /** Uploads, unless it is there already or can be had from `from`, a repository of the same registry. `open` is called once an attempt. */
  putBlob(
    repository: Repository,
    blob: Blob,
    open: OpenBlob,
    from?: Repository,
  ): Promise<'present' | 'mounted' | 'uploaded'>
  /** Not every registry lets tags be taken away; true when this one did. */
  deleteTag(repository: Repository, tag: string): Promise<boolean>
  /**
   * Takes a manifest away by its digest, and with it, in some registries, the tags that point at it.
   * `refused`: not every registry lets manifests be deleted, nor every login.
   */
  deleteManifest(repository: Repository, digest: Digest): Promise<'deleted' | 'missing' | 'refused'>
  /**
   * Whether this login may push: starts an upload as `putBlob` does, and cancels it. Asks once, without retries; rejects as the start of an upload does.
   * A token alone does not tell: some registries give one that is refused later. Source: go-containerregistry `CheckPushPermission`.
   */
  checkPush(repository: Repository): Promise<void>
  /** The user name that the registry is spoken to with; undefined: there is no login. Docker writes `<token>` where there is only a token. */
  userOf(repository: Repository): Promise<string | undefined>
}

export interface RegistrySetting {
  readonly exchange: Exchange
  readonly credentials: FindCredentials
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly insecure?: readonly string[]
  readonly onRetry?: (message: string, waitMs: number) => void
  readonly firstWaitMs?: number
}

/** A registry may have more; whoever asks looks for the newest, and no list is endless. */
const mostTags = 20_000
const tagsPerPage = 1000
/** One may give fewer a page than it is asked for. */
const mostPages = 400

const accept = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ')

export function createRegistry(setting: RegistrySetting): Registry {
  const authorize = createAuthorizer(setting)
  const base = (repository: Repository): string => repositoryUrl(repository, setting.insecure)

  /**
   * One exchange with login; 401 of the registry is answered once, with what it asks for. The login and its tokens are for the registry's own origin:
   * an upload may be sent on to another one, and a redirect may lead there, which is spoken to as nobody.
   * `from`: a repository that is read besides. `onRefusal`: the token to ask for where that of `action` does not do.
   */
  const send = async (
    repository: Repository,
    action: Action,
    request: Omit<Request, 'body'> & { readonly body?: OpenBlob },
    { from, onRefusal }: { readonly from?: Repository | undefined; readonly onRefusal?: Action } = {},
  ): Promise<Response> => {
    const scopes = [scopeOf(repository, action), ...(from ? [scopeOf(from, 'pull')] : [])]
    const once = async (authorization: string | undefined) => {
      const { body, ...rest } = request
      const headers = { ...request.headers, ...(authorization && { authorization }) }
      return setting.exchange({ ...rest, headers, ...(body && { body: await opened(body) }) })
    }
    if (addressOf(request.url).origin !== addressOf(base(repository)).origin) return once(undefined)
    const known = authorize.known(repository, scopes)
    const response = await once(known)
    if (response.status !== 401 || response.redirectedTo !== undefined) return response
    const challenge = response.headers['www-authenticate'] ?? ''
    const wanted = onRefusal === undefined ? scopes : [scopeOf(repository, onRefusal)]
    const authorization = await authorize.answer(repository, wanted, challenge, known)
    if (authorization === undefined || authorization === known) return fail(response, repository, request)
    response.body.destroy()
    return once(authorization)
  }

  const fail = (response: Response, repository: Repository, request: Pick<Request, 'method' | 'url'>): Promise<never> =>
    refuse(response, repository, request, setting.clock.now())

  const withoutSecrets = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (thrown) {
      if (!(thrown instanceof RegistryError)) throw thrown
      const { status, retryAfterMs, cause, code } = thrown
      throw new RegistryError(authorize.redact(thrown.message), status, retryAfterMs, cause, code)
    }
  }
  const again = <T>(work: () => Promise<T>, passes = mayPass): Promise<T> =>
    retry(setting, () => withoutSecrets(work), passes)

  const readManifest = async (repository: Repository, reference: string): Promise<Manifest> => {
    const url = `${base(repository)}/manifests/${referenceIn(reference)}`
    const request = { method: 'GET', url, headers: { accept } } as const
    const response = await send(repository, 'pull', request)
    if (response.status !== 200) return fail(response, repository, request)
    const bytes = await readBody(response)
    const digest = sha256(bytes)
    const wanted = isDigest(reference) ? reference : response.headers['docker-content-digest']
    if (isDigest(wanted) && wanted !== digest) {
      throw new RegistryError(
        `${repository.registry} sent a manifest of ${repository.path} that is not ${wanted}. Check that no proxy answers in its place.`,
        400,
      )
    }
    return { digest, mediaType: mediaTypeOf(response, bytes, repository.registry), bytes }
  }

  const hasBlob = (repository: Repository, digest: Digest): Promise<boolean> =>
    again(async () => {
      const request = { method: 'HEAD', url: `${base(repository)}/blobs/${digest}` } as const
      const response = await send(repository, 'pull,push', request)
      discard(response)
      if (response.status === 404) return false
      return response.status < 300 || fail(response, repository, request)
    })

  /** Status 201 where the registry mounted the blob of the query, else 202 and the `Location` of an upload. */
  const startUpload = async (repository: Repository, query = '', from?: Repository): Promise<Response> => {
    const request = {
      method: 'POST',
      url: `${base(repository)}/blobs/uploads/${query}`,
      headers: { 'content-length': '0' },
    } as const
    const response = await send(repository, 'pull,push', request, { from })
    if (response.status !== 201 && response.status !== 202) return fail(response, repository, request)
    discard(response)
    return response
  }
  const uploadIn = (repository: Repository, { headers }: Response): string =>
    locationOf(headers.location ?? '', `${base(repository)}/blobs/uploads/`)

  /** At the registry's own origin only: what answers elsewhere was chosen by the registry, and need not be one. */
  const cancelUpload = async (repository: Repository, begun: Response): Promise<void> => {
    const url = uploadIn(repository, begun)
    if (addressOf(url).origin !== addressOf(base(repository)).origin) return
    const request = { method: 'DELETE', url, headers: { 'content-length': '0' } } as const
    // Most take the token of the upload; distribution wants one for "delete". Source: distribution `registry/handlers/app.go`.
    discard(await send(repository, 'pull,push', request, { onRefusal: 'delete' }))
  }

  return {
    hasBlob,
    manifest: (repository, reference) => again(() => readManifest(repository, reference)),
    digestOf: (repository, reference) =>
      again(async () => {
        const request = {
          method: 'HEAD',
          url: `${base(repository)}/manifests/${referenceIn(reference)}`,
          headers: { accept },
        } as const
        const response = await send(repository, 'pull', request)
        discard(response)
        if (response.status === 404) return undefined
        if (response.status >= 300) return fail(response, repository, request)
        const digest = response.headers['docker-content-digest']
        return isDigest(digest) ? digest : (await readManifest(repository, reference)).digest
      }),
    async listTags(repository) {
      const found = new Set<string>()
      const seen = new Set<string>()
      let url: string | undefined = `${base(repository)}/tags/list?n=${tagsPerPage}`
      const { pathname } = new URL(url)
      while (url !== undefined && !seen.has(url) && seen.size < mostPages && found.size < mostTags) {
        seen.add(url)
        const request: { readonly method: 'GET'; readonly url: string } = { method: 'GET', url }
        const { tags, link } = await again(async () => {
          const response = await send(repository, 'pull', request)
          if (response.status !== 200) return fail(response, repository, request)
          return { tags: tagsIn(await readBody(response), repository.registry), link: response.headers.link }
        })
        // A page without news is the end, whatever its link says.
        const before = found.size
        for (const tag of tags) found.add(tag)
        const next: string | undefined = found.size === before ? undefined : nextPage(link, url)
        // Elsewhere in the registry the token of this repository has no business.
        url = next !== undefined && new URL(next).pathname === pathname ? next : undefined
      }
      return [...found]
    },
    putManifest: (repository, reference, { bytes, mediaType }) =>
      again(async () => {
        const request = {
          method: 'PUT',
          url: `${base(repository)}/manifests/${referenceIn(reference)}`,
          headers: { 'content-type': mediaType, 'content-length': String(bytes.length) },
          body: () => Readable.from([bytes], { objectMode: false }),
        } as const
        const response = await send(repository, 'pull,push', request)
        if (response.status >= 300) return fail(response, repository, request)
        discard(response)
      }, mayPassForManifest),
    blob: (repository, digest) =>
      again(async () => {
        const request = { method: 'GET', url: `${base(repository)}/blobs/${digest}` } as const
        const response = await send(repository, 'pull', request)
        if (response.status !== 200) return fail(response, repository, request)
        return verifiedBlob(response, digest, repository.registry)
      }),
    putBlob: async (repository, { digest, size }, open, from) => {
      if (await hasBlob(repository, digest)) return 'present'
      return again(async () => {
        const mount =
          from && from.host === repository.host ? `?mount=${digest}&from=${encodeURIComponent(from.path)}` : ''
        const begun = await startUpload(repository, mount, mount ? from : undefined)
        if (begun.status === 201) {
          if (mount) return 'mounted'
          throw new RegistryError(`${repository.registry} says that it has ${digest}, of which nothing was sent.`, 400)
        }
        const location = new URL(uploadIn(repository, begun))
        location.searchParams.set('digest', digest)
        const request = {
          method: 'PUT',
          url: location.href,
          headers: { 'content-type': 'application/octet-stream', 'content-length': String(size) },
          body: open,
        } as const
        const done = await send(repository, 'pull,push', request)
        if (done.status >= 300) return fail(done, repository, request)
        discard(done)
        return 'uploaded'
      }, mayPassForUpload)
    },
    deleteManifest: (repository, digest) =>
      again(async () => {
        const request = { method: 'DELETE', url: `${base(repository)}/manifests/${referenceIn(digest)}` } as const
        const response = await send(repository, 'pull,push', request, { onRefusal: 'delete' })
        if (response.status >= 500) return fail(response, repository, request)
        discard(response)
        return response.status === 404 ? 'missing' : response.status < 300 ? 'deleted' : 'refused'
      }),
    deleteTag: (repository, tag) =>
      withoutSecrets(async () => {
        const url = `${base(repository)}/manifests/${referenceIn(tag)}`
        const response = await send(repository, 'pull,push', { method: 'DELETE', url })
        discard(response)
        return response.status < 300
      }),
    checkPush: (repository) =>
      withoutSecrets(async () => {
        const begun = await startUpload(repository)
        // A registry removes what nobody continues, so an upload that cannot be cancelled changes nothing.
        if (begun.status === 202) await cancelUpload(repository, begun).catch(() => {})
      }),
    userOf: async (repository) => (await setting.credentials(repository.registry))?.username,
  }
}

async function opened(open: OpenBlob): Promise<Readable> {
  try {
    return await open()
  } catch (thrown) {
    if (thrown instanceof RegistryError) throw thrown
    throw new RegistryError(`What is to be sent cannot be read: ${messageOf(thrown)}.`, 400, undefined, thrown)
  }
}

async function refuse(
  response: Response,
  repository: Repository,
  request: Pick<Request, 'method' | 'url'>,
  now: number,
): Promise<never> {
  const body = response.body.destroyed
    ? Buffer.alloc(0)
    : await readBody(response, 64 * 1024).catch(() => Buffer.alloc(0))
  const what = /\/(manifests|blobs|tags)\//.exec(request.url)?.[1] ?? 'request'
  const { words, code } = describe(body)
  throw new RegistryError(
    `${repository.registry} answers ${request.method} of ${what} in ${repository.path} with ${response.status}${words}.`,
    response.status,
    retryAfter(response, now),
    undefined,
    code,
  )
}

/**
 * The digest of a manifest is computed here, so it does fit. A registry on a file system says otherwise while another upload writes the link of a
 * blob that the manifest names: it reads an empty file. Source: distribution `registry/handlers/manifests.go` and `storage/linkedblobstore.go`.
 */
const mayPassForManifest = (thrown: unknown): boolean =>
  mayPass(thrown) || (thrown instanceof RegistryError && thrown.status === 400 && thrown.code === 'DIGEST_INVALID')

/**
 * A broken upload is begun anew, with its first byte: of 416, and of an upload that is not known (any more), a registry says so itself.
 * distribution continues none that broke. Source: distribution `registry/handlers/blobupload.go`, `ResumeBlobUpload`.
 */
const mayPassForUpload = (thrown: unknown): boolean =>
  mayPass(thrown) ||
  (thrown instanceof RegistryError && (thrown.status === 416 || thrown.code === 'BLOB_UPLOAD_UNKNOWN'))

/** A repository without tags has null. What is no tag (`distribution spec`: at most 128 letters, digits, `_.-`) is left out. */
function tagsIn(body: Buffer, from: string): readonly string[] {
  const { tags } = parseJson(body, 'a list of tags', from)
  return Array.isArray(tags) ? tags.filter((tag) => typeof tag === 'string' && /^\w[\w.-]{0,127}$/.test(tag)) : []
}
