import { describe, expect, test } from '@jest/globals'
import { accessTo, tokenFrom } from '../../../src/smoke/supervisor/access.ts'

describe('access rights', () => {
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
    expect(tokenFrom(headers, '/info')).toBe(token)
  })

  test.each([
    [{ authorization: 'Bearer t' }, 't'],
    [{ 'x-ha-access': 't' }, 't'],
    [{ authorization: 'Bearer a', 'x-ha-access': 't' }, 'a'],
    [{ 'x-supervisor-token': 't' }, undefined],
  ])('the token of %j for Home Assistant is %p', (headers, token) => {
    expect(tokenFrom(headers, '/core/api/states')).toBe(token)
  })
})
