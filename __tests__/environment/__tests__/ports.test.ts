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

describe('a program that cannot choose a free port', () => {
  test('tries the next port while a port is in use', async () => {
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

  test('fails if every port is in use', async () => {
    await expect(onAnyPort(async () => undefined)).rejects.toThrow(/No port between/)
  })

  test('is not started again if it fails for another reason', async () => {
    let starts = 0
    const start = async () => {
      starts += 1
      throw new Error('no such key')
    }
    await expect(onAnyPort(start)).rejects.toThrow('no such key')
    expect(starts).toBe(1)
  })
})

test('no server can listen on a port that refuses connections until it is released', async () => {
  const held = await holdRefusingPort()
  const refusal = await once(connect(held.port, '127.0.0.1'), 'connect').catch((error) => error)
  expect(refusal).toMatchObject({ code: 'ECONNREFUSED' })
  expect(await tryToListen(held.port)).toBeUndefined()
  held.release()
})
