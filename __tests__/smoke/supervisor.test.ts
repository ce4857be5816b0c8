import { request } from 'node:http'
import { afterEach, describe, expect, test } from '@jest/globals'
import type { RunConfig } from '../../src/addon/addon.ts'
import { accessTo, tokenOf } from '../../src/smoke/supervisor/access.ts'
import { answer } from '../../src/smoke/supervisor/api.ts'
import type { Resident } from '../../src/smoke/supervisor/facts.ts'
import { type Desk, openDesk } from '../../src/smoke/supervisor/mock-api.ts'
import { relayProgram } from '../../src/smoke/supervisor/relay-program.ts'
import { type Server, serve } from '../../src/smoke/supervisor/server.ts'
import { runConfig } from '../fixtures/target.ts'

const resident = (run: Partial<RunConfig> = {}, changes: Partial<Resident> = {}): Resident => ({
  slug: 'my_addon',
  hostname: 'my-addon',
  name: 'My add-on',
  description: '',
  version: '1.2.3',
  url: '',
  architecture: 'aarch64',
  options: { level: 'info' },
  ingressPort: 8099,
  run: runConfig(run),
  services: {},
  address: '127.0.0.1',
  supervisorAddress: '172.30.32.2',
  ...changes,
})
const admin = { hassioApi: true, hassioRole: 'admin', homeassistantApi: true, authApi: true }
const ask = (method: string, path: string, who = resident(admin), body = '') => answer({ method, path, body }, who)

describe('the answers', () => {
  test.each<[string, string, number, unknown]>([
    ['GET', '/addons/self/options/config', 200, { result: 'ok', data: { level: 'info' } }],
    [
      'GET',
      '/addons/self/info',
      200,
      {
        result: 'ok',
        data: expect.objectContaining({
          slug: 'my_addon',
          hostname: 'my-addon',
          version: '1.2.3',
          state: 'started',
          arch: ['aarch64'],
          options: { level: 'info' },
        }),
      },
    ],
    ['GET', '/addons/my_addon/info/?x=1', 200, { result: 'ok', data: expect.objectContaining({ slug: 'my_addon' }) }],
    ['GET', '/addons/local_my_addon/info', 200, { result: 'ok', data: expect.objectContaining({ slug: 'my_addon' }) }],
    ['GET', '/addons/core_mosquitto/info', 404, { result: 'error', message: 'Addon core_mosquitto does not exist' }],
    [
      'GET',
      '/info',
      200,
      {
        result: 'ok',
        data: expect.objectContaining({ arch: 'aarch64', timezone: 'UTC', supported_arch: ['aarch64'] }),
      },
    ],
    ['GET', '/services/mqtt', 400, { result: 'error', message: 'Service not enabled' }],
    [
      'GET',
      '/services',
      200,
      {
        result: 'ok',
        data: {
          services: [
            { slug: 'mqtt', available: false, providers: [] },
            { slug: 'mysql', available: false, providers: [] },
          ],
        },
      },
    ],
    ['POST', '/discovery', 400, { result: 'error', message: 'Invalid json' }],
    ['POST', '/addons/self/options/validate', 200, { result: 'ok', data: expect.objectContaining({ valid: true }) }],
    ['GET', '/core/api/', 200, { message: 'API running.' }],
    ['GET', '/core/api', 200, { message: 'API running.' }],
    ['GET', '/core/api/states', 200, []],
    ['GET', '/homeassistant/api/config', 200, expect.objectContaining({ time_zone: 'UTC' })],
    ['GET', '/made/up', 404, { result: 'error', message: 'Not found' }],
    ...[
      '/supervisor/info',
      '/core/info',
      '/host/info',
      '/os/info',
      '/network/info',
      '/hardware/info',
      '/dns/info',
      '/audio/info',
      '/store/addons',
      '/addons',
    ].map((path): [string, string, number, unknown] => ['GET', path, 200, { result: 'ok', data: expect.anything() }]),
  ])('%s %s is %i', (method, path, status, body) => {
    expect(ask(method, path, resident({ ...admin, schema: false }))).toMatchObject({ status, body })
  })

  test('offer a service that the test provides', () => {
    const who = resident(admin, { services: { mqtt: { host: 'broker' } } })
    expect(ask('GET', '/services/mqtt', who).body).toEqual({ result: 'ok', data: { host: 'broker' } })
    expect(ask('GET', '/services', who).body).toMatchObject({
      data: {
        services: [
          { slug: 'mqtt', available: true },
          { slug: 'mysql', available: false },
        ],
      },
    })
  })

  test('mark what is not known, and a wish to be stopped', () => {
    expect(ask('GET', '/made/up').unknown).toBe(true)
    expect(ask('GET', '/info').unknown).toBeUndefined()
    expect(ask('POST', '/addons/self/restart')).toMatchObject({ status: 200, asks: 'restart' })
    expect(ask('GET', '/addons/self/stop').asks).toBeUndefined()
  })

  test.each(['constructor', '__proto__', 'toString'])('know no service %s, though every object has it', (name) => {
    expect(ask('GET', `/services/${name}`)).toMatchObject({ status: 400 })
  })

  test('validate options by the schema', () => {
    const who = resident({ ...admin, schema: { level: 'list(a|b)' } })
    expect(ask('POST', '/addons/self/options/validate', who, '{"level":"c"}').body).toMatchObject({
      data: { valid: false, message: expect.stringContaining('one of a, b') },
    })
  })
})

