import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from '@jest/globals'
import { RegistryError } from '../../src/registry/error.ts'
import { createExchange, readBody } from '../../src/registry/http.ts'

test('speaks with a registry without TLS and with one that has it in the same run', async () => {
  const server = createServer((_, response) => response.end('plain')).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  const exchange = createExchange('test')
  try {
    const plain = await exchange({ method: 'GET', url: `http://127.0.0.1:${port}/` })
    expect((await readBody(plain)).toString()).toBe('plain')
    // The server does not speak TLS: what fails must be the handshake, not the choice of the agent.
    const secure = exchange({ method: 'GET', url: `https://127.0.0.1:${port}/` })
    await expect(secure).rejects.toThrow(RegistryError)
    await expect(secure).rejects.not.toThrow(/Protocol .* not supported/)
  } finally {
    server.closeAllConnections()
    server.close()
  }
})

test('an answer larger than the limit is refused', async () => {
  const server = createServer((_, response) => response.end('x'.repeat(2000))).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  const answer = await createExchange('test')({ method: 'GET', url: `http://127.0.0.1:${port}/` })
  await expect(readBody(answer, 1000)).rejects.toThrow(/larger than 1000 bytes/)
  server.closeAllConnections()
  server.close()
})
