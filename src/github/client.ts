import { getOctokit } from '@actions/github'
import { messageOf } from '../core/diagnostics.ts'
import { nextLink, retryAfter } from '../core/http-headers.ts'
import { fieldOf, numberOf } from '../core/json-fields.ts'
import { retry } from '../core/retry.ts'
import { trimEndChars } from '../core/text.ts'
import { type Parameters, type RestClient, RestError, type RestResponse } from './rest.ts'

interface ClientOptions {
  readonly token: string
  /** `GITHUB_API_URL`. */
  readonly baseUrl: string
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>
  readonly now?: () => number
  readonly signal?: AbortSignal
  /** For each request; default 30,000 ms. */
  readonly timeoutMs?: number
  /** Default 4. */
  readonly retries?: number
}

/** Maximum wait before a retry. A comment is not worth a longer one. */
const longestWait = 60_000

/** The only module that loads @actions/github, which supports the proxy settings of the runner: import it lazily. */
export function makeClient(options: ClientOptions): RestClient {
  const { token, baseUrl, sleep, signal, timeoutMs = 30_000, retries = 4, now = Date.now } = options
  const octokit = getOctokit(token, { baseUrl: trimEndChars(baseUrl, '/'), log: silent })

  const once = async (route: string, parameters: Parameters): Promise<RestResponse> => {
    const limit = AbortSignal.timeout(timeoutMs)
    try {
      const { data, headers } = await octokit.request(route, {
        ...parameters,
        request: { signal: signal ? AbortSignal.any([signal, limit]) : limit },
      })
      return { data, headers: textOnly(headers) }
    } catch (thrown) {
      throw asRestError(thrown)
    }
  }

  const request = (route: string, parameters: Parameters = {}): Promise<RestResponse> => {
    const waitMs = (thrown: unknown, attempt: number) =>
      thrown instanceof RestError ? waitBefore(thrown, route, attempt - 1, now()) : undefined
    return retry({ sleep, signal, attempts: retries + 1, waitMs }, () => once(route, parameters))
  }

  async function* pages(route: string, parameters: Parameters = {}): AsyncGenerator<readonly unknown[]> {
    let query: Parameters | undefined = { per_page: 100, ...parameters }
    while (query) {
      const { data, headers }: RestResponse = await request(route, query)
      yield Array.isArray(data) ? data : []
      const next = nextQuery(headers.link)
      query = next && { ...parameters, ...next }
    }
  }

  return { request, pages }
}

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/**
 * Milliseconds to wait before a retry; undefined: do not retry.
 * A POST is repeated only if the server said that it did nothing: otherwise there might be two results.
 */
export function waitBefore(
  { status, headers }: RestError,
  route: string,
  attempt: number,
  now: number,
): number | undefined {
  const limited =
    status === 429 ||
    (status === 403 && (headers['retry-after'] !== undefined || headers['x-ratelimit-remaining'] === '0'))
  const broken = status === 0 || status === 408 || status >= 500
  if (!limited && !(broken && !route.startsWith('POST '))) return undefined
  const wait = requestedWait(headers, now) ?? 500 * 2 ** attempt
  return wait <= longestWait ? wait : undefined
}

/** The wait that the server asks for: seconds or a date in `retry-after`, or the time at which the limit resets. */
function requestedWait(headers: RestError['headers'], now: number): number | undefined {
  const after = retryAfter(headers['retry-after'], now)
  if (after !== undefined) return after
  const reset = headers['x-ratelimit-remaining'] === '0' ? Number(headers['x-ratelimit-reset']) : Number.NaN
  return Number.isNaN(reset) ? undefined : Math.max(0, reset * 1000 - now)
}

/** The query of the next page. Its host is ignored: behind a proxy it may not be reachable. */
export function nextQuery(link: string | undefined): Parameters | undefined {
  const target = nextLink(link)
  if (target === undefined || !URL.canParse(target, 'http://localhost')) return undefined
  return Object.fromEntries(new URL(target, 'http://localhost').searchParams)
}

function asRestError(thrown: unknown): RestError {
  // Octokit reports a failed connection as status 500, but without a response.
  const status = fieldOf(thrown, 'response') === undefined ? undefined : numberOf(thrown, 'status')
  return new RestError(status ?? 0, messageOf(thrown), textOnly(fieldOf(thrown, 'response', 'headers')), thrown)
}

const textOnly = (headers: unknown): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(typeof headers === 'object' && headers !== null ? headers : {}).flatMap(([name, value]) =>
      value === undefined ? [] : [[name.toLowerCase(), String(value)]],
    ),
  )
