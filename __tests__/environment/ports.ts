import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'

// Below the range from which Linux gives ports to everything that asks for any (ip_local_port_range): only another caller of these functions can take one.
const [first, end] = [10_000, 32_768]

/**
 * Starts a program that can neither be told to take any port nor be handed one. `start` resolves with `undefined` where somebody else has the port, and is
 * called with another one then. Nothing is looked at before: between a look and its use a port can be taken.
 */
export async function onAnyPort<T>(start: (port: number) => Promise<T | undefined>): Promise<T> {
  for (let attempts = 20; attempts > 0; attempts -= 1) {
    const started = await start(randomInt(first, end))
    if (started !== undefined) return started
  }
  throw new Error(`No port between ${first} and ${end} could be taken.`)
}

/** A port of 127.0.0.1 that refuses connections until it is released. */
export interface RefusingPort {
  readonly port: number
  release(): void
}

/** The near end of a connection has its port to itself, so that no program can listen there, and does not listen either. */
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
