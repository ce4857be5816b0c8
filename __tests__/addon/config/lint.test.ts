import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { readBuildFile } from '../../../src/addon/config/build-file.ts'
import { readConfigFile } from '../../../src/addon/config/config-file.ts'
import { configKeys } from '../../../src/addon/config/config-keys.ts'

const start = 'name: Probe\nversion: "1.0"\nslug: probe\ndescription: x\narch: [amd64]\n'
const adviceOn = (more: string): readonly string[] =>
  readConfigFile(start + more, 'config.yaml').advice.map(
    ({ severity, code, message, where }) => `${severity} ${code.replace('config/', '')} ${where?.line}: ${message}`,
  )

describe('a key with its default value', () => {
  test.each<[string, string]>([
    ['boot: auto', '"boot" has its default value.'],
    ['startup: application', '"startup" has its default value.'],
    ['init: true', '"init" has its default value.'],
    ['host_network: false', '"host_network" has its default value.'],
    ['ingress_port: 8099', '"ingress_port" has its default value.'],
    ['panel_icon: mdi:puzzle', '"panel_icon" has its default value.'],
    ['timeout: 10', '"timeout" has its default value.'],
    ['options: {}', '"options" has its default value.'],
    ['schema: []', '"schema" has its default value.'],
    ['video: no', '"video" has its default value.'],
  ])('%s', (line, message) => {
    expect(adviceOn(`${line}\n`)).toEqual([`notice default-value 6: ${message}`])
  })

  test('is one notice for all of them', () => {
    expect(adviceOn('boot: auto\nports:\n  80/tcp: 80\nstartup: application\n')).toEqual([
      'notice default-value 6: "boot", "startup" have their default values.',
    ])
  })

  test.each([
    'boot: manual',
    'init: false',
    'timeout: 11',
    'panel_icon: mdi:broom',
    'apparmor: false',
    'options:\n  a: 1',
    'init: "true"',
  ])('%j has another one', (line) => {
    expect(adviceOn(`${line}\n`)).toEqual([])
  })
})

describe('keys that contradict each other, or are outdated', () => {
  test.each<[string, readonly string[]]>([
    ['ingress: true\nwebui: http://[HOST]:[PORT:80]/', ['warning contradiction 7: "webui" has no effect']],
    ['webui: http://[HOST]:[PORT:80]/', []],
    ['ingress: true\ningress_port: 0', ['warning contradiction 7: "ingress_port: 0"']],
    ['ingress: true\ningress_port: 0\nhost_network: true', []],
    [
      'full_access: true\nusb: true\ndevices: [/dev/ttyUSB0]',
      ['warning contradiction 8: "devices", "usb"', 'notice outdated-key 6: "full_access"'],
    ],
    ['backup: cold\nbackup_pre: x', ['warning contradiction 7: "backup_pre"']],
    ['backup_pre: x', []],
    ['map: [config, "addon_config:rw"]', ['warning contradiction 6: "map" has "config" and "addon_config"']],
    ['map:\n  - type: config\n  - type: homeassistant_config', ['warning contradiction 6: "map"']],
    ['map: [share, addon_config]', []],
    ['map: ["config:rw"]', ['notice outdated-key 6: "config" in "map"']],
    ['auto_uart: true', ['notice outdated-key 6: "auto_uart"']],
    ['devices: ["/dev/ttyUSB0:/dev/ttyUSB0:rwm"]', ['notice outdated-key 6: Entries of "devices"']],
    ['devices: [/dev/ttyUSB0]', []],
    ['tmpfs: size=16m', ['notice outdated-key 6: "tmpfs"']],
    ['tmpfs: true', []],
    ['watchdog: http://[HOST]:[PORT:80]/', ['notice outdated-key 6: "watchdog"']],
    ['codenotary: x', ['notice outdated-key 6: "codenotary"']],
    ['advanced: true', ['notice outdated-key 6: "advanced"']],
    ['stage: beta', ['warning bad-value 6: "stage": "beta" is not a value that the Supervisor accepts']],
    ['boot: manual_only', []],
    ['boot: [auto]', ['warning bad-value 6: "boot": Its value is not a value']],
    ['backup: warm', ['warning bad-value 6: "backup": "warm"']],
  ])('%j', (lines, expected) => {
    const found = adviceOn(`${lines}\n`)
    expect(found).toEqual(expected.map((one) => expect.stringContaining(one)))
  })

  test('any values of keys that no rule is about have none', () => {
    const ruled =
      /^(?:advanced|apparmor|audio|auth_api|backup.*|boot|devices|devicetree|docker_api|full_access|gpio|hassio_.*|homeassistant_api|host_.*|ingress.*|init|journald|kernel_modules|legacy|map|options|panel_(?:admin|icon)|realtime|schema|services|stage|startup|stdin|timeout|tmpfs|uart|udev|ulimits|usb|video|watchdog|webui)$/
    const keys = configKeys.filter((key) => !ruled.test(key) && !start.includes(`${key}:`))
    expect(keys.length).toBeGreaterThan(5)
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...keys), fc.jsonValue()), (values) => {
        const lines = Object.entries(values).map(([key, value]) => `${key}: ${JSON.stringify(value)}`)
        expect(adviceOn(`${lines.join('\n')}\n`)).toEqual([])
      }),
    )
  })
})

