import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server } from 'node:net'
import { describe, expect, test } from '@jest/globals'
import { holdRefusingPort, onAnyPort } from '../ports.ts'

const listen = async (port: number): Promise<Server> => {
  const server = createServer().listen(port, '127.0.0.1')
  await once(server, 'listening')
  return server
}
/** Listens, or says that somebody else does. */
const tryToListen = (port: number) =>
  listen(port).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EADDRINUSE') return undefined
    throw error
  })
const portOf = (server: Server) => (server.address() as AddressInfo).port

describe('a program that cannot say which port it took', () => {
  test('gets another one as often as one is taken', async () => {
    const taken = await listen(0)
    const tried: number[] = []
    const server = await onAnyPort(async (port) => {
      tried.push(port)
      return tryToListen(tried.length < 4 ? portOf(taken) : port)
    })
    try {
      expect(tried).toHaveLength(4)
      expect(portOf(server)).toBe(tried[3])
    } finally {
      taken.close()
      server.close()
    }
  })

  test('is given up where every port is taken', async () => {
    await expect(onAnyPort(async () => undefined)).rejects.toThrow(/No port between/)
  })

  test('that fails for another reason is not started again', async () => {
    let starts = 0
    const start = async () => {
      starts += 1
      throw new Error('no such key')
    }
    await expect(onAnyPort(start)).rejects.toThrow('no such key')
    expect(starts).toBe(1)
  })
})

test('a port that refuses connections cannot be taken by a server until it is released', async () => {
  const held = await holdRefusingPort()
  const refusal = await once(connect(held.port, '127.0.0.1'), 'connect').catch((error) => error)
  expect(refusal).toMatchObject({ code: 'ECONNREFUSED' })
  expect(await tryToListen(held.port)).toBeUndefined()
  held.release()
})
