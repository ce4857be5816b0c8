import { randomBytes, randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createFaults, type Faults } from '../faults.ts'
import { type Answer, type LoopbackOptions, send, startLoopback } from '../loopback.ts'
import { receive } from '../receive.ts'
import { type Blobs, createBlobs, error } from './blobs.ts'
import { type Entry, findEntry } from './entries.ts'
import { type Claims, makeToken, readToken, type Scope } from './token.ts'

export interface CacheServiceOptions extends LoopbackOptions {
  /** Host name in the URLs for clients that cannot reach `127.0.0.1`. */
  readonly advertise?: string
}

export interface RecordedRequest {
  readonly method: string
  /** `CreateCacheEntry`, …; or `blob` and the operation: `blob put`, `blob block`, `blob get` … */
  readonly what: string
  readonly key?: string
  /** HTTP status of the response; 0 if the connection was cut. */
  readonly status: number
}

export interface FakeCacheService {
  readonly url: string
  readonly entries: Entry[]
  readonly requests: RecordedRequest[]
  /** Violations of the protocol by clients. Tests expect it to be empty. */
  readonly violations: string[]
  readonly faults: Faults
  /** If true, every write is refused as for a token without a writable scope. */
  denyWrites: boolean
  readonly blobs: Pick<Blobs, 'get'>
  /** A token of the runner. Default: reads and writes `refs/heads/main`. */
  token(scopes?: readonly Scope[], options?: { readonly expiresInSeconds?: number }): string
  /** The variables that a runner passes to a JavaScript action. Default: a token that reads and writes `refs/heads/main`. */
  environment(token?: string): Readonly<Record<string, string>>
  vanish(): Promise<void>
  comeBack(): Promise<void>
  close(): Promise<void>
}

/** Scopes of the tokens that GitHub issues for some kinds of runs. */
export const scopes = {
  branch: (name: string): readonly Scope[] => [
    { scope: `refs/heads/${name}`, permission: 'read-write' },
    ...(name === 'main' ? [] : [{ scope: 'refs/heads/main', permission: 'read' } as const]),
  ],
  /** A pull request writes to its own scope, which its base branch cannot read. */
  pullRequest: (number: number): readonly Scope[] => [
    { scope: `refs/pull/${number}/merge`, permission: 'read-write' },
    { scope: 'refs/heads/main', permission: 'read' },
  ],
  /** `pull_request_target`, `issue_comment` and `workflow_run` for changes from a fork. */
  fork: (): readonly Scope[] => [{ scope: 'refs/heads/main', permission: 'read' }],
}

const service = '/twirp/github.actions.results.api.v1.CacheService/'

