import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import type { HttpClient } from '@actions/http-client'
import { messageOf } from '../diagnostics.ts'
import { RegistryError } from './error.ts'

export interface Request {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Readable
}

export interface Response {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Must be read to its end or destroyed. */
  readonly body: IncomingMessage
}

/** One exchange. Rejects with a RegistryError without a status when the connection fails. */
export type Exchange = (request: Request) => Promise<Response>

const socketTimeoutMs = 60_000

/** Real HTTP: proxies from the environment, redirects (the login is not carried to another host), kept connections. */
export function createExchange(userAgent: string): Exchange {
  // One for each origin: a client keeps the agent of its first request for all that follow, of another protocol too.
  const clients = new Map<string, Promise<HttpClient>>()
  const clientFor = (origin: string): Promise<HttpClient> => {
    const client = clients.get(origin) ?? openClient(userAgent)
    clients.set(origin, client)
    return client
  }
  return async ({ method, url, headers = {}, body }) => {
    // A stream that breaks must fail the request, not the process; and a request that breaks must let go of the file.
    const stream = typeof body === 'object' ? body : undefined
    let broken: unknown
    stream?.on('error', (thrown) => {
      broken = thrown
    })
    try {
      const client = await clientFor(new URL(url).origin)
      const { message } = await client.request(method, url, body ?? (null as unknown as string), { ...headers })
      if (broken) throw broken
      return { status: message.statusCode ?? 0, headers: flatten(message.headers), body: message }
    } catch (thrown) {
      stream?.destroy()
      throw new RegistryError(`${method} ${new URL(url).host}: ${messageOf(thrown)}`, undefined, undefined, thrown)
    }
  }
}

/** Loaded with the first request: it is large, and the builds begin before anybody asks a registry. */
async function openClient(userAgent: string): Promise<HttpClient> {
  const { HttpClient: Client } = await import('@actions/http-client')
  return new Client(userAgent, [], {
    keepAlive: true,
    allowRetries: false,
    maxRedirects: 5,
    socketTimeout: socketTimeoutMs,
  })
}

const flatten = (headers: IncomingMessage['headers']): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.toLowerCase(),
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  )

/** The whole body, refused beyond `limit` bytes: manifests and tokens are small, and a registry may lie. */
export async function readBody(response: Response, limit = 4 * 1024 * 1024): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of response.body as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > limit) throw new RegistryError(`The registry's answer is larger than ${limit} bytes.`, 400)
      chunks.push(chunk)
    }
  } catch (thrown) {
    if (thrown instanceof RegistryError) throw thrown
    throw new RegistryError(
      `The connection broke while the answer was read: ${messageOf(thrown)}`,
      undefined,
      undefined,
      thrown,
    )
  }
  return Buffer.concat(chunks)
}

/** The registry's own words, in one short line, and its code. Source: distribution spec, "Error codes". */
export function describe(body: Buffer): { readonly words: string; readonly code?: string } {
  try {
    const { errors } = JSON.parse(body.toString('utf8')) as { errors?: { code?: string; message?: string }[] }
    const [first] = errors ?? []
    if (!first) return { words: '' }
    const { code = '', message = '' } = first
    return { words: ` (${`${code}: ${message}`.slice(0, 200)})`, code: String(code) }
  } catch {
    return { words: '' }
  }
}

/** Seconds or a date. Source: RFC 9110, 10.2.3. */
export function retryAfter(response: Response): number | undefined {
  const value = response.headers['retry-after']
  if (!value) return undefined
  const seconds = Number(value)
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(value) - Date.now()
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined
}
