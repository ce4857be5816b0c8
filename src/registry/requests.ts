import type { Readable } from 'node:stream'
import { messageOf } from '../core/diagnostics.ts'
import type { Clock } from '../core/host.ts'
import { retryAfter } from '../core/http-headers.ts'
import { repositoryUrl } from './address.ts'
import { type Action, createAuthorizer, scopeOf } from './authorize.ts'
import type { FindCredentials } from './credentials.ts'
import { codeOf, RegistryError } from './error.ts'
import { addressOf, type Exchange, type Request, type Response, readBody } from './http.ts'
import type { Repository } from './name.ts'
import { describeRefusal } from './response.ts'
import { type RequestRetries, retryRequest } from './retry.ts'

export interface RegistryOptions extends RequestRetries {
  readonly exchange: Exchange
  readonly credentials: FindCredentials
  readonly clock: Clock
  /** Registries that are reached without TLS. */
  readonly insecure?: readonly string[]
}

/** Opens the bytes of a blob, from their beginning. */
export type OpenBlob = () => Readable | Promise<Readable>

interface RegistryRequest extends Omit<Request, 'body'> {
  readonly body?: OpenBlob
  /** Default: every status below 300. */
  accepts?(status: number): boolean
  /** A second repository to read. */
  readonly from?: Repository | undefined
  /** The action to request a token for if the first token is refused. */
  readonly onRefusal?: Action
}

export const isOk = (status: number): boolean => status === 200

/** Requests to a repository, with login and retries. */
export interface Requests {
  /** The address of a repository's API. */
  base(repository: Repository): string
  /**
   * One exchange with login; a 401 is answered once. Requests to another origin (a redirect, the location of an upload) are anonymous.
   * Rejects with a RegistryError for a status that is not accepted.
   */
  send(repository: Repository, action: Action, request: RegistryRequest): Promise<Response>
  /** Removes logins and tokens from the errors of `work`: a registry may send back what it received. */
  withoutSecrets<T>(work: () => Promise<T>): Promise<T>
  /** `withoutSecrets`, with retries. */
  again<T>(work: () => Promise<T>, isRetryable?: (thrown: unknown) => boolean): Promise<T>
}

export function createRequests(options: RegistryOptions): Requests {
  const authorizer = createAuthorizer(options)
  const base = (repository: Repository): string => repositoryUrl(repository, options.insecure)

  const exchange: Requests['send'] = async (repository, action, { accepts: _, from, onRefusal, body, ...request }) => {
    const scopes = [scopeOf(repository, action), ...(from ? [scopeOf(from, 'pull')] : [])]
    const once = async (authorization: string | undefined) => {
      const headers = { ...request.headers, ...(authorization && { authorization }) }
      return options.exchange({ ...request, headers, ...(body && { body: await opened(body) }) })
    }
    if (addressOf(request.url).origin !== addressOf(base(repository)).origin) return once(undefined)
    const known = authorizer.known(repository, scopes)
    const response = await once(known)
    if (response.status !== 401 || response.redirectedTo !== undefined) return response
    const challenge = response.headers['www-authenticate'] ?? ''
    const wanted = onRefusal === undefined ? scopes : [scopeOf(repository, onRefusal)]
    const authorization = await authorizer.answer(repository, wanted, challenge, known)
    if (authorization === undefined || authorization === known) return fail(response, repository, request)
    response.body.destroy()
    return once(authorization)
  }

  const send: Requests['send'] = async (repository, action, request) => {
    const { accepts = (status) => status < 300 } = request
    const response = await exchange(repository, action, request)
    return accepts(response.status) ? response : fail(response, repository, request)
  }

  const fail = async (
    response: Response,
    repository: Repository,
    request: Request | RegistryRequest,
  ): Promise<never> => {
    const body = response.body.destroyed
      ? Buffer.alloc(0)
      : await readBody(response, 64 * 1024).catch(() => Buffer.alloc(0))
    const what = /\/(manifests|blobs|tags)\//.exec(request.url)?.[1] ?? 'request'
    const { words, code } = describeRefusal(body)
    throw new RegistryError(
      codeOf(response.status, code),
      `${repository.registry} answers ${request.method} of ${what} in ${repository.path} with ${response.status}${words}.`,
      { retryAfterMs: retryAfter(response.headers['retry-after'], options.clock.now()) },
    )
  }

  const withoutSecrets: Requests['withoutSecrets'] = async (work) => {
    try {
      return await work()
    } catch (thrown) {
      if (!(thrown instanceof RegistryError)) throw thrown
      throw new RegistryError(thrown.code, authorizer.redact(thrown.message), thrown)
    }
  }

  return {
    base,
    send,
    withoutSecrets,
    again: (work, isRetryable) => retryRequest(options, () => withoutSecrets(work), isRetryable),
  }
}

async function opened(open: OpenBlob): Promise<Readable> {
  try {
    return await open()
  } catch (thrown) {
    if (thrown instanceof RegistryError) throw thrown
    throw new RegistryError('INVALID_IMAGE', `The content to send cannot be read: ${messageOf(thrown)}.`, {
      cause: thrown,
    })
  }
}
