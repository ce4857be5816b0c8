import type { IncomingHttpHeaders } from 'node:http'
import { request as plain } from 'node:http'
import { request as secure } from 'node:https'

export interface Reply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  readonly json: () => Record<string, unknown>
  /** Version of TLS, where it was one. */
  readonly protocol: string | undefined
}

export interface Ask {
  readonly method?: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** Certificate to trust, for https. */
  readonly ca?: string
  readonly tls?: 'TLSv1.2' | 'TLSv1.3'
}

/** One request without keep-alive, redirects or environment proxies. */
export function ask(url: string, options: Ask = {}): Promise<Reply> {
  const body = options.body === undefined ? undefined : JSON.stringify(options.body)
  return new Promise((resolve, reject) => {
    const request = (url.startsWith('https:') ? secure : plain)(
      url,
      {
        method: options.method ?? (body === undefined ? 'GET' : 'POST'),
        headers: {
          connection: 'close',
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...options.headers,
        },
        agent: false,
        timeout: 10_000,
        ...(options.ca !== undefined && { ca: options.ca }),
        ...(options.tls !== undefined && { minVersion: options.tls, maxVersion: options.tls }),
      },
      (answer) => {
        const socket = answer.socket as { getProtocol?: () => string | null }
        const protocol = socket.getProtocol?.() ?? undefined
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => chunks.push(chunk))
        answer.on('error', reject)
        answer.on('end', () => {
          const text = Buffer.concat(chunks).toString()
          resolve({
            status: answer.statusCode ?? 0,
            headers: answer.headers,
            text,
            json: () => JSON.parse(text) as Record<string, unknown>,
            protocol,
          })
        })
      },
    )
    request.on('timeout', () => request.destroy(new Error(`${url} did not answer in time`)))
    request.on('error', reject)
    request.end(body)
  })
}
