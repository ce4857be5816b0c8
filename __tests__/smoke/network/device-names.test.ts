import { expect, test } from '@jest/globals'
import { deviceNames } from '../../../src/smoke/network/device-names.ts'

test('an add-on resolves the names of a device, with and without their domain', () => {
  expect(Object.fromEntries(deviceNames('172.30.32.2', '172.30.32.2'))).toEqual({
    supervisor: '172.30.32.2',
    'supervisor.local.hass.io': '172.30.32.2',
    hassio: '172.30.32.2',
    'hassio.local.hass.io': '172.30.32.2',
    homeassistant: '172.30.32.1',
    'homeassistant.local.hass.io': '172.30.32.1',
    'home-assistant': '172.30.32.1',
    'home-assistant.local.hass.io': '172.30.32.1',
    dns: '172.30.32.3',
    'dns.local.hass.io': '172.30.32.3',
    observer: '172.30.32.6',
    'observer.local.hass.io': '172.30.32.6',
  })
})

test('in another network, only the Supervisor has another address', () => {
  const names = deviceNames('10.9.0.1', '10.231.32.2')
  expect(names.get('supervisor')).toBe('10.9.0.1')
  expect(names.get('homeassistant')).toBe('10.231.32.1')
})

test('without a Supervisor, it has no name', () => {
  const names = deviceNames(undefined, '172.30.32.2')
  expect([names.has('supervisor'), names.get('homeassistant')]).toEqual([false, '172.30.32.1'])
})
