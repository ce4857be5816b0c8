import type { IncomingHttpHeaders } from 'node:http'
import { Duplex } from 'node:stream'
import type { Upgrades } from './upgrade.ts'

/** What the relay says about a socket: its request, then bytes, then its end. */
export interface SocketMessage {
  readonly socket: number
  readonly path?: string
  readonly headers?: IncomingHttpHeaders
  readonly from?: string
  /** In base64. */
  readonly data?: string
  readonly closed?: true
}

/**
 * Handles the messages of the relay about sockets that it has accepted.
 * @param send writes a message to the relay
 */
export function relayedSockets(upgrades: Upgrades, send: (message: object) => void): (message: SocketMessage) => void {
  const sockets = new Map<number, Duplex>()
  return ({ socket: id, path, headers = {}, from = '', data = '', closed }) => {
    const bytes = Buffer.from(data, 'base64')
    if (path !== undefined) {
      const socket = openSocket(id, send)
      sockets.set(id, socket)
      upgrades.accept({ path, headers, from }, socket, bytes)
      return
    }
    const socket = sockets.get(id)
    if (closed) {
      sockets.delete(id)
      socket?.push(null)
      socket?.destroy()
    } else if (bytes.length > 0) socket?.push(bytes)
  }
}

const openSocket = (id: number, send: (message: object) => void): Duplex =>
  new Duplex({
    read: () => send({ socket: id, more: true }),
    write(chunk: Buffer, _encoding, next) {
      send({ socket: id, data: chunk.toString('base64') })
      next()
    },
    final(next) {
      send({ socket: id, end: true })
      next()
    },
    destroy(thrown, next) {
      send({ socket: id, end: true })
      next(thrown)
    },
  })
