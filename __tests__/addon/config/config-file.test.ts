import type { RunConfig } from '../../../src/addon/addon.ts'
import { readConfigFile } from '../../../src/addon/config/config-file.ts'

const minimal = 'name: N\nversion: "1"\nslug: s\ndescription: d\narch: [amd64]\n'
const read = (text: string, file = 'config.yaml') => readConfigFile(text, file)
const said = (more: string) =>
  read(minimal + more).diagnostics.map(
    ({ severity, code, where }) => `${severity} ${code} ${where?.line}:${where?.column}`,
  )

test('a minimal file has the defaults of the Supervisor', () => {
  const { config, diagnostics } = read(minimal)
  expect(diagnostics).toEqual([])
  expect(config.architectures).toEqual(['amd64'])
  expect(config.run).toMatchObject({
    init: true,
    startup: 'application',
    timeout: 10,
    ingressPort: 8099,
    apparmor: true,
    hassioRole: 'default',
    options: {},
  })
})

test.each<[string, string, Partial<RunConfig>]>([
  ['init', 'init: no', { init: false }],
  ['startup of 2018', 'startup: before', { startup: 'services' }],
  ['options', 'options:\n  a: 1\n  b: [{c: yes}]', { options: { a: 1, b: [{ c: true }] } }],
  ['no check of options', 'schema: false', { schema: false }],
  [
    'featureFlags for hardware',
    'uart: true\nusb: yes\ngpio: false\nkernel_modules: on\nstdin: true',
    { featureFlags: new Set(['kernel_modules', 'stdin', 'uart', 'usb'] as const) },
  ],
  ['uart of 2020', 'auto_uart: true', { featureFlags: new Set(['uart'] as const) }],
  [
    'ports',
    'ports:\n  80/tcp: 8080\n  53/udp: null\n  "22": 22',
    {
      ports: new Map([
        ['80/tcp', 8080],
        ['53/udp', null],
        ['22/tcp', 22],
      ]),
    },
  ],
  [
    'map of both kinds',
    'map:\n  - config:rw\n  - ssl\n  - {type: share, read_only: false, path: /x}',
    {
      map: [
        { type: 'config', readOnly: false },
        { type: 'ssl', readOnly: true },
        { type: 'share', readOnly: false, path: '/x' },
      ],
    },
  ],
  ['devices of 2020', 'devices: ["/dev/ttyUSB0:/dev/ttyUSB0:rwm", /dev/x]', { devices: ['/dev/ttyUSB0', '/dev/x'] }],
  ['tmpfs of 2020', 'tmpfs: size=512k', { tmpfs: true }],
  [
    'environment',
    'environment: {A: "1.0", B: "3.10"}',
    {
      environment: new Map([
        ['A', '1.0'],
        ['B', '3.10'],
      ]),
    },
  ],
  [
    'ulimits',
    'ulimits: {nofile: 1024, nproc: {soft: 1, hard: 2}}',
    {
      ulimits: new Map([
        ['nofile', '1024'],
        ['nproc', '1:2'],
      ]),
    },
  ],
  [
    'dynamic ingress',
    'ingress: true\ningress_port: 0\ningress_entry: /x',
    { ingress: true, ingressPort: 0, ingressEntry: '/x' },
  ],
])('%s', (_, text, expected) => {
  const { config, diagnostics } = read(minimal + text)
  expect(diagnostics).toEqual([])
  expect(config.run).toMatchObject(expected)
})

test('places of options are kept for messages', () => {
  const { config } = read(`${minimal}options:\n  zones:\n    - name: x\n`)
  expect(config.run.optionLocations.get('zones.0.name')).toEqual({ file: 'config.yaml', line: 8, column: 7 })
})

test('an option without a default has the place of its type', () => {
  const { config } = read(`${minimal}options:\n  level: info\nschema:\n  level: str\n  broker: str\n`)
  const lineOf = (path: string) => config.run.optionLocations.get(path)?.line
  expect([lineOf('level'), lineOf('broker')]).toEqual([7, 10])
})

