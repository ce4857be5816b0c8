import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import type { HttpClient } from '@actions/http-client'
import { messageOf } from '../core/diagnostics.ts'
import { codeOfConnection, describeConnection } from './connection.ts'
import { RegistryError } from './error.ts'

export interface Request {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Readable
  /** `never`: a redirect is the response, as it is for every method but GET and HEAD. Default: five are followed. */
  readonly redirects?: 'follow' | 'never'
}

export interface Response {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Must be read to its end or destroyed. */
  readonly body: IncomingMessage
  /** After a redirect: the other origin that sent this response. It gets no login. */
  readonly redirectedTo?: string
}

/** One exchange. Rejects with a RegistryError when the connection fails, or the server redirects to an address that must not be used. */
export type Exchange = (request: Request) => Promise<Response>

interface Timeouts {
  /** How long a connection may be idle. Default 60,000 ms. */
  readonly socketMs?: number
  /** From the end of the request to the head of the response: a server that sends a byte now and then is never idle. Default 120,000 ms. */
  readonly answerMs?: number
}

const defaultAnswerMs = 120_000
const mostRedirects = 5

/** Real HTTP: proxies from the environment, kept connections, and redirects, along which a login stays at the origin that it is for. */
export function createExchange(
  userAgent: string,
  { socketMs = 60_000, answerMs = defaultAnswerMs }: Timeouts = {},
): Exchange {
  // One for each origin: a client uses the agent of its first request for all others, even with another protocol.
  const clients = new Map<string, Promise<HttpClient>>()
  const clientFor = (origin: string): Promise<HttpClient> => {
    const client = clients.get(origin) ?? openClient(userAgent, socketMs)
    clients.set(origin, client)
    return client
  }
  const once = async ({ method, url, headers = {}, body }: Request): Promise<IncomingMessage> => {
    const stream = typeof body === 'object' ? body : undefined
    const { host, origin } = addressOf(url)
    // A broken stream must fail the request, not the process, and a failed request must close the file.
    const broken = new Promise<never>((_, reject) => {
      stream?.on('error', (thrown) => reject(unreadable(thrown, host)))
    })
    broken.catch(() => {})
    try {
      const client = await clientFor(origin)
      const answer = client.request(method, url, body ?? (null as unknown as string), { ...headers })
      const { message } = await Promise.race([within(answer, answerMs, stream), broken])
      return message
    } catch (thrown) {
      stream?.destroy()
      if (thrown instanceof RegistryError) throw thrown
      throw new RegistryError(
        codeOfConnection(thrown),
        `The connection to ${host} failed (${method}): ${describeConnection(thrown)}`,
        { cause: thrown },
      )
    }
  }
  return async (request) => {
    const follows = request.redirects !== 'never' && (request.method === 'GET' || request.method === 'HEAD')
    const asked = addressOf(request.url).origin
    let { url, headers = {} } = request
    for (let left = mostRedirects; ; left -= 1) {
      const message = await once({ ...request, url, headers })
      const { origin } = addressOf(url)
      const status = message.statusCode ?? 0
      const { location } = message.headers
      if (!follows || !isRedirect(status) || location === undefined) {
        const response = { status, headers: flatten(message.headers), body: message }
        return origin === asked ? response : { ...response, redirectedTo: origin }
      }
      message.destroy()
      if (left === 0)
        throw new RegistryError('INVALID_RESPONSE', `${asked} redirects more than ${mostRedirects} times.`)
      url = locationOf(location, url)
      // A redirect back gets no login either: another origin chose its address.
      if (addressOf(url).origin !== asked) headers = withoutLogin(headers)
    }
  }
}

const isRedirect = (status: number): boolean => [301, 302, 303, 307, 308].includes(status)

const withoutLogin = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !/^(authorization|cookie)$/i.test(name)))

/** @throws RegistryError for anything but an HTTP address without a login. */
export function addressOf(url: string, base?: string): URL {
  const address = url.length <= longestAddress && URL.canParse(url, base) ? new URL(url, base) : undefined
  if (address && /^https?:$/.test(address.protocol) && address.username === '' && address.password === '') {
    return address
  }
  throw new RegistryError(
    'INVALID_RESPONSE',
    `${quoted(withoutUser(url))} is not an HTTP address, or has a login in it.`,
  )
}

