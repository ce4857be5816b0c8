import { messageOf } from '../core/diagnostics.ts'
import type { Clock } from '../core/host.ts'
import { retryAfter } from '../core/http-headers.ts'
import { createMasks } from '../platform/log/masks.ts'
import { parseChallenge } from './challenge.ts'
import { type Credentials, type FindCredentials, identityUser } from './credentials.ts'
import { codeOf, RegistryError } from './error.ts'
import { addressOf, type Exchange, type Response, readBody, withoutUser } from './http.ts'
import { type Repository, schemeOf } from './name.ts'
import { describeRefusal, parseJson } from './response.ts'

export type Action = 'pull' | 'pull,push' | 'delete'

interface Authorizer {
  /** The header that was last accepted for these scopes. */
  known(repository: Repository, scopes: readonly string[]): string | undefined
  /**
   * The header that answers a challenge of the registry's own origin; undefined when there is no other one to try.
   * Rejects with a RegistryError. @param refused the header that the registry has just refused: it is not tried again.
   */
  answer(
    repository: Repository,
    scopes: readonly string[],
    challenge: string,
    refused?: string,
  ): Promise<string | undefined>
  /** The text without the logins and tokens that were used so far: a registry may send back what it received. */
  redact(text: string): string
}

/** Source: distribution `spec/auth/token` and `spec/auth/oauth` (identity tokens). */
export function createAuthorizer(options: {
  readonly exchange: Exchange
  readonly credentials: FindCredentials
  readonly clock: Clock
  /** Registries that are reached without TLS. */
  readonly insecure?: readonly string[]
}): Authorizer {
  const headers = new Map<string, { readonly value: string; readonly until: number }>()
  // Many blobs are requested at once before there is a token: all of these requests wait for the same one.
  const pending = new Map<string, Promise<string | undefined>>()
  const masks = createMasks()
  const keyFor = (repository: Repository, scopes: readonly string[]) => `${repository.host} ${scopes.join(' ')}`
  const known = (key: string): string | undefined => {
    const entry = headers.get(key)
    return entry && entry.until > options.clock.now() ? entry.value : undefined
  }
  const requestToken = async (repository: Repository, scopes: readonly string[], header: string) => {
    if (header.trim() === '') return undefined
    const challenge = parseChallenge(header)
    if (!challenge) throw notUnderstood(repository, header)
    const login = await options.credentials(repository.registry)
    if (login) for (const secret of [login.password, basic(login).slice('Basic '.length)]) masks.add(secret)
    const key = keyFor(repository, scopes)
    if (challenge.scheme === 'basic') {
      // An identity token is for token services only. Source: moby `registry/auth.go`.
      if (!login || login.username === identityUser) return undefined
      const value = basic(login)
      headers.set(key, { value, until: Number.POSITIVE_INFINITY })
      return value
    }
    const realm = realmOf(challenge.realm, repository, options.insecure)
    const { token, seconds } = await fetchToken({ ...challenge, realm }, scopes, login, options)
    masks.add(token)
    const value = `Bearer ${token}`
    // Renewed at half of its lifetime, because a long upload must still have a valid token at its end.
    headers.set(key, { value, until: options.clock.now() + seconds * 500 })
    return value
  }
  return {
    known: (repository, scopes) => known(keyFor(repository, scopes)),
    answer(repository, scopes, header, refused) {
      const key = keyFor(repository, scopes)
      const found = known(key)
      if (found !== undefined && found !== refused) return Promise.resolve(found)
      const waiting = pending.get(key)
      if (waiting !== undefined) return waiting
      const request = requestToken(repository, scopes, header).finally(() => pending.delete(key))
      pending.set(key, request)
      return request
    },
    redact: masks.redact,
  }
}

const notUnderstood = (repository: Repository, header: string): RegistryError =>
  new RegistryError(
    'UNAUTHORIZED',
    `${repository.registry} asks for a login that is neither Basic nor Bearer: ${JSON.stringify(withoutUser(header).slice(0, 200))}. Check the name of the registry.`,
  )

/**
 * The address of the token service, which gets the login. It may be without TLS only if the registry is too, and only at the registry's own host or at
 * another one that Docker reaches without TLS.
 * @throws RegistryError
 */
function realmOf(realm: string, repository: Repository, insecure: readonly string[] | undefined): URL {
  let url: URL
  try {
    url = addressOf(realm)
  } catch (thrown) {
    throw new RegistryError(
      'INVALID_RESPONSE',
      `${repository.registry} names an invalid token service: ${messageOf(thrown)}`,
    )
  }
  if (url.protocol === 'https:') return url
  const isSameHost = url.hostname === new URL(`http://${repository.host}`).hostname
  if (schemeOf(repository.host, insecure) === 'http' && (isSameHost || schemeOf(url.host, insecure) === 'http'))
    return url
  throw new RegistryError(
    'INVALID_RESPONSE',
    `${repository.registry} names a token service without TLS, to which no login is sent: ${url.host}. Check the name of the registry.`,
  )
}

async function fetchToken(
  challenge: { readonly realm: URL; readonly service?: string },
  scopes: readonly string[],
  login: Credentials | undefined,
  { exchange, clock }: { readonly exchange: Exchange; readonly clock: Clock },
): Promise<{ readonly token: string; readonly seconds: number }> {
  const url = new URL(challenge.realm)
  const redirects = 'never'
  const form = new URLSearchParams()
  if (challenge.service) form.set('service', challenge.service)
  let response: Response
  if (login?.username === identityUser) {
    form.set('grant_type', 'refresh_token')
    form.set('refresh_token', login.password)
    form.set('client_id', 'aicleaner-build')
    form.set('scope', scopes.join(' '))
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    response = await exchange({ method: 'POST', url: url.href, headers, body: form.toString(), redirects })
  } else {
    for (const [key, value] of form) url.searchParams.set(key, value)
    for (const scope of scopes) url.searchParams.append('scope', scope)
    const headers = login ? { authorization: basic(login) } : {}
    response = await exchange({ method: 'GET', url: url.href, headers, redirects })
  }
  const body = await readBody(response, 1024 * 1024)
  if (response.status !== 200) {
    const { words, code } = describeRefusal(body)
    throw new RegistryError(codeOf(response.status, code), `${url.host} gives no token: ${response.status}${words}.`, {
      retryAfterMs: retryAfter(response.headers['retry-after'], clock.now()),
    })
  }
  const answer = parseJson(body, 'a token', url.host)
  const token = answer.token || answer.access_token
  if (!token) throw new RegistryError('UNAUTHORIZED', `${url.host} gives no token.`)
  // It becomes a header, so it must be a valid one.
  if (typeof token !== 'string' || token.length > longestToken || !/^[\x21-\x7e]+$/.test(token)) {
    throw new RegistryError('UNAUTHORIZED', `${url.host} gives an invalid token.`)
  }
  return { token, seconds: lifetimeOf(answer.expires_in) }
}

const longestToken = 32_768

/** Seconds; 60 for a missing or malformed value, a day at most. Source: distribution `spec/auth/token`. */
const lifetimeOf = (value: unknown): number =>
  typeof value === 'number' && value > 0 ? Math.min(value, 24 * 60 * 60) : 60

const basic = ({ username, password }: Credentials): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`

export const scopeOf = (repository: Repository, action: Action): string => `repository:${repository.path}:${action}`
