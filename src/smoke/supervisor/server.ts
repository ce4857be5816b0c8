import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { SupervisorMock } from './supervisor-mock.ts'
import { acceptWebSocket } from './websocket.ts'

export interface MockServer {
  readonly port: number
  close(): Promise<void>
}

const maxBodyBytes = 1024 * 1024
/** Maximum open WebSockets of all add-ons. */
const maxSockets = 100

/** Serves the Supervisor mock from this process. `port`: 0 for any. Rejects with the system's error if it cannot bind to the address, such as EACCES. */
export async function serveMock(mock: SupervisorMock, address: string, port: number): Promise<MockServer> {
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = []
    let size = 0
    incoming.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= maxBodyBytes) chunks.push(chunk)
    })
    incoming.on('end', () => {
      const response = mock.handle({
        method: incoming.method ?? 'GET',
        path: incoming.url ?? '/',
        body: Buffer.concat(chunks).toString('utf8'),
        headers: incoming.headers,
        from: incoming.socket.remoteAddress ?? '',
      })
      outgoing.writeHead(response.status, {
        'content-type': response.contentType,
        'content-length': Buffer.byteLength(response.text),
      })
      outgoing.end(incoming.method === 'HEAD' ? undefined : response.text)
    })
  })
  const sockets = new Set<Duplex>()
  server.on('upgrade', (incoming, socket, head) => {
    const [path = '/'] = (incoming.url ?? '/').split('?')
    if (!/^\/(core|homeassistant)\/(api\/)?websocket$/.test(path) || sockets.size >= maxSockets) {
      socket.destroy()
      return
    }
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    const from = incoming.socket.remoteAddress ?? ''
    acceptWebSocket(incoming, socket, head, ({ send, end }) =>
      mock.connect({ method: 'GET', path, from }, { send: (message) => send(JSON.stringify(message)), end }),
    )
  })
  server.listen(port, address)
  await once(server, 'listening')
  server.on('error', () => {})
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((done) => {
        server.close(() => done())
        server.closeAllConnections()
        for (const socket of sockets) socket.destroy()
      }),
  }
}
