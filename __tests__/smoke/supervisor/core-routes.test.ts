import { describe, expect, test } from '@jest/globals'
import { respond } from '../../../src/smoke/supervisor/api.ts'
import { newSessionState } from '../../../src/smoke/supervisor/session-state.ts'
import { addon, admin } from './addon-fixture.ts'

function client() {
  const session = newSessionState()
  return (method: string, path: string, body: unknown = '') => {
    const request = { method, path: `/core/api/${path}`, body: typeof body === 'string' ? body : JSON.stringify(body) }
    const { text, contentType, ...response } = respond(request, addon(admin), session)
    return { ...response, body: contentType.startsWith('application/json') ? JSON.parse(text) : text }
  }
}

describe('the REST API of Home Assistant', () => {
  test.each<[string, string, unknown, number, unknown]>([
    ['GET', '', '', 200, { message: 'API running.' }],
    ['GET', 'config', '', 200, expect.objectContaining({ time_zone: 'UTC', state: 'RUNNING' })],
    ['GET', 'states/sun.sun', '', 200, expect.objectContaining({ state: 'above_horizon' })],
    ['GET', 'states/light.none', '', 404, { message: 'Entity not found.' }],
    ['POST', 'states/sensor.x', 'nonsense', 400, { message: 'Invalid JSON specified.' }],
    ['POST', 'states/sensor.x', {}, 400, { message: 'No state specified.' }],
    ['POST', 'states/x', { state: '1' }, 400, { message: 'Invalid entity ID specified.' }],
    ['POST', 'states/sensor.x', { state: 'x'.repeat(256) }, 400, { message: 'Invalid state specified.' }],
    ['GET', 'services', '', 200, expect.arrayContaining([expect.objectContaining({ domain: 'homeassistant' })])],
    ['POST', 'services/light/turn_on', { entity_id: 'light.x' }, 200, []],
    ['GET', 'events', '', 200, expect.arrayContaining([{ event: 'state_changed', listener_count: 1 }])],
    ['POST', 'events/my_event', {}, 200, { message: 'Event my_event fired.' }],
    ['POST', 'template', { template: 'text' }, 200, 'text'],
    ['POST', 'template', {}, 400, { message: 'Invalid JSON specified.' }],
    ['POST', 'config/core/check_config', '', 200, { result: 'valid', errors: null, warnings: null }],
    ['GET', 'config/core/check_config', '', 405, '405: Method Not Allowed'],
    ['GET', 'error_log', '', 200, ''],
    ['GET', 'history/period/2026-01-01', '', 200, []],
    ['GET', 'hassio/addons', '', 403, '403: Forbidden'],
    ['GET', 'hassio_auth', '', 403, '403: Forbidden'],
    ['GET', 'websocket', '', 400, expect.stringContaining('UPGRADE')],
  ])('%s /core/api/%s with %j is %i', (method, path, given, status, body) => {
    expect(client()(method, path, given)).toMatchObject({ status, body })
  })

  test('keeps the states that the add-on sets', () => {
    const ask = client()
    expect(ask('GET', 'states').body.map((one: { entity_id: string }) => one.entity_id)).toEqual([
      'sun.sun',
      'zone.home',
    ])
    expect(ask('POST', 'states/sensor.x', { state: 5, attributes: { unit: 'W' } }).status).toBe(201)
    expect(ask('POST', 'states/sensor.x', { state: '6' }).status).toBe(200)
    expect(ask('GET', 'states/sensor.x').body).toMatchObject({ entity_id: 'sensor.x', state: '6', attributes: {} })
    expect(ask('GET', 'states').body).toHaveLength(3)
    expect(ask('DELETE', 'states/sensor.x').status).toBe(200)
    expect(ask('GET', 'states/sensor.x').status).toBe(404)
  })

  test('keeps a limited number of states, of limited sizes', () => {
    const ask = client()
    for (let index = 0; index < 600; index += 1) ask('POST', `states/sensor.x${index}`, { state: '1' })
    expect(ask('GET', 'states').body).toHaveLength(500)
    expect(ask('POST', 'states/sensor.x1', { state: '1', attributes: { a: 'x'.repeat(30_000) } }).status).toBe(400)
  })

  test('has no other paths', () => {
    expect(client()('GET', 'made/up')).toEqual({ status: 404, body: '404: Not Found', unknown: true })
  })
})
