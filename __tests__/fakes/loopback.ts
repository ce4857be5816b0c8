import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/** A real HTTP server on loopback that can go down and return on the same port. */
export interface Loopback {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string
  readonly port: number
  /** Cuts every connection and refuses new ones. */
  vanish(): Promise<void>
  /** Listens again at the same port. */
  comeBack(): Promise<void>
  close(): Promise<void>
}

export interface LoopbackOptions {
  /** Default: a free one. */
  readonly port?: number
  /** Default `127.0.0.1`: only reachable from this machine. */
  readonly host?: string
}

export async function startLoopback(listener: RequestListener, options: LoopbackOptions = {}): Promise<Loopback> {
  const { host = '127.0.0.1' } = options
  const sockets = new Set<Socket>()
  const open = async (port: number): Promise<Server> => {
    const server = createServer({ keepAliveTimeout: 5_000 }, (request, response) => {
      // A connection that the client cut is not an error of the fake.
      request.on('error', () => {})
      response.on('error', () => {})
      listener(request, response)
    })
    server.on('connection', (socket) => {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
    })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, host, resolve)
    })
    return server
  }
  const shut = async (server: Server): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    for (const socket of sockets) socket.destroy()
    await closed
  }

  let server: Server | undefined = await open(options.port ?? 0)
  const { port } = server.address() as AddressInfo
  const vanish = async (): Promise<void> => {
    const running = server
    server = undefined
    if (running) await shut(running)
  }
  /** The port may temporarily be in use as the local port of another connection. */
  const reopen = async (): Promise<Server> => {
    for (let attempts = 1; ; attempts += 1) {
      try {
        return await open(port)
      } catch (thrown) {
        if ((thrown as NodeJS.ErrnoException).code !== 'EADDRINUSE' || attempts === 200) throw thrown
        await sleep(50)
      }
    }
  }
  return {
    url: `http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${port}`,
    port,
    vanish,
    async comeBack() {
      server ??= await reopen()
    },
    close: vanish,
  }
}

export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** Text or bytes are sent unchanged, other values as JSON; undefined: no body. */
  readonly body?: unknown
}

export function bytesOf(answer: Answer): { readonly type?: string; readonly bytes: Buffer } {
  if (answer.body === undefined) return { bytes: Buffer.alloc(0) }
  if (Buffer.isBuffer(answer.body)) return { type: 'application/octet-stream', bytes: answer.body }
  if (typeof answer.body === 'string') return { type: 'text/plain; charset=utf-8', bytes: Buffer.from(answer.body) }
  return { type: 'application/json; charset=utf-8', bytes: Buffer.from(JSON.stringify(answer.body)) }
}

/** @param cut breaks the connection after half of the body. */
export function send(response: ServerResponse, answer: Answer, cut = false): void {
  const { type, bytes } = bytesOf(answer)
  const bodiless = answer.status === 204 || answer.status === 304
  response.writeHead(answer.status, {
    ...(type !== undefined && { 'content-type': type }),
    ...(!bodiless && { 'content-length': String(bytes.length) }),
    ...answer.headers,
  })
  if (!cut) {
    response.end(bytes)
    return
  }
  response.flushHeaders()
  response.write(bytes.subarray(0, bytes.length >> 1), () => response.destroy())
}

/** The timer does not keep the process running, so that a test need not wait for a response that is no longer needed. */
export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms).unref())