test.each<[string, string, readonly string[]]>([
  ['a build block', 'build:\n  args: {}\n', ['warning config/build-block 6:1']],
  ['a slip', 'hassio_ap: true\n', ['warning config/unknown-key 6:1']],
  ['an unknown key', 'zzz_unheard_of: true\n', ['notice config/unknown-key 6:1']],
  ['an image with a tag', 'image: ghcr.io/o/n:1\n', ['error config/image-with-tag 6:8']],
  ['an image with a port', 'image: localhost:5000/{arch}-n\n', []],
  ['a bad boolean', 'init: maybe\n', ['warning config/bad-value 6:7']],
  ['a bad port', 'ports:\n  http: 80\n', ['warning config/bad-value 7:3']],
  ['a bad time', 'timeout: 5\n', ['warning config/bad-value 6:10']],
  ['an environment without quotes', 'environment: {A: 3.10, B: x}\n', ['warning config/not-quoted 6:18']],
  ['a webui of its own kind', 'webui: http://localhost:8080\n', ['warning config/bad-value 6:8']],
  ['a webui', 'webui: "[PROTO:ssl]://[HOST]:[PORT:80]/x"\n', []],
  ['a watchdog', 'watchdog: tcp://[HOST]:1883\n', []],
  ['a watchdog of its own kind', 'watchdog: true\n', ['warning config/bad-value 6:11']],
  ['a url without its scheme', 'url: example.org/x\n', ['warning config/bad-value 6:6']],
  ['a startup that is a slip', 'startup: servces\n', ['warning config/bad-value 6:10']],
  [
    'a capability of no name',
    'privileged: [NET_ADMIN, ALL, CAP_SYS_ADMIN]\n',
    ['warning config/bad-value 6:25', 'warning config/bad-value 6:30'],
  ],
  ['a role that is a property of every object', 'hassio_role: constructor\n', ['warning config/bad-value 6:14']],
  ['a port that is none', 'webui: "http://[HOST]:[PORT:99999]/"\n', ['warning config/bad-value 6:8']],
  ['a watchdog at a port that is none', 'watchdog: "tcp://[HOST]:99999"\n', ['warning config/bad-value 6:11']],
])('%s', (_, text, expected) => {
  expect(said(text)).toEqual(expected)
})

test.each<[string, string, readonly string[]]>([
  ['nothing', '', ['error config/empty']],
  ['a list', '- a', ['error config/not-a-map']],
  ['missing keys are one line', 'name: x\nslug: y', ['warning config/missing-key']],
  ...['.', '..', '...', '.git', '..x', 'a/b', '../x', 'a\\nb', '-/-'].map(
    (slug): [string, string, readonly string[]] => [
      `the slug ${slug}`,
      `name: N\nversion: "1"\nslug: "${slug}"\ndescription: d\narch: [amd64]`,
      ['error config/bad-slug'],
    ],
  ),
  [
    'a slug that is no host name',
    `name: N\nversion: "1"\nslug: ${'x'.repeat(64)}\ndescription: d\narch: [amd64]`,
    ['warning config/bad-slug'],
  ],
  ['a slug with a space', 'name: N\nversion: "1"\nslug: a b\ndescription: d\narch: [amd64]', ['error config/bad-slug']],
  [
    'an unknown architecture',
    'name: N\nversion: "1"\nslug: s\ndescription: d\narch: [amd46]',
    ['error config/unknown-architecture'],
  ],
  [
    "Docker's name of an architecture",
    'name: N\nversion: "1"\nslug: s\ndescription: d\narch: [arm64]',
    ['warning config/odd-architecture'],
  ],
  [
    'dropped architectures are one warning',
    'name: N\nversion: "1"\nslug: s\ndescription: d\narch: [armhf, amd64, i386]',
    ['warning config/deprecated-architecture'],
  ],
  [
    'a version that loses its last zero',
    'name: N\nversion: 3.10\nslug: s\ndescription: d\narch: [amd64]',
    ['warning config/version-number'],
  ],
  [
    'a version that is True',
    'name: N\nversion: yes\nslug: s\ndescription: d\narch: [amd64]',
    ['warning config/version-number'],
  ],
  ['an empty slug', 'name: N\nversion: "1"\nslug: ""\ndescription: d\narch: [amd64]', ['warning config/missing-key']],
  [
    'texts that are none',
    'name: 5\nversion: "1"\nslug: 12\ndescription: yes\narch: [amd64]\nurl: 2020-01-01\nimage: 5',
    Array(5).fill('warning config/not-quoted'),
  ],
  ['a version that stays what it is', 'name: N\nversion: 1.0\nslug: s\ndescription: d\narch: [amd64]', []],
])('%s', (_, text, expected) => {
  expect(read(text).diagnostics.map(({ severity, code }) => `${severity} ${code}`)).toEqual(expected)
})

