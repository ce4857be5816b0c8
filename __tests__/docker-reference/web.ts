import type { IncomingHttpHeaders } from 'node:http'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'

export interface HttpResponse {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  readonly json: () => Record<string, unknown>
  /** The TLS version, if the connection uses TLS. */
  readonly protocol: string | undefined
}

export interface RequestOptions {
  readonly method?: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** CA certificate to trust, for https. */
  readonly ca?: string
  readonly tls?: 'TLSv1.2' | 'TLSv1.3'
}

/** Sends one request, without keep-alive, redirects or proxies from the environment. */
export function request(url: string, options: RequestOptions = {}): Promise<HttpResponse> {
  const body = options.body === undefined ? undefined : JSON.stringify(options.body)
  return new Promise((resolve, reject) => {
    const sent = (url.startsWith('https:') ? httpsRequest : httpRequest)(
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
      (response) => {
        const socket = response.socket as { getProtocol?: () => string | null }
        const protocol = socket.getProtocol?.() ?? undefined
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString()
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text,
            json: () => JSON.parse(text) as Record<string, unknown>,
            protocol,
          })
        })
      },
    )
    sent.on('timeout', () => sent.destroy(new Error(`${url} did not respond in time`)))
    sent.on('error', reject)
    sent.end(body)
  })
}
