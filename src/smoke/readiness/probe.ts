import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { connect } from 'node:net'
import { messageOf } from '../../core/diagnostics.ts'

export type ProbeResult = { readonly status: number } | { readonly open: true } | { readonly failed: string }

export type Headers = Readonly<Record<string, string>>

export type Scheme = 'http' | 'https'

interface HttpProbe {
  readonly address: string
  readonly scheme: Scheme
  readonly port: number
  readonly path: string
  readonly timeoutMs: number
  readonly headers?: Headers
}

/** Probes ports of a container from outside. */
export interface Prober {
  http(probe: HttpProbe): Promise<ProbeResult>
  tcp(address: string, port: number, timeoutMs: number): Promise<ProbeResult>
}

/** From this process, over the bridge: works with a local daemon on Linux, without published ports. */
export const directProber: Prober = {
  http: ({ address, scheme, port, path, timeoutMs, headers }) =>
    new Promise((resolve) => {
      const request = (scheme === 'https' ? requestHttps : requestHttp)(
        {
          host: address,
          port,
          path,
          method: 'GET',
          timeout: timeoutMs,
          headers: { 'user-agent': 'aicleaner-build', ...headers },
          // The certificate of an add-on is never for this address.
          ...(scheme === 'https' && { rejectUnauthorized: false }),
        },
        (response) => {
          response.destroy()
          resolve({ status: response.statusCode ?? 0 })
        },
      )
      request.on('timeout', () => request.destroy(timeoutError(timeoutMs)))
      request.on('error', (thrown) => resolve({ failed: describeError(thrown) }))
      request.end()
    }),
  tcp: (address, port, timeoutMs) =>
    new Promise((resolve) => {
      const socket = connect({ host: address, port, timeout: timeoutMs })
      socket.on('connect', () => {
        socket.destroy()
        resolve({ open: true })
      })
      socket.on('timeout', () => socket.destroy(timeoutError(timeoutMs)))
      socket.on('error', (thrown) => resolve({ failed: describeError(thrown) }))
    }),
}

const timeoutError = (timeoutMs: number): Error => new Error(`no response within ${timeoutMs / 1000} s`)

const describeError = (thrown: Error & { code?: string }): string =>
  ({ ECONNREFUSED: 'connection refused', EHOSTUNREACH: 'no route to host', ECONNRESET: 'connection reset' })[
    thrown.code ?? ''
  ] ?? messageOf(thrown)