describe('a value that becomes an argument of docker', () => {
  test.each<[string, string, number, RegExp]>([
    [
      'a name with line ends',
      'environment:\n  "A\\nINPUT_PASSWORD\\nB": x\n',
      7,
      /"A\\nINPUT_PASSWORD\\nB": its name has other/,
    ],
    ['a name with "="', 'environment:\n  "A=B": x\n', 7, /its name has other/],
    [
      'a name with a dot',
      'environment:\n  a.b: x\n',
      7,
      /set it with the input "smoke-run-args", as in "--env some.name/,
    ],
    ['an empty name', 'environment:\n  "": x\n', 7, /its name has other/],
    ['a value with NUL', 'environment:\n  A: "x\\0y"\n', 7, /NUL/],
    ['a value of 40 kB', `environment:\n  A: ${'x'.repeat(40_000)}\n`, 7, /longer than 32768 bytes/],
    ['a device elsewhere', 'devices:\n  - /etc/shadow\n', 7, /not a path under \/dev/],
    ['a device that climbs', 'devices:\n  - /dev/../etc/shadow\n', 7, /not a path under \/dev/],
    ['a device that looks like a flag', 'devices:\n  - --privileged\n', 7, /not a path under \/dev/],
    ['a limit of no name', 'ulimits:\n  constructor: 1\n', 7, /Docker has no limit of that name/],
    [
      'a limit that is no number',
      'ulimits:\n  nofile: {soft: "1 --privileged", hard: 2}\n',
      7,
      /a whole number from 0/,
    ],
    ['more files than there can be', 'ulimits:\n  nofile: 99999999\n', 7, /from 0 to 1048576/],
    [
      'a folder that does not exist',
      'map:\n  - constructor\n',
      7,
      /"map" entry "constructor": the test has no such folder/,
    ],
    [
      'a mapped type that does not exist',
      'map:\n  - {type: __proto__}\n',
      7,
      /"map" entry "__proto__": the test has no/,
    ],
    ['a soft limit above the hard one', 'ulimits:\n  core: {soft: 3, hard: 2}\n', 7, /soft limit is above/],
    ...[
      '/',
      '/proc',
      '/proc/sys/kernel',
      '/sys',
      '/dev/shm',
      'share',
      '../x',
      '/a/../b',
      '/a/./b',
      '//x',
      '/a:/b',
      '/a\\nb',
    ].map((path): [string, string, number, RegExp] => [
      `a folder at ${path}`,
      `map:\n  - {type: share, path: "${path}"}\n`,
      7,
      /"path" .* of "map" entry "share": it .*\. The usual path of the folder is used\./,
    ]),
  ])('%s is left out, at its line', (_, text, line, expected) => {
    const { config, diagnostics } = read(minimal + text)
    expect(diagnostics).toMatchObject([{ severity: 'warning', code: 'config/left-out', where: { line } }])
    const [{ message, remedy } = { message: '', remedy: '' }] = diagnostics
    expect(`${message} ${remedy}`).toMatch(expected)
    expect(message).not.toMatch(/\p{Cc}/u)
    expect(remedy).not.toBe('')
    const { environment, devices, ulimits, map } = config.run
    expect({ environment, devices, ulimits }).toEqual({ environment: new Map(), devices: [], ulimits: new Map() })
    expect(map.every((entry) => !('path' in entry))).toBe(true)
  })

  test('is kept if it is valid', () => {
    const { config, diagnostics } = read(
      `${minimal}environment: {_A1: "x\\ny", PATH: "a\\nb"}\nulimits: {memlock: -1, nofile: {soft: 1, hard: 2}, rtprio: 99}\n` +
        'devices: [/dev/serial/by-id/usb-x_1-if00]\nmap: [{type: share, path: "/srv/a b/"}]\nprivileged: [SYS_ADMIN, SYS_ADMIN]\n',
    )
    expect(diagnostics).toEqual([])
    expect(config.run).toMatchObject({
      environment: new Map([
        ['_A1', 'x\ny'],
        ['PATH', 'a\nb'],
      ]),
      ulimits: new Map([
        ['memlock', '-1'],
        ['nofile', '1:2'],
        ['rtprio', '99'],
      ]),
      devices: ['/dev/serial/by-id/usb-x_1-if00'],
      map: [{ type: 'share', readOnly: true, path: '/srv/a b' }],
      privileged: ['SYS_ADMIN'],
    })
  })

  test('has a limit for all variables together', () => {
    const lines = Array.from({ length: 20 }, (_, index) => `  V${index}: ${'x'.repeat(30_000)}`)
    const { config, diagnostics } = read(`${minimal}environment:\n${lines.join('\n')}\n`)
    expect(config.run.environment.size).toBe(8)
    expect(diagnostics).toHaveLength(12)
  })
})
