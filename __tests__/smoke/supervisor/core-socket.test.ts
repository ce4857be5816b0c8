import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, describe, expect, test } from '@jest/globals'
import { type MockServer, serveMock } from '../../../src/smoke/supervisor/server.ts'
import { createSupervisorMock } from '../../../src/smoke/supervisor/supervisor-mock.ts'
import { addon, admin } from './addon-fixture.ts'

describe("the WebSocket of Home Assistant, with Node's own client", () => {
  const open: MockServer[] = []
  afterEach(async () => void (await Promise.all(open.splice(0).map((server) => server.close()))))

  async function start() {
    const mock = createSupervisorMock()
    const register = (token: string, rights: Parameters<typeof addon>[0]) =>
      mock.register(
        token,
        () => addon(rights),
        () => {},
      )
    const sessions = { allowed: register('allowed', admin), refused: register('refused', {}) }
    const server = await serveMock(mock, '127.0.0.1', 0)
    open.push(server)
    return { ...sessions, port: server.port }
  }

  async function client(port: number, path = '/core/websocket') {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`)
    const received: unknown[] = []
    const waiting: ((message: unknown) => void)[] = []
    socket.addEventListener('message', ({ data }) => {
      const message: unknown = JSON.parse(String(data))
      const next = waiting.shift()
      if (next) next(message)
      else received.push(message)
    })
    const next = () =>
      new Promise((resolve) => (received.length > 0 ? resolve(received.shift()) : waiting.push(resolve)))
    const ask = (message: object) => {
      socket.send(JSON.stringify(message))
      return next()
    }
    return { socket, next, ask, closed: once(socket, 'close') }
  }

  test.each(['/core/websocket', '/core/api/websocket', '/homeassistant/websocket'])('answers at %s', async (path) => {
    const { port, allowed } = await start()
    const { socket, next, ask, closed } = await client(port, path)
    expect(await next()).toMatchObject({ type: 'auth_required', ha_version: expect.any(String) })
    expect(await ask({ type: 'auth', access_token: 'allowed' })).toMatchObject({ type: 'auth_ok' })
    expect(await ask({ id: 1, type: 'ping' })).toEqual({ id: 1, type: 'pong' })
    const result = (id: number, value: unknown) => ({ id, type: 'result', success: true, result: value })
    expect(await ask({ id: 2, type: 'get_states' })).toMatchObject(
      result(2, [{ entity_id: 'sun.sun' }, { entity_id: 'zone.home' }]),
    )
    expect(await ask({ id: 3, type: 'get_config' })).toMatchObject(result(3, { time_zone: 'UTC' }))
    expect(await ask({ id: 4, type: 'get_services' })).toMatchObject(result(4, { homeassistant: {} }))
    expect(await ask({ id: 5, type: 'subscribe_events' })).toEqual(result(5, null))
    const failure = (id: number | null, code: string) => ({ id, type: 'result', success: false, error: { code } })
    expect(await ask({ id: 6, type: 'hassio/x' })).toMatchObject(failure(6, 'unauthorized'))
    expect(await ask({ id: 7, type: 'made_up', text: 'x'.repeat(200_000) })).toMatchObject(
      failure(7, 'unknown_command'),
    )
    expect(await ask({ type: 'ping' })).toMatchObject(failure(null, 'invalid_format'))
    socket.close()
    await closed
    expect(allowed.calls).toEqual([`GET ${path} → 101`])
    expect(allowed.unknown).toEqual(['WebSocket command "made_up"'])
  })

  test.each([
    ['refused', 'GET /core/websocket: config.yaml has no "homeassistant_api: true"'],
    ['nonsense', 'GET /core/websocket: the token is not known'],
  ])('refuses the token "%s", and closes the connection', async (token, reason) => {
    const { port, refused } = await start()
    const { next, ask, closed } = await client(port)
    await next()
    expect(await ask({ type: 'auth', access_token: token })).toMatchObject({ type: 'auth_invalid' })
    await closed
    expect(refused.denied).toContain(reason)
  })

  test.each([
    ['/info', 'sec-websocket-key: x\r\n', ''],
    ['/core/websocket', '', 'HTTP/1.1 400 Bad Request'],
  ])('does not upgrade %s with the header "%s"', async (path, header, expected) => {
    const { port } = await start()
    const socket = connect(port, '127.0.0.1')
    socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n${header}\r\n`)
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk
    })
    socket.on('error', () => {})
    await once(socket, 'close')
    expect(text.split('\r\n')[0]).toBe(expected)
  })

  test('closes open connections with the server', async () => {
    const { port } = await start()
    const { next, closed } = await client(port)
    await next()
    await Promise.all(open.splice(0).map((server) => server.close()))
    await closed
  })
})
