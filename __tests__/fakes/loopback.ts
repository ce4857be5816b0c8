import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/** A real HTTP server on loopback that can also go away and come back at the same port. */
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
  /** Default `127.0.0.1`: nobody but this machine reaches it. */
  readonly host?: string
}

export async function startLoopback(listener: RequestListener, options: LoopbackOptions = {}): Promise<Loopback> {
  const { host = '127.0.0.1' } = options
  const sockets = new Set<Socket>()
  const open = async (port: number): Promise<Server> => {
    const server = createServer({ keepAliveTimeout: 5_000 }, (request, response) => {
      // A connection that the other side cut is no error of the fake.
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
  /** In the meantime a connection of somebody else may have got the port as its own end. */
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
  /** A text or bytes as they are; anything else as JSON; undefined: no body. */
  readonly body?: unknown
}

export function bytesOf(answer: Answer): { readonly type?: string; readonly bytes: Buffer } {
  if (answer.body === undefined) return { bytes: Buffer.alloc(0) }
  if (Buffer.isBuffer(answer.body)) return { type: 'application/octet-stream', bytes: answer.body }
  if (typeof answer.body === 'string') return { type: 'text/plain; charset=utf-8', bytes: Buffer.from(answer.body) }
  return { type: 'application/json; charset=utf-8', bytes: Buffer.from(JSON.stringify(answer.body)) }
}

/** @param cut breaks the connection when half of the body has been sent. */
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

/** Does not keep the program from ending: a test need not wait for an answer that nobody waits for any more. */
export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms).unref())
