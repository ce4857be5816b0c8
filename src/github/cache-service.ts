import { Readable } from 'node:stream'
import type { Clock } from '../core/host.ts'
import { fieldOf, parseJsonText, textOf } from '../core/json-fields.ts'
import { sha256Hex } from '../core/sha256.ts'
import { type Exchange, type Response, readBody } from '../registry/http.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** The cache service (v2) of a runner, for small texts. Every call ends within the deadline and rejects with a one-line message. */
export interface CacheService {
  /** The newest entry whose key begins with `prefix`; undefined if there is none. */
  find(prefix: string): Promise<{ readonly key: string; readonly url: string } | undefined>
  read(url: string): Promise<Buffer>
  /** Keeps an entry that already has this key: a key identifies its content. */
  save(key: string, content: Buffer): Promise<void>
}

interface CacheServiceSetting {
  readonly environment: Environment
  readonly exchange: Exchange
  readonly clock: Clock
  readonly deadlineMs?: number
}

const service = 'twirp/github.actions.results.api.v1.CacheService/'
// A different format of the content needs a different version, which the service keeps apart.
const version = sha256Hex('aicleaner-build 1')
const largestEntry = 64 * 1024 * 1024

/**
 * A client of our own, because @actions/cache (6.3.0) cannot be aborted, retries for half a minute and reports that as a miss, writes
 * `::warning::` annotations and a dozen log lines for each call, and leaves a folder in RUNNER_TEMP.
 */
export function createCacheService({
  environment,
  exchange,
  clock,
  deadlineMs = 10_000,
}: CacheServiceSetting): CacheService {
  const base = (environment.ACTIONS_RESULTS_URL ?? '').replace(/\/?$/, '/')

  const within = async <T>(task: () => Promise<T>): Promise<T> => {
    const work = task()
    const stop = new AbortController()
    const late = clock.sleep(deadlineMs, stop.signal).then(() => {
      throw new Error(`no response within ${deadlineMs / 1000} s`)
    })
    // The promise that loses the race may still reject; that must not count as unhandled.
    for (const one of [late, work]) one.catch(() => {})
    return Promise.race([work, late]).finally(() => stop.abort())
  }

  const call = async (method: string, body: object): Promise<{ readonly status: number; readonly answer: unknown }> => {
    const response = await exchange({
      method: 'POST',
      url: `${base}${service}${method}`,
      headers: {
        authorization: `Bearer ${environment.ACTIONS_RUNTIME_TOKEN ?? ''}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify(body),
    })
    return { status: response.status, answer: parseJsonText((await readBody(response)).toString('utf8')) }
  }

  return {
    find: (prefix) =>
      within(async () => {
        const { status, answer } = await call('GetCacheEntryDownloadURL', {
          key: prefix,
          restore_keys: [prefix],
          version,
        })
        if (status !== 200) throw refusal(status, answer)
        const [key, url] = [textOf(answer, 'matched_key'), textOf(answer, 'signed_download_url')]
        return isOk(answer) && key !== '' && url !== '' ? { key, url } : undefined
      }),
    read: (url) => within(async () => readBody(expect(await exchange({ method: 'GET', url }), 200), largestEntry)),
    save: (key, content) =>
      within(async () => {
        const { status, answer } = await call('CreateCacheEntry', { key, version })
        if (status === 409) return
        const url = textOf(answer, 'signed_upload_url')
        if (status !== 200 || !isOk(answer) || url === '') throw refusal(status, answer)
        const sent = await exchange({
          method: 'PUT',
          url,
          headers: {
            'x-ms-blob-type': 'BlockBlob',
            'content-type': 'application/octet-stream',
            'content-length': String(content.length),
          },
          body: Readable.from([content], { objectMode: false }),
        })
        expect(sent, 201).body.resume()
        const done = await call('FinalizeCacheEntryUpload', { key, version, size_bytes: String(content.length) })
        if (done.status !== 200 || !isOk(done.answer)) throw refusal(done.status, done.answer)
      }),
  }
}

const isOk = (answer: unknown): boolean => fieldOf(answer, 'ok') === true

function refusal(status: number, answer?: unknown): Error {
  const why = textOf(answer, 'msg') || textOf(answer, 'message')
  return new Error(`the cache service returned ${status}${why && `: ${why}`}`)
}

function expect(response: Response, status: number): Response {
  if (response.status === status) return response
  response.body.destroy()
  throw refusal(response.status)
}