export async function startCacheService(options: CacheServiceOptions = {}): Promise<FakeCacheService> {
  const entries: Entry[] = []
  const requests: RecordedRequest[] = []
  const violations: string[] = []
  const faults = createFaults()
  const blobs = createBlobs()
  const tokens = new Set<string>()
  /** What an issued URL permits: blob and method. */
  const signatures = new Map<string, { readonly blob: string; readonly may: 'read' | 'write' }>()
  let nextId = 1

  const server = await startLoopback((request, response) => {
    void serve(request, response).catch((thrown: unknown) => {
      violations.push(`fake: ${String((thrown as Error).stack)}`)
      if (!response.headersSent) send(response, twirp(500, 'internal', 'The fake failed'))
    })
  }, options)
  const url = options.advertise === undefined ? server.url : `http://${options.advertise}:${server.port}`

  const signed = (blob: string, may: 'read' | 'write'): string => {
    const sig = randomBytes(24).toString('base64url')
    signatures.set(sig, { blob, may })
    return `${url}/blobs/actions/${blob}?sp=${may === 'read' ? 'r' : 'cw'}&sig=${sig}`
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method ?? 'GET'
    const target = new URL(request.url ?? '/', server.url)
    const at = target.pathname.indexOf(service)
    const name = at < 0 ? undefined : target.pathname.slice(at + service.length)
    const what = name ?? `blob ${target.searchParams.get('comp') ?? method.toLowerCase()}`
    const fault = faults.take(method, request.url ?? '/')
    const record = (status: number, key?: string): void => {
      requests.push({ method, what, status, ...(key !== undefined && { key }) })
    }
    const body = await receive(fault, request, response, server)
    if (!body) return record(0)
    const asked = name === undefined ? undefined : parse(body)
    const key = asked && String(asked.key)
    const answer =
      fault?.answer ?? (name === undefined ? answerBlob(request, target, body) : answerCall(request, name, asked))
    if (fault?.cut === 'before-answer') {
      response.destroy()
      return record(0, key)
    }
    record(fault?.cut ? 0 : answer.status, key)
    // BuildKit dereferences the request ID without checking that it exists.
    const headers = { 'x-ms-request-id': randomUUID(), 'x-ms-version': '2025-01-05', ...answer.headers }
    send(response, { ...answer, headers }, fault?.cut !== undefined)
  }

  function answerCall(
    request: IncomingMessage,
    name: string,
    asked: Readonly<Record<string, unknown>> | undefined,
  ): Answer {
    if (request.method !== 'POST') return twirp(405, 'bad_route', `unsupported method ${request.method}`)
    const claims = claimsOf(request)
    if (!claims) return twirp(401, 'unauthenticated', 'invalid token')
    if (!asked) {
      violations.push(`${name}: the body is not a JSON object`)
      return twirp(400, 'malformed', 'the json request could not be decoded')
    }
    const { key, version } = asked
    if (
      typeof key !== 'string' ||
      key === '' ||
      key.length > 512 ||
      key.includes(',') ||
      typeof version !== 'string' ||
      version === ''
    ) {
      violations.push(`${name}: key ${JSON.stringify(key)}, version ${JSON.stringify(version)}`)
      return twirp(400, 'invalid_argument', 'key or version is invalid')
    }
    if (name === 'GetCacheEntryDownloadURL') {
      const { restore_keys: restoreKeys = [] } = asked
      const found = findEntry(entries, { key, version, restoreKeys: restoreKeys as string[] }, claims.scopes)
      if (!found) return json({ ok: false, signed_download_url: '', matched_key: '' })
      return json({ ok: true, signed_download_url: signed(found.blob, 'read'), matched_key: found.key })
    }
    const scope = claims.scopes.find(({ permission }) => permission === 'read-write')?.scope
    if (scope === undefined || fake.denyWrites) {
      return json({ ok: false, message: writeDenied })
    }
    const own = entries.find((entry) => entry.key === key && entry.version === version && entry.scope === scope)
    if (name === 'CreateCacheEntry') {
      if (own) return twirp(409, 'already_exists', `cache entry with the same key, version, and scope already exists`)
      const entry = { id: nextId++, key, version, scope, blob: randomUUID(), finalised: false, size: 0 }
      entries.push(entry)
      return json({ ok: true, signed_upload_url: signed(entry.blob, 'write') })
    }
    if (name === 'FinalizeCacheEntryUpload') {
      if (!own || own.finalised) return twirp(404, 'not_found', 'there is no upload for this key')
      const bytes = blobs.get(own.blob)
      if (!bytes || Number(asked.size_bytes) !== bytes.length) {
        violations.push(`${name}: ${key} is ${bytes?.length ?? 'no'} bytes, not ${String(asked.size_bytes)}`)
        return json({ ok: false, entry_id: '0' })
      }
      own.finalised = true
      own.size = bytes.length
      return json({ ok: true, entry_id: String(own.id) })
    }
    return twirp(404, 'bad_route', `no handler for ${name}`)
  }

  function answerBlob(request: IncomingMessage, target: URL, body: Buffer): Answer {
    const name = /^\/blobs\/actions\/([\w-]+)$/.exec(target.pathname)?.[1]
    const allowed = signatures.get(target.searchParams.get('sig') ?? '')
    const may = request.method === 'PUT' ? 'write' : 'read'
    if (name === undefined || allowed?.blob !== name || allowed.may !== may) return error(403, 'AuthenticationFailed')
    return blobs.answer({
      method: request.method ?? 'GET',
      name,
      query: target.searchParams,
      headers: request.headers,
      body,
    })
  }

  function claimsOf(request: IncomingMessage): Claims | undefined {
    const token = /^bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? ''
    const claims = tokens.has(token) ? readToken(token) : undefined
    return claims && claims.expires * 1000 > Date.now() ? claims : undefined
  }

  const token: FakeCacheService['token'] = (given = scopes.branch('main'), { expiresInSeconds = 6 * 3600 } = {}) => {
    const made = makeToken({ scopes: given, expires: Math.floor(Date.now() / 1000) + expiresInSeconds })
    tokens.add(made)
    return made
  }
  const fake: FakeCacheService = {
    url,
    entries,
    requests,
    violations,
    faults,
    denyWrites: false,
    blobs,
    token,
    environment: (given = token()) => ({
      ACTIONS_RUNTIME_TOKEN: given,
      ACTIONS_RUNTIME_URL: `${url}/`,
      ACTIONS_RESULTS_URL: `${url}/`,
      ACTIONS_CACHE_URL: `${url}/`,
      ACTIONS_CACHE_SERVICE_V2: 'True',
    }),
    vanish: server.vanish,
    comeBack: server.comeBack,
    close: server.close,
  }
  return fake
}

export const writeDenied = 'cache write denied: the token has no scope that it may write to'

const json = (body: object): Answer => ({ status: 200, body })

/** Source: Twirp wire protocol v7, "Error Codes". */
export const twirp = (status: number, code: string, msg: string): Answer => ({ status, body: { code, msg } })

function parse(body: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'))
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
