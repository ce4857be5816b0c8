import type { Duplex } from 'node:stream'
import { expect, test } from '@jest/globals'
import { relayedSockets } from '../../../src/smoke/supervisor/relayed-sockets.ts'
import type { Upgrades } from '../../../src/smoke/supervisor/upgrade.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')
const turn = () => new Promise((resolve) => setImmediate(resolve))

function setUp() {
  const sent: object[] = []
  const accepted: { readonly path: string; readonly socket: Duplex; readonly head: string }[] = []
  const upgrades: Upgrades = {
    accept: ({ path }, socket, head) => accepted.push({ path, socket, head: String(head) }),
    close: () => {},
  }
  const handle = relayedSockets(upgrades, (message) => sent.push(message))
  handle({ socket: 7, path: '/core/websocket', headers: {}, from: '172.30.33.0', data: base64('head') })
  const [first] = accepted
  if (!first) throw new Error('not accepted')
  return { sent, handle, ...first }
}

test('an upgrade is accepted with what came after the request', () => {
  expect(setUp()).toMatchObject({ path: '/core/websocket', head: 'head' })
})

test('bytes pass in both directions, those of the client one piece per request', async () => {
  const { sent, handle, socket } = setUp()
  const read: string[] = []
  socket.on('data', (chunk) => read.push(String(chunk)))
  await turn()
  expect(sent).toEqual([{ socket: 7, more: true }])
  handle({ socket: 7, data: base64('one') })
  await turn()
  expect(read).toEqual(['one'])
  expect(sent).toEqual([
    { socket: 7, more: true },
    { socket: 7, more: true },
  ])
  socket.write('two')
  expect(sent.at(-1)).toEqual({ socket: 7, data: base64('two') })
  socket.end()
  await turn()
  expect(sent).toContainEqual({ socket: 7, end: true })
})

test('a socket that the client closes ends here, and later messages of it are ignored', async () => {
  const { handle, socket } = setUp()
  const closed = new Promise((resolve) => socket.on('close', resolve))
  socket.resume()
  handle({ socket: 7, closed: true })
  await closed
  expect(() => handle({ socket: 7, data: base64('late') })).not.toThrow()
  expect(() => handle({ socket: 8, closed: true })).not.toThrow()
})
