import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Desk } from './mock-api.ts'

export interface Server {
  readonly port: number
  close(): Promise<void>
}

const largestBody = 1024 * 1024

/** The stand-in in this process. `port`: 0 for any. Rejects with the system's error where the address cannot be bound (EACCES, EADDRNOTAVAIL, EADDRINUSE). */
export function serve(desk: Desk, address: string, port: number): Promise<Server> {
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = []
    let size = 0
    incoming.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= largestBody) chunks.push(chunk)
    })
    incoming.on('end', () => {
      const headers = Object.fromEntries(
        Object.entries(incoming.headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
      )
      const reply = desk.receive({
        method: incoming.method ?? 'GET',
        path: incoming.url ?? '/',
        body: Buffer.concat(chunks).toString('utf8'),
        headers,
        from: incoming.socket.remoteAddress ?? '',
      })
      const text = JSON.stringify(reply.body)
      outgoing.writeHead(reply.status, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(text),
      })
      outgoing.end(incoming.method === 'HEAD' ? undefined : text)
    })
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, address, () => {
      server.off('error', reject)
      server.on('error', () => {})
      resolve({
        port: (server.address() as AddressInfo).port,
        close: () =>
          new Promise((done) => {
            server.close(() => done())
            server.closeAllConnections()
          }),
      })
    })
  })
}
