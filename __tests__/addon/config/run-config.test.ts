import type { RunConfig } from '../../../src/addon/addon.ts'
import { readConfigFile } from '../../../src/addon/config/config-file.ts'
import { defaultRun } from '../../../src/addon/config/run-config.ts'

const minimal = 'name: N\nversion: "1"\nslug: s\ndescription: d\narch: [amd64]\n'
const read = (text: string) => readConfigFile(minimal + text, 'config.yaml')
const runOf = (text: string): RunConfig => read(text).config.run

test('a missing or refused value has the default of the Supervisor', () => {
  expect(runOf('')).toEqual(defaultRun)
  expect(defaultRun).toEqual({
    init: true,
    startup: 'application',
    options: {},
    optionLocations: new Map(),
    ports: new Map(),
    ingress: false,
    ingressPort: 8099,
    timeout: 10,
    environment: new Map(),
    tmpfs: false,
    map: [],
    privileged: [],
    fullAccess: false,
    devices: [],
    services: [],
    discovery: [],
    boot: 'auto',
    hostNetwork: false,
    hassioApi: false,
    hassioRole: 'default',
    homeassistantApi: false,
    authApi: false,
    ulimits: new Map(),
    apparmor: true,
    featureFlags: new Set(),
  })
  const refused = `init: x\nstartup: x\noptions: []\nschema: 5\nports: {x: 1, 80/tcp: x}\ningress: x\ningress_port: x
ingress_entry: [x]\nwebui: x\nwatchdog: x\ntimeout: 5\nenvironment: {a.b: x, A: [x]}\ntmpfs:\nmap: [[share], {type: [x]}]
privileged: [x, [x]]\nfull_access: x\ndevices: [x]\nservices: x\ndiscovery: x\nboot: x\nhost_network: x\nhassio_api: x\nhassio_role: x
homeassistant_api: x\nauth_api: x\nulimits: {x: 1, core: x}\napparmor: x\nuart: x\nauto_uart: x\n`
  expect(runOf(refused)).toEqual(defaultRun)
})

test.each<[string, Partial<RunConfig>]>([
  ['boot: manual', { boot: 'manual' }],
  ['boot: manual_only', { boot: 'manual' }],
  ['discovery: [mqtt, vlc_telnet]', { discovery: ['mqtt', 'vlc_telnet'] }],
  ['init: 0', { init: false }],
  ['init: "OFF"', { init: false }],
  ['init: "no"', { init: false }],
  ['init: disable', { init: false }],
  ['init: "False"', { init: false }],
  ['ingress: 1', { ingress: true }],
  ['ingress: enable', { ingress: true }],
  ['ingress: "On"', { ingress: true }],
  ['ingress: "YES"', { ingress: true }],
  ['full_access: true', { fullAccess: true }],
  ['host_network: true', { hostNetwork: true }],
  ['hassio_api: true', { hassioApi: true }],
  ['homeassistant_api: true', { homeassistantApi: true }],
  ['auth_api: true', { authApi: true }],
  ['apparmor: false', { apparmor: false }],
  ...['initialize', 'system', 'services', 'application', 'once'].map((startup): [string, Partial<RunConfig>] => [
    `startup: ${startup}`,
    { startup },
  ]),
  ['startup: before', { startup: 'services' }],
  ['startup: after', { startup: 'application' }],
  ...['default', 'homeassistant', 'backup', 'manager', 'admin'].map((hassioRole): [string, Partial<RunConfig>] => [
    `hassio_role: ${hassioRole}`,
    { hassioRole },
  ]),
  ['timeout: 300', { timeout: 300 }],
  ['timeout: "11"', { timeout: 11 }],
  ['ingress_port: 0', { ingressPort: 0 }],
  ['webui: "http://[HOST]:[PORT:80]/x"', { webui: 'http://[HOST]:[PORT:80]/x' }],
  ['watchdog: "tcp://[HOST]:[PORT:80]"', { watchdog: 'tcp://[HOST]:[PORT:80]' }],
  ['schema: []', { schema: {} }],
  [
    'schema: {a: str}',
    { schema: { a: 'str' }, optionLocations: new Map([['a', { file: 'config.yaml', line: 6, column: 10 }]]) },
  ],
  ['services: [mqtt:need, mysql:want]', { services: ['mqtt:need', 'mysql:want'] }],
  ['privileged: [SYS_ADMIN, x, NET_RAW, SYS_ADMIN]', { privileged: ['SYS_ADMIN', 'NET_RAW'] }],
  ['tmpfs: true', { tmpfs: true }],
  ['tmpfs: no', { tmpfs: false }],
  ['tmpfs: {size: 1}', { tmpfs: true }],
  [
    'ports: {0080/tcp: 1, 65535/udp: 65535, 1: 0, 70000: 1, 22:}',
    {
      ports: new Map([
        ['80/tcp', 1],
        ['65535/udp', 65_535],
        ['1/tcp', 0],
        ['22/tcp', null],
      ]),
    },
  ],
  [
    'map: [ssl:ro, share:rw, media, {type: data}, {type: addons, read_only: true}, {type: backup, read_only: no}]',
    {
      map: [
        { type: 'ssl', readOnly: true },
        { type: 'share', readOnly: false },
        { type: 'media', readOnly: true },
        { type: 'data', readOnly: true },
        { type: 'addons', readOnly: true },
        { type: 'backup', readOnly: false },
      ],
    },
  ],
  [
    'map: [{type: data, path: ""}, {type: ssl, path: [x]}, {type: share, path: /a.b/...c/}]',
    {
      map: [
        { type: 'data', readOnly: true },
        { type: 'ssl', readOnly: true },
        { type: 'share', readOnly: true, path: '/a.b/...c' },
      ],
    },
  ],
])('%s gives %j', (text, expected) => {
  expect(runOf(text)).toEqual({ ...defaultRun, ...expected })
})

test('locations are those of options, otherwise of the schema', () => {
  const { optionLocations } = runOf('schema: {a: str, c: [str]}\noptions: {a: x, b: [y]}\n')
  expect([...optionLocations].map(([path, { line, column }]) => `${path} ${line}:${column}`)).toEqual([
    'a 7:11',
    'c 6:18',
    'c.0 6:22',
    'b 7:17',
    'b.0 7:21',
  ])
})