/** Maximum characters of an address. Storage services sign their addresses, which makes them long. */
const longestAddress = 8_192

/** A text with an address in it, without the login of the address. */
export const withoutUser = (text: string): string => text.slice(0, longestAddress).replace(/\/\/[^/?#]*@/, '//***@')

const quoted = (text: string): string => JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text)

/** The address in a `Location` header. Throws a RegistryError for an invalid address, and for one that leaves TLS. */
export function locationOf(location: string, from: string): string {
  const target = addressOf(location, from)
  if (addressOf(from).protocol === 'https:' && target.protocol !== 'https:') {
    throw new RegistryError(
      'INVALID_RESPONSE',
      `${addressOf(from).host} redirects to ${target.host}, which is without TLS.`,
    )
  }
  return target.href
}

/** A blob that comes from another registry may be sent again if that one's failure may be transient; a file that cannot be read stays so. */
const unreadable = (thrown: unknown, host: string): RegistryError =>
  new RegistryError(
    thrown instanceof RegistryError ? thrown.code : 'INVALID_IMAGE',
    `The content to send to ${host} cannot be read: ${messageOf(thrown)}`,
    { cause: thrown },
  )

/** @param after the time begins when this has been read to its end: a large upload takes long. */
async function within<T>(work: Promise<T>, ms: number, after: Readable | undefined): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = Promise.withResolvers<never>()
  const start = () => {
    timer = setTimeout(() => late.reject(new Error(`no response within ${ms / 1000} s`)), ms)
  }
  if (after) after.once('end', start)
  else start()
  // It may still fail after the timeout; that must not count as unhandled.
  work.catch(() => {})
  try {
    return await Promise.race([work, late.promise])
  } finally {
    // A response may come before the end of the request.
    after?.off('end', start)
    clearTimeout(timer)
  }
}

/** Loaded with the first request: it is large, and builds start before the first request. */
async function openClient(userAgent: string, socketTimeout: number): Promise<HttpClient> {
  const { HttpClient: Client } = await import('@actions/http-client')
  return new Client(userAgent, [], {
    keepAlive: true,
    allowRetries: false,
    // Redirects are followed above, because the client would send the login to another port.
    allowRedirects: false,
    socketTimeout,
  })
}

const flatten = (headers: IncomingMessage['headers']): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value = '']) => [name, [value].flat().join(', ')]))

/** The whole body. Rejects with a RegistryError beyond `limit` bytes and after `timeoutMs`: a registry may lie, or send a byte a minute. */
export async function readBody(
  response: Response,
  limit = 4 * 1024 * 1024,
  timeoutMs = defaultAnswerMs,
): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  const timer = setTimeout(
    () => response.body.destroy(new Error(`it took longer than ${timeoutMs / 1000} s`)),
    timeoutMs,
  )
  try {
    for await (const chunk of response.body as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > limit) {
        throw new RegistryError('INVALID_RESPONSE', `The response of the registry is larger than ${limit} bytes.`)
      }
      chunks.push(chunk)
    }
  } catch (thrown) {
    if (thrown instanceof RegistryError) throw thrown
    throw new RegistryError('CONNECTION_FAILED', `The connection broke during the response: ${messageOf(thrown)}`, {
      cause: thrown,
    })
  } finally {
    clearTimeout(timer)
  }
  return Buffer.concat(chunks)
}

/** Ends a body that comes slower than 1 kB a minute, with a RegistryError. One that waits for its reader is not slow. */
export function cutWhenSlow(body: IncomingMessage, windowMs = 60_000): void {
  const { socket } = body
  let before = socket.bytesRead
  const timer = setInterval(() => {
    const isSlow = socket.bytesRead - before < 1024 && body.readableLength === 0
    before = socket.bytesRead
    if (!isSlow) return
    body.destroy(new RegistryError('CONNECTION_FAILED', `The registry sent less than 1 kB in ${windowMs / 1000} s.`))
  }, windowMs).unref()
  body.once('close', () => clearInterval(timer))
}

/** Reads a body that is not needed, so that its connection can be used again; a long or slow one is cut. */
export function discard({ body }: Response): void {
  let left = 64 * 1024
  const timer = setTimeout(() => body.destroy(), 10_000).unref()
  body.on('data', (chunk: Buffer) => {
    left -= chunk.length
    if (left < 0) body.destroy()
  })
  body.once('close', () => clearTimeout(timer))
}
