import type { IncomingHttpHeaders } from 'node:http'
import type { Duplex } from 'node:stream'
import type { SupervisorMock } from './supervisor-mock.ts'
import { acceptWebSocket } from './websocket.ts'

/** Maximum open WebSockets of all add-ons. */
const maxSockets = 100

interface UpgradeRequest {
  /** With its query. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
  /** Address of the container. */
  readonly from: string
}

/** The WebSockets of a mock, however their bytes arrive. */
export interface Upgrades {
  /** @param head what the client has sent after its request */
  accept(request: UpgradeRequest, socket: Duplex, head: Buffer): void
  /** Ends all that are open. */
  close(): void
}

export function createUpgrades(mock: SupervisorMock): Upgrades {
  const sockets = new Set<Duplex>()
  return {
    accept({ path: full, headers, from }, socket, head) {
      const [path = '/'] = full.split('?')
      if (!/^\/(core|homeassistant)\/(api\/)?websocket$/.test(path) || sockets.size >= maxSockets) {
        socket.destroy()
        return
      }
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
      acceptWebSocket({ headers }, socket, head, ({ send, end }) =>
        mock.connect({ method: 'GET', path, from }, { send: (message) => send(JSON.stringify(message)), end }),
      )
    },
    close() {
      for (const socket of sockets) socket.destroy()
    },
  }
}