/** The rules of frenck/action-addon-linter, each as a line of config.yaml that breaks it. Left out: those for the owner's own organization. */
const rules: readonly (readonly [rule: string, broken: string])[] = [
  ['no key has its default value', 'hassio_role: default'],
  ['no unknown key', 'no_such_key: 1'],
  ['no deprecated architecture', 'arch: [amd64, i386]'],
  ['every required key is there', 'description:'],
  ['"webui" is not used with "ingress"', 'ingress: true\nwebui: http://[HOST]:[PORT:80]/'],
  ['"ingress_port" is not random without "host_network"', 'ingress: true\ningress_port: 0'],
  ['"full_access" is not used with single devices', 'full_access: true\nuart: true'],
  ['"full_access" is not used', 'full_access: true'],
  ['"advanced" is not used', 'advanced: true'],
  ['"uart" instead of "auto_uart"', 'auto_uart: true'],
  ['devices are paths only', 'devices: ["/dev/x:/dev/x:rwm"]'],
  ['"tmpfs" is true or false', 'tmpfs: size=1m'],
  ['no commands with "backup: cold"', 'backup: cold\nbackup_post: x'],
  ['HEALTHCHECK instead of "watchdog"', 'watchdog: tcp://[HOST]:80'],
  ['no "codenotary"', 'codenotary: x'],
  ['"homeassistant_config" instead of "config"', 'map: [config]'],
  ['not "config" and "homeassistant_config"', 'map: [config, homeassistant_config]'],
  ['not "config" and "addon_config"', 'map: [config, addon_config]'],
  ['"boot" is a known word', 'boot: never'],
  ['"backup" is a known word', 'backup: warm'],
  ['"stage" is a known word', 'stage: beta'],
  ['"startup" is a known word', 'startup: later'],
  ['services are known', 'services: ["redis:need"]'],
  ['"hassio_role" is a known word', 'hassio_role: root'],
  ['capabilities are known', 'privileged: [ALL]'],
  ['folders are known', 'map: [root]'],
  ['"ingress_port" is a port', 'ingress_port: 70000'],
  ['a flag is true or false', 'usb: maybe'],
  ['"slug" is a text', 'slug: 1'],
]

const reading = (text: string): readonly string[] => {
  const { diagnostics, advice } = readConfigFile(text, 'config.yaml')
  return [...diagnostics, ...advice].map(({ code, message }) => `${code} ${message}`)
}

describe('the rules of the add-on linter', () => {
  test.each(rules)('%s', (_, broken) => {
    const key = `${broken.split(':', 1)[0]}:`
    const bare = start
      .split('\n')
      .filter((line) => !line.startsWith(key))
      .join('\n')
    expect(reading(`${bare}${broken}\n`)).not.toEqual([])
    expect(reading(start)).toEqual([])
  })

  test('"squash" and "codenotary" are not used in build.yaml', () => {
    for (const key of ['squash: true', 'codenotary: x']) {
      expect(readBuildFile(`${key}\n`, 'build.yaml').diagnostics).not.toEqual([])
    }
  })

  test('are kept by the reference add-on, except that it still supports armv7', () => {
    const text = readFileSync(new URL('../../../docker/config.yaml', import.meta.url), 'utf8')
    expect(reading(text)).toEqual([expect.stringMatching(/^config\/deprecated-architecture .*armv7/)])
  })
})
