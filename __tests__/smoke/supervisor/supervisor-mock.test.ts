import { request } from 'node:http'
import { afterEach, describe, expect, test } from '@jest/globals'
import { type MockServer, serveMock } from '../../../src/smoke/supervisor/server.ts'
import { createSupervisorMock, type SupervisorMock } from '../../../src/smoke/supervisor/supervisor-mock.ts'
import { addon, admin } from './addon-fixture.ts'

describe('the Supervisor mock', () => {
  const open: MockServer[] = []
  afterEach(async () => void (await Promise.all(open.splice(0).map((server) => server.close()))))

  const get = (port: number, path: string, headers: Record<string, string> = {}, method = 'GET') =>
    new Promise<{ status: number; text: string }>((resolve, reject) => {
      const outgoing = request({ port, path, headers, method }, (incoming) => {
        let text = ''
        incoming.on('data', (chunk) => {
          text += chunk
        })
        incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, text }))
      })
      outgoing.on('error', reject)
      outgoing.end()
    })
  const serveOn = async (mock: SupervisorMock): Promise<number> => {
    const server = await serveMock(mock, '127.0.0.1', 0)
    open.push(server)
    return server.port
  }

  test('identifies add-ons by their tokens, and those without a token by their address', async () => {
    const mock = createSupervisorMock()
    const stopRequests: string[] = []
    const one = mock.register(
      't1',
      () => addon({}, { slug: 'one' }),
      () => stopRequests.push('one'),
    )
    const two = mock.register(
      't2',
      () => addon({}, { slug: 'two', address: '10.0.0.9' }),
      () => stopRequests.push('two'),
    )
    const port = await serveOn(mock)
    const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
    expect(await get(port, '/supervisor/ping')).toEqual({ status: 200, text: '{"result":"ok","data":{}}' })
    expect((await get(port, '/info')).status).toBe(401)
    expect((await get(port, '/info', bearer('t3'))).status).toBe(403)
    expect((await get(port, '/core/api/states', bearer('t3'))).status).toBe(401)
    expect(JSON.parse((await get(port, '/addons/self/info', bearer('t2'))).text).data.slug).toBe('local_two')
    await get(port, '/info', bearer('t2'))
    await get(port, '/info', bearer('t2'))
    expect((await get(port, '/addons/self/stop', bearer('t2'), 'POST')).status).toBe(200)
    expect(await get(port, '/info', bearer('t2'), 'HEAD')).toEqual({ status: 200, text: '' })

    expect(one.calls).toEqual([
      'GET /supervisor/ping → 200',
      'GET /info → 401',
      'GET /info → 403',
      'GET /core/api/states → 401',
    ])
    expect(one.denied).toHaveLength(3)
    expect(two.calls).toEqual([
      'GET /addons/self/info → 200',
      'GET /info → 200 (2 times)',
      'POST /addons/self/stop → 200',
      'HEAD /info → 200',
    ])
    expect(two.stopRequest).toBe('the add-on asked the Supervisor to stop it (POST /addons/self/stop)')
    expect(stopRequests).toEqual(['two'])
    two.close()
    expect((await get(port, '/info', bearer('t2'))).status).toBe(403)
  })

  test('keeps at most 200 kinds of requests', () => {
    const mock = createSupervisorMock()
    const session = mock.register(
      't',
      () => addon(admin),
      () => {},
    )
    for (let index = 0; index < 1000; index += 1) {
      mock.handle({ method: 'GET', path: `/x/${index}`, body: '', headers: { authorization: 'Bearer t' }, from: '' })
    }
    expect(session.calls).toHaveLength(200)
    expect(session.unknown).toHaveLength(200)
  })

  test.each([
    ['/addons/self/options', '{"options":{"a":', '}}'],
    ['/addons/self/options/validate', '{"a":', '}'],
    ['/services/mqtt', '{"host":', '}'],
    ['/discovery', '{"service":"mqtt","config":{"a":', '}}'],
    ['/core/api/states/sensor.x', '{"state":"1","attributes":{"a":', '}}'],
  ])('survives a body for %s that is nested too deeply', (path, start, end) => {
    const mock = createSupervisorMock()
    const run = { ...admin, schema: false as const, discovery: ['mqtt'], services: ['mqtt:provide'] }
    mock.register(
      't',
      () => addon(run),
      () => {},
    )
    const ask = (method: string, to: string, body: string) =>
      mock.handle({ method, path: to, body, headers: { authorization: 'Bearer t' }, from: '' }).status
    const depth = 200_000
    const body = `${start}${'['.repeat(depth)}${']'.repeat(depth)}${end}`
    expect([200, 400, 500]).toContain(ask('POST', path, body))
    expect([200, 500]).toContain(ask('GET', '/addons/self/info', ''))
    expect(ask('GET', '/core/api/states', '')).toBe(200)
  })
})
