import { expect, test } from '@jest/globals'
import { foldersOf } from '../../../src/smoke/container/mapped-folders.ts'
import { runConfig } from '../../fixtures/target.ts'

const targetsOf = (...types: readonly string[]) =>
  foldersOf({ run: runConfig({ map: types.map((type) => ({ type, readOnly: false })) }) }, 'v').map(
    ({ type, target }) => `${type} ${target}`,
  )

test.each([
  ['the new name of the own folder', ['addon_config', 'app_config'], ['app_config /config']],
  ['the new name of the folders of all', ['all_addon_configs', 'all_app_configs'], ['all_app_configs /app_configs']],
  ['the new name of local add-ons', ['addons', 'local_apps'], ['local_apps /local_apps']],
  ['an old name alone', ['addons', 'all_addon_configs'], ['addons /addons', 'all_addon_configs /addon_configs']],
  [
    'the old config, which excludes the new ones',
    ['config', 'addon_config', 'app_config', 'homeassistant_config', 'ssl'],
    ['config /config', 'ssl /ssl'],
  ],
  [
    'both configurations',
    ['addon_config', 'homeassistant_config'],
    ['addon_config /config', 'homeassistant_config /homeassistant'],
  ],
])('of several names, an add-on gets %s', (_, types, expected) => {
  expect(targetsOf(...types)).toEqual(['data /data', ...expected])
})

test('its data can be at another path', () => {
  const run = runConfig({ map: [{ type: 'data', readOnly: false, path: '/var/lib/x' }] })
  expect(foldersOf({ run }, 'v')).toEqual([{ type: 'data', volume: 'v', target: '/var/lib/x' }])
})
