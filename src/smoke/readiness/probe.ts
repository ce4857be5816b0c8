import { request as plain } from 'node:http'
import { request as secure } from 'node:https'
import { connect } from 'node:net'
import { messageOf } from '../../core/diagnostics.ts'

/** What one look at a port showed. */
export type Seen = { readonly status: number } | { readonly open: true } | { readonly failed: string }

export type Headers = Readonly<Record<string, string>>

/** Looks at a port of a container from outside of it. */
export interface Prober {
  http(address: string, scheme: Scheme, port: number, path: string, timeoutMs: number, headers?: Headers): Promise<Seen>
  tcp(address: string, port: number, timeoutMs: number): Promise<Seen>
}

/** From this process, over the bridge: what a local daemon on Linux allows without publishing a port. */
export const directProber: Prober = {
  http: (address, scheme, port, path, timeoutMs, headers) =>
    new Promise((resolve) => {
      const outgoing = (scheme === 'https' ? secure : plain)(
        {
          host: address,
          port,
          path,
          method: 'GET',
          timeout: timeoutMs,
          headers: { 'user-agent': 'aicleaner-build', ...headers },
          // An add-on's own certificate is for its users' host name, never for this address.
          ...(scheme === 'https' && { rejectUnauthorized: false }),
        },
        (answer) => {
          answer.destroy()
          resolve({ status: answer.statusCode ?? 0 })
        },
      )
      outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)))
      outgoing.on('error', (thrown) => resolve({ failed: reason(thrown) }))
      outgoing.end()
    }),
  tcp: (address, port, timeoutMs) =>
    new Promise((resolve) => {
      const socket = connect({ host: address, port, timeout: timeoutMs })
      socket.on('connect', () => {
        socket.destroy()
        resolve({ open: true })
      })
      socket.on('timeout', () => socket.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)))
      socket.on('error', (thrown) => resolve({ failed: reason(thrown) }))
    }),
}

const reason = (thrown: Error & { code?: string }): string =>
  ({ ECONNREFUSED: 'connection refused', EHOSTUNREACH: 'no route to it', ECONNRESET: 'connection closed' })[
    thrown.code ?? ''
  ] ?? messageOf(thrown)

export type Scheme = 'http' | 'https'
