import { describe, expect, test } from '@jest/globals'
import { respond } from '../../../src/smoke/supervisor/api.ts'
import { newSessionState } from '../../../src/smoke/supervisor/session-state.ts'
import { addon, admin } from './addon-fixture.ts'

const ask = (method: string, path: string, other = addon(admin), body = '', session = newSessionState()) => {
  const { text, contentType, ...response } = respond({ method, path, body }, other, session)
  return { ...response, body: contentType.startsWith('application/json') ? JSON.parse(text) : text }
}

test.each(['/addons/self/options/config', '/addons/self/info'])(
  '%s has a whole number of type float as Python writes it',
  (path) => {
    const run = { ...admin, options: { level: 2 }, schema: { level: 'float', nested: { size: 'float' } } }
    const other = addon(run, { options: { level: 1, nested: { size: 3.5 } } })
    const session = newSessionState()
    const text = () => respond({ method: 'GET', path, body: '' }, other, session).text
    expect(text()).toContain('{"level":1.0,"nested":{"size":3.5}}')
    const body = '{"options":{"level":7,"nested":{"size":4}}}'
    expect(respond({ method: 'POST', path: '/addons/self/options', body }, other, session).status).toBe(200)
    expect(text()).toContain('{"level":7.0,"nested":{"size":4.0}}')
  },
)

describe('the responses', () => {
  test.each<[string, string, number, unknown]>([
    ['GET', '/addons/self/options/config', 200, { result: 'ok', data: { level: 'info' } }],
    [
      'GET',
      '/addons/self/info',
      200,
      {
        result: 'ok',
        data: expect.objectContaining({
          slug: 'local_my_addon',
          hostname: 'my-addon',
          version: '1.2.3',
          state: 'started',
          arch: ['aarch64'],
          options: { level: 'info' },
        }),
      },
    ],
    ['GET', '/addons/my_addon/info', 404, { result: 'error', message: 'App my_addon does not exist' }],
    [
      'GET',
      '/addons/local_my_addon/info?x=1',
      200,
      { result: 'ok', data: expect.objectContaining({ slug: 'local_my_addon' }) },
    ],
    ['GET', '/addons/core_mosquitto/info', 404, { result: 'error', message: 'App core_mosquitto does not exist' }],
    [
      'GET',
      '/info',
      200,
      {
        result: 'ok',
        data: expect.objectContaining({ arch: 'aarch64', timezone: 'UTC', supported_arch: ['aarch64'] }),
      },
    ],
    ['GET', '/services/mqtt', 403, { result: 'error', message: 'No access to mqtt service!' }],
    ['GET', '/addons/self/options', 405, '405: Method Not Allowed'],
    ['GET', '/info/', 404, '404: Not Found'],
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

    ['POST', '/addons/self/options/validate', 200, { result: 'ok', data: expect.objectContaining({ valid: true }) }],
    ['GET', '/core/api/', 200, { message: 'API running.' }],
    ['GET', '/core/api', 404, '404: Not Found'],
    ['GET', '/homeassistant/api/config', 200, expect.objectContaining({ time_zone: 'UTC' })],
    ['GET', '/made/up', 404, '404: Not Found'],
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
    expect(ask(method, path, addon({ ...admin, schema: false }))).toMatchObject({ status, body })
  })

  test('offer a service that the test provides', () => {
    const other = addon({ ...admin, services: ['mqtt:want'] }, { services: { mqtt: { host: 'broker' } } })
    expect(ask('GET', '/services/mqtt', other).body).toEqual({
      result: 'ok',
      data: { host: 'broker', ssl: false, protocol: '3.1.1', addon: 'core_mosquitto' },
    })
    expect(ask('GET', '/services', other).body).toMatchObject({
      data: {
        services: [
          { slug: 'mqtt', available: true },
          { slug: 'mysql', available: false },
        ],
      },
    })
  })

  test('mark unknown requests, and requests to be stopped', () => {
    expect(ask('GET', '/made/up').unknown).toBe(true)
    expect(ask('GET', '/info').unknown).toBeUndefined()
    expect(ask('POST', '/addons/self/restart')).toMatchObject({ status: 200, lifecycleRequest: 'restart' })
    expect(ask('GET', '/addons/self/stop').lifecycleRequest).toBeUndefined()
  })

  test.each(['constructor', '__proto__', 'toString'])('do not treat the object property %s as a service', (name) => {
    expect(ask('GET', `/services/${name}`)).toMatchObject({ status: 404 })
  })

  test('validate options by the schema', () => {
    const other = addon({ ...admin, schema: { level: 'list(a|b)' } })
    expect(ask('POST', '/addons/self/options/validate', other, '{"level":"c"}').body).toMatchObject({
      data: { valid: false, message: expect.stringContaining('one of a, b') },
    })
  })

  const share = { name: 'share', server: '192.0.2.1', usage: 'share' }
  const lacks = (key: string) => ({
    status: 400,
    body: { result: 'error', message: `required key not provided @ data['${key}']. Got None` },
  })
  test.each<[object, object]>([
    [{ ...share, type: 'nfs', path: '/share' }, { status: 200 }],
    [{ ...share, type: 'cifs', share: 'share', username: 'me', password: 'secret' }, { status: 200 }],
    [{ ...share, type: 'cifs', share: 'share', future: true }, { status: 200 }],
    [{ ...share, type: 'nfs', share: 'share' }, lacks('path')],
    [{ ...share, type: 'cifs', path: '/share' }, lacks('share')],
  ])('to the mount %j', (body, expected) => {
    expect(ask('POST', '/mounts', addon(admin), JSON.stringify(body))).toMatchObject(expected)
  })
})