describe('who may ask what', () => {
  const plain = { hassioApi: false, hassioRole: 'default', homeassistantApi: false, authApi: false }
  test.each([
    ['/addons/self/info', plain, 200],
    ['/addons/self/options/config', plain, 200],
    ['/addons/self/security', plain, 403],
    ['/addons/self/options/validate', plain, 403],
    ['/info', plain, 200],
    ['/services/mqtt', plain, 200],
    ['/supervisor/info', plain, 403],
    ['/supervisor/info', { ...plain, hassioApi: true }, 200],
    ['/addons', { ...plain, hassioApi: true }, 403],
    ['/addons', { ...plain, hassioApi: true, hassioRole: 'manager' }, 200],
    ...['constructor', '__proto__', 'toString', 'made-up'].map(
      (hassioRole) => ['/addons', { ...plain, hassioApi: true, hassioRole }, 403] as const,
    ),
    ['/core/info', { ...plain, hassioApi: true, hassioRole: 'constructor' }, 200],
    ['/core/restart', { ...plain, hassioApi: true, hassioRole: 'homeassistant' }, 200],
    ['/host/reboot', { ...plain, hassioApi: true, hassioRole: 'homeassistant' }, 403],
    ['/host/reboot', { ...plain, hassioApi: true, hassioRole: 'admin' }, 200],
    ['/core/api/states', plain, 401],
    ['/core/api/states', { ...plain, homeassistantApi: true }, 200],
    ['/auth', plain, 403],
    ['/auth', { ...plain, authApi: true }, 200],
  ])('%s with %j is %i', (path, rights, status) => {
    expect(accessTo(path, rights).status).toBe(status)
  })

  test.each([
    [{ authorization: 'Bearer t' }, 't'],
    [{ 'x-supervisor-token': 't' }, 't'],
    [{ 'x-hassio-key': 't' }, 't'],
    [{ authorization: 'Basic t' }, undefined],
    [{}, undefined],
  ])('the token of %j is %p', (headers, token) => {
    expect(tokenOf(headers)).toBe(token)
  })
})

describe('the desk', () => {
  const open: Server[] = []
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
  const serveOn = async (desk: Desk): Promise<number> => {
    const server = await serve(desk, '127.0.0.1', 0)
    open.push(server)
    return server.port
  }

  test('tells add-ons apart by their tokens, and those without by their address', async () => {
    const desk = openDesk()
    const asked: string[] = []
    const one = desk.admit(
      't1',
      () => resident({}, { slug: 'one' }),
      () => asked.push('one'),
    )
    const two = desk.admit(
      't2',
      () => resident({}, { slug: 'two', address: '10.0.0.9' }),
      () => asked.push('two'),
    )
    const port = await serveOn(desk)
    const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
    expect(await get(port, '/supervisor/ping')).toEqual({ status: 200, text: '{"result":"ok","data":{}}' })
    expect((await get(port, '/info')).status).toBe(401)
    expect((await get(port, '/info', bearer('t3'))).status).toBe(403)
    expect((await get(port, '/core/api/states', bearer('t3'))).status).toBe(401)
    expect(JSON.parse((await get(port, '/addons/self/info', bearer('t2'))).text).data.slug).toBe('two')
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
    expect(two.stopAsked).toBe('the add-on asked the Supervisor to stop it (POST /addons/self/stop)')
    expect(asked).toEqual(['two'])
    two.leave()
    expect((await get(port, '/info', bearer('t2'))).status).toBe(403)
  })

  test('remembers no more than it has room for', () => {
    const desk = openDesk()
    const guest = desk.admit(
      't',
      () => resident(admin),
      () => {},
    )
    for (let index = 0; index < 1000; index += 1) {
      desk.receive({ method: 'GET', path: `/x/${index}`, body: '', headers: { authorization: 'Bearer t' }, from: '' })
    }
    expect(guest.calls).toHaveLength(200)
    expect(guest.unknown).toHaveLength(200)
  })
})

test('the program of the relay stands alone: it names nothing but its parameters', () => {
  const program = relayProgram()
  expect(() => new Function(program)).not.toThrow()
  expect(program).not.toMatch(/\bimport\b|_swc|exports\./)
})
