import { describe, expect, test } from '@jest/globals'
import type { RunConfig } from '../../../src/addon/addon.ts'
import { respond } from '../../../src/smoke/supervisor/api.ts'
import type { AddonUnderTest } from '../../../src/smoke/supervisor/info.ts'
import { newSessionState, optionsAfter } from '../../../src/smoke/supervisor/session-state.ts'
import { addon, admin } from './addon-fixture.ts'

/** Asks as one add-on, whose earlier requests are kept. */
function client(run: Partial<RunConfig> = {}, changes: Partial<AddonUnderTest> = {}) {
  const session = newSessionState()
  return (method: string, path: string, body?: unknown) => {
    const request = { method, path, body: body === undefined ? '' : JSON.stringify(body) }
    const { status, text } = respond(request, addon({ ...admin, ...run }, changes), session)
    return text.startsWith('{') ? { status, ...JSON.parse(text) } : { status, text }
  }
}

describe('options that the add-on sets', () => {
  const run = { options: { level: 'info', port: 1 }, schema: { level: 'list(info|debug)', port: 'int', name: 'str?' } }
  const ask = () => client(run, { options: { level: 'debug', port: 2 } })

  test('are returned later, over the defaults of config.yaml', () => {
    const one = ask()
    expect(one('GET', '/addons/self/options/config').data).toEqual({ level: 'debug', port: 2 })
    expect(one('POST', '/addons/self/options', { options: { level: 'info', port: 7, other: 1 } }).status).toBe(200)
    expect(one('GET', '/addons/self/options/config').data).toEqual({ level: 'info', port: 7 })
    expect(one('GET', '/addons/local_my_addon/info').data.options).toEqual({ level: 'info', port: 7 })
    expect(one('POST', '/addons/self/options', { options: null }).status).toBe(200)
    expect(one('GET', '/addons/self/options/config').data).toEqual({ level: 'info', port: 1 })
    expect(ask()('GET', '/addons/self/options/config').data).toEqual({ level: 'debug', port: 2 })
  })

  test('are refused with a wrong type, and nothing is changed', () => {
    const one = ask()
    const refused = one('POST', '/addons/self/options', { boot: 'manual', options: { level: 'info', port: 'x' } })
    expect(refused).toMatchObject({
      status: 400,
      message: expect.stringMatching(/^App local_my_addon has invalid options: .*port/),
      error_key: 'app_configuration_invalid_error',
      extra_fields: { app: 'local_my_addon' },
    })
    expect(one('GET', '/addons/self/info').data).toMatchObject({ boot: 'auto', options: { level: 'debug', port: 2 } })
  })

  test.each([
    [{ boot: 'manual' }, 200, undefined],
    [{ watchdog: true, auto_update: true, ingress_panel: true, network: null, audio_input: null }, 200, undefined],
    [{ boot: 'never' }, 400, "not a valid value for dictionary value @ data['boot']. Got 'never'"],
    [{ options: 5 }, 400, "not a valid value for dictionary value @ data['options']. Got 5"],
    [{ color: true }, 400, "extra keys not allowed @ data['color']. Got True"],
    [[], 400, 'expected a dictionary. Got []'],
  ])('%j is %i', (body, status, message) => {
    const one = ask()
    expect(one('POST', '/addons/self/options', body)).toMatchObject(message ? { status, message } : { status })
    if (status === 200) expect(one('GET', '/addons/self/info').data).toMatchObject(body)
  })
})

describe('services', () => {
  const broker = { host: 'broker', port: 1883 }

  test('that the add-on provides are returned until it removes them', () => {
    const ask = client({ services: ['mqtt:provide'] })
    expect(ask('GET', '/services/mqtt')).toMatchObject({ status: 400, message: 'Service not enabled' })
    expect(ask('POST', '/services/mqtt', broker).status).toBe(200)
    expect(ask('GET', '/services/mqtt').data).toEqual({
      ...broker,
      ...{ ssl: false, protocol: '3.1.1', addon: 'local_my_addon' },
    })
    expect(ask('GET', '/services').data.services[0]).toEqual({
      slug: 'mqtt',
      available: true,
      providers: ['local_my_addon'],
    })
    expect(ask('POST', '/services/mqtt', broker)).toMatchObject({
      status: 409,
      error_key: 'service_already_provided_error',
    })
    expect(ask('DELETE', '/services/mqtt').status).toBe(200)
    expect(ask('DELETE', '/services/mqtt').status).toBe(404)
    expect(ask('GET', '/services/mqtt').status).toBe(400)
  })

  test.each<[string, readonly string[], unknown, number, string]>([
    ['POST', [], broker, 403, 'No access to mqtt service!'],
    ['GET', [], undefined, 403, 'No access to mqtt service!'],
    ['DELETE', ['mqtt:want'], undefined, 403, 'No access to write mqtt service!'],
    ['POST', ['mqtt:provide'], { host: 'broker' }, 400, "required key not provided @ data['port']. Got None"],
    [
      'POST',
      ['mqtt:provide'],
      { ...broker, port: 70000 },
      400,
      "not a valid value for dictionary value @ data['port']. Got 70000",
    ],
  ])('%s /services/mqtt with %j and %j is %i', (method, services, body, status, message) => {
    expect(client({ services })(method, '/services/mqtt', body)).toMatchObject({ status, message })
  })
})

describe('discovery messages', () => {
  const message = { service: 'mqtt', config: { host: 'broker' } }

  test('are kept until the add-on removes them: one for each service', () => {
    const ask = client({ discovery: ['mqtt', 'wyoming'] })
    const { uuid } = ask('POST', '/discovery', message).data
    expect(uuid).toMatch(/^[0-9a-f]{32}$/)
    expect(ask('POST', '/discovery', { ...message, config: {} }).data.uuid).toBe(uuid)
    expect(ask('POST', '/discovery', { ...message, service: 'wyoming' }).data.uuid).not.toBe(uuid)
    expect(ask('DELETE', `/discovery/${uuid}`).status).toBe(200)
    expect(ask('DELETE', `/discovery/${uuid}`)).toMatchObject({ status: 404, message: 'Discovery message not found' })
  })

  test('are refused if config.yaml does not list the service', () => {
    expect(client()('POST', '/discovery', message)).toMatchObject({
      status: 403,
      message: 'Apps must list services they provide via discovery in their config!',
    })
  })
})

test('options that an add-on sets are merged with the defaults, also within maps', () => {
  const defaults = { mqtt: { host: 'a', port: 1 }, list: [1, 2], level: 'info' }
  const ofTest = { level: 'debug' }
  expect(optionsAfter(undefined, defaults, ofTest)).toBe(ofTest)
  expect(optionsAfter({ options: undefined }, defaults, ofTest)).toBe(ofTest)
  expect(optionsAfter({ options: {} }, defaults, ofTest)).toEqual(defaults)
  expect(optionsAfter({ options: { mqtt: { host: 'b' }, list: [3] } }, defaults, ofTest)).toEqual({
    mqtt: { host: 'b', port: 1 },
    list: [3],
    level: 'info',
  })
})
