import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

// Below the range from which Linux gives ports to everything that asks for any (ip_local_port_range): only another caller of `freePort` can take one
// between the look and its use.
const [first, end] = [10_000, 32_768]

/** A port of loopback that nobody listens on, for a program that cannot be told to take any and say which. */
export async function freePort(): Promise<number> {
  for (let attempts = 100; attempts > 0; attempts -= 1) {
    const port = randomInt(first, end)
    if (await canListen(port)) return port
  }
  throw new Error(`No port between ${first} and ${end} is free.`)
}

/** So many different ones. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const found = new Set<number>()
  while (found.size < count) found.add(await freePort())
  return [...found]
}

/** On all addresses: Docker publishes ports there. */
const canListen = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '0.0.0.0', () => server.close(() => resolve(true)))
  })
