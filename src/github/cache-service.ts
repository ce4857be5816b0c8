import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import type { Clock } from '../core/host.ts'
import { type Exchange, type Response, readBody } from '../registry/http.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** The cache service (v2) of a runner, for small texts. Every call ends within the deadline: rejects with what went wrong, in one line. */
export interface CacheService {
  /** The newest entry whose key begins with `prefix`; undefined where there is none. */
  find(prefix: string): Promise<{ readonly key: string; readonly url: string } | undefined>
  read(url: string): Promise<Buffer>
  /** Keeps what is there already under this key: keys name what they hold. */
  save(key: string, content: Buffer): Promise<void>
}

interface CacheServiceSetting {
  readonly environment: Environment
  readonly exchange: Exchange
  readonly clock: Clock
  readonly deadlineMs?: number
}

const service = 'twirp/github.actions.results.api.v1.CacheService/'
// What is kept has one form; another form is another version, and the service keeps them apart.
const version = createHash('sha256').update('aicleaner-build 1').digest('hex')
const largestEntry = 64 * 1024 * 1024

/** Spoken to directly: @actions/cache takes no deadline, tries five times over half a minute, and makes an error annotation of it. */
export function createCacheService({
  environment,
  exchange,
  clock,
  deadlineMs = 10_000,
}: CacheServiceSetting): CacheService {
  const base = (environment.ACTIONS_RESULTS_URL ?? '').replace(/\/?$/, '/')

  const within = async <T>(work: Promise<T>): Promise<T> => {
    const stop = new AbortController()
    const late = clock.sleep(deadlineMs, stop.signal).then(() => {
      throw new Error(`no response within ${deadlineMs / 1000} s`)
    })
    // When it comes second nobody looks at it any more.
    for (const one of [late, work]) one.catch(() => {})
    return Promise.race([work, late]).finally(() => stop.abort())
  }

  const call = async (method: string, body: object): Promise<{ readonly status: number; readonly answer: Answer }> => {
    const response = await exchange({
      method: 'POST',
      url: `${base}${service}${method}`,
      headers: {
        authorization: `Bearer ${environment.ACTIONS_RUNTIME_TOKEN ?? ''}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify(body),
    })
    return { status: response.status, answer: parse(await readBody(response)) }
  }

  return {
    find: (prefix) =>
      within(
        call('GetCacheEntryDownloadURL', { key: prefix, restore_keys: [prefix], version }).then(
          ({ status, answer }) => {
            if (status !== 200) throw refusal(status, answer)
            return answer.ok && answer.signed_download_url && answer.matched_key
              ? { key: answer.matched_key, url: answer.signed_download_url }
              : undefined
          },
        ),
      ),
    read: (url) =>
      within(exchange({ method: 'GET', url }).then((response) => readBody(expect(response, 200), largestEntry))),
    save: (key, content) =>
      within(
        (async () => {
          const { status, answer } = await call('CreateCacheEntry', { key, version })
          if (status === 409) return
          if (status !== 200 || !answer.ok || !answer.signed_upload_url) throw refusal(status, answer)
          const sent = await exchange({
            method: 'PUT',
            url: answer.signed_upload_url,
            headers: {
              'x-ms-blob-type': 'BlockBlob',
              'content-type': 'application/octet-stream',
              'content-length': String(content.length),
            },
            body: Readable.from([content], { objectMode: false }),
          })
          expect(sent, 201).body.resume()
          const done = await call('FinalizeCacheEntryUpload', { key, version, size_bytes: String(content.length) })
          if (done.status !== 200 || !done.answer.ok) throw refusal(done.status, done.answer)
        })(),
      ),
  }
}

interface Answer {
  readonly ok?: boolean
  readonly signed_download_url?: string
  readonly signed_upload_url?: string
  readonly matched_key?: string
  readonly message?: string
  readonly msg?: string
}

const refusal = (status: number, { msg, message }: Answer): Error =>
  new Error(`the cache service returned ${status}${msg || message ? `: ${msg || message}` : ''}`)

function expect(response: Response, status: number): Response {
  if (response.status === status) return response
  response.body.destroy()
  throw refusal(response.status, {})
}

function parse(body: Buffer): Answer {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'))
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}
