import http from 'node:http'
import https from 'node:https'
import net from 'node:net'

export type ProbeResult = { readonly status: number } | { readonly open: true } | { readonly failed: string }

export type Headers = Readonly<Record<string, string>>

export type Scheme = 'http' | 'https'

interface PortProbe {
  readonly kind: Scheme | 'tcp'
  readonly address: string
  readonly port: number
  /** Empty for `tcp`. */
  readonly path: string
  readonly timeoutMs: number
  readonly headers?: Headers
}

/** Probes a port of a container from outside. */
export type Prober = (probe: PortProbe) => Promise<ProbeResult>

const modules = { http, https, net }

/** Probes a port from where it runs. Uses only its parameters, because the relay's container runs its text. */
export function probePort(
  { kind, address: host, port, path, timeoutMs: timeout, headers }: PortProbe,
  { http, https, net }: typeof modules,
): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const timedOut = new Error(`no response within ${timeout / 1000} s`)
    const reasons = new Map([
      ['ECONNREFUSED', 'connection refused'],
      ['EHOSTUNREACH', 'no route to host'],
      ['ECONNRESET', 'connection reset'],
    ])
    const failed = (thrown: Error & { code?: string }): void =>
      resolve({ failed: reasons.get(thrown.code ?? '') ?? thrown.message })
    if (kind === 'tcp') {
      const socket = net.connect({ host, port, timeout })
      socket.on('connect', () => {
        socket.destroy()
        resolve({ open: true })
      })
      socket.on('timeout', () => socket.destroy(timedOut))
      socket.on('error', failed)
      return
    }
    const sent = { 'user-agent': 'aicleaner-build', ...headers }
    // The certificate of an add-on is never for this address.
    const options = { host, port, path, timeout, headers: sent, rejectUnauthorized: false }
    const request = (kind === 'https' ? https : http).request(options, (response) => {
      response.destroy()
      resolve({ status: response.statusCode ?? 0 })
    })
    request.on('timeout', () => request.destroy(timedOut))
    request.on('error', failed)
    request.end()
  })
}

/** From this process, over the bridge: works with a local daemon on Linux, without published ports. */
export const directProber: Prober = (probe) => probePort(probe, modules)
