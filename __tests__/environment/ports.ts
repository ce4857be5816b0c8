import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'

// Below the ephemeral port range of Linux (ip_local_port_range): only another caller of these functions can take such a port.
const [first, end] = [10_000, 32_768]

/**
 * Starts a program that supports neither port 0 nor an inherited socket. `start` resolves with `undefined` if the port is in use, and is then called with
 * another port. Ports are not checked in advance: another program could take the port between the check and its use.
 */
export async function onAnyPort<T>(start: (port: number) => Promise<T | undefined>): Promise<T> {
  for (let attempts = 20; attempts > 0; attempts -= 1) {
    const started = await start(randomInt(first, end))
    if (started !== undefined) return started
  }
  throw new Error(`No port between ${first} and ${end} is free.`)
}

/** A port of 127.0.0.1 that refuses connections until it is released. */
export interface RefusingPort {
  readonly port: number
  release(): void
}

/** Uses the local port of an open connection: no program can listen there, and nothing listens. */
export async function holdRefusingPort(): Promise<RefusingPort> {
  const server = createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const held = connect((server.address() as AddressInfo).port, '127.0.0.1')
  const [[far]] = await Promise.all([once(server, 'connection'), once(held, 'connect')])
  return {
    port: held.localPort as number,
    release: () => {
      held.destroy()
      far.destroy()
      server.close()
    },
  }
}
