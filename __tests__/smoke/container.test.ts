import { describe, expect, test } from '@jest/globals'
import { createArguments } from '../../src/docker/containers.ts'
import { readImage } from '../../src/smoke/image.ts'
import { buildLine, quoted, reproduce } from '../../src/smoke/reproduce.ts'
import { hostnameOf, specOf } from '../../src/smoke/spec.ts'
import { runConfig, target } from '../fixtures/target.ts'
import { makeOptions } from './bench.ts'

const same = (text: string): string => text

describe('the container of a target', () => {
  const image = readImage(
    JSON.stringify([
      {
        Id: 'sha256:1',
        Os: 'linux',
        Architecture: 'arm64',
        Config: { Healthcheck: { Test: ['CMD', 'x'], Timeout: 90e9 } },
      },
    ]),
  )
  if (!image) throw new Error('no image')
  const around = {
    name: 'n',
    runId: 'r',
    token: 'tok',
    dataVolume: 'v',
    hosts: new Map([['supervisor', '172.30.32.2']]),
    deadlineMs: 60_000,
    addonOptions: {},
    exists: (path: string) => ['/dev/null', '/lib/modules', '/dev/bus/usb'].includes(path),
  }
  const spec = (run: Parameters<typeof runConfig>[0] = {}, options = {}, addonOptions = {}) =>
    specOf(target({ addon: 'my_addon', run: runConfig(run) }), image, makeOptions(options), { ...around, addonOptions })

  test('is what the Supervisor would start', () => {
    expect(
      spec({
        init: false,
        environment: new Map([
          ['TZ', 'mine'],
          ['A', '1'],
        ]),
        tmpfs: true,
        privileged: ['NET_ADMIN'],
      }).spec,
    ).toMatchObject({
      init: false,
      hostname: 'my-addon',
      platform: 'linux/arm64',
      // The Supervisor's own come last.
      environment: new Map([
        ['TZ', 'UTC'],
        ['A', '1'],
        ['SUPERVISOR_TOKEN', 'tok'],
        ['HASSIO_TOKEN', 'tok'],
      ]),
      tmpfs: ['/tmp', '/dev/shm'],
      capAdd: ['NET_ADMIN'],
      health: { intervalMs: 1000, timeoutMs: 60_000 },
      mounts: [{ volume: 'v', target: '/data' }],
    })
  })

  test.each([
    [[{ type: 'ssl', readOnly: true }], [{ volume: 'v-map0', target: '/ssl', readOnly: true }]],
    [
      [
        { type: 'config', readOnly: false },
        { type: 'addon_config', readOnly: true },
      ],
      [{ volume: 'v-map0', target: '/config', readOnly: false }],
    ],
    [
      [{ type: 'homeassistant_config', readOnly: true, path: '/ha' }],
      [{ volume: 'v-map0', target: '/ha', readOnly: true }],
    ],
    [[{ type: 'share', readOnly: true, path: '/data' }], []],
    [[{ type: 'made-up', readOnly: true }], []],
  ])('maps %j as empty volumes with a name', (map, expected) => {
    expect(spec({ map }).spec.mounts?.slice(1)).toEqual(expected)
  })

  test('keeps its data where the map says', () => {
    expect(spec({ map: [{ type: 'data', readOnly: false, path: '/store' }] }).spec.mounts).toEqual([
      { volume: 'v', target: '/store' },
    ])
  })

  test('says what it is not given, and why', () => {
    const { spec: made, notGiven } = spec({
      devices: ['/dev/null', '/dev/ttyUSB0'],
      fullAccess: true,
      hostNetwork: true,
      wishes: new Set(['uart', 'gpio', 'host_dbus', 'udev', 'docker_api', 'stdin']),
    })
    expect(made.devices).toEqual(['/dev/null'])
    expect(made.binds).toEqual([])
    expect(notGiven.map(({ what }) => what)).toEqual([
      'device /dev/ttyUSB0',
      '/run/udev',
      'the Docker API',
      'GPIO',
      'the D-Bus of the host',
      'standard input',
      'serial ports',
      'full access',
      'the host network',
    ])
    expect(notGiven.every(({ why }) => why.length > 0)).toBe(true)
  })

  test('is given what can be given', () => {
    const { spec: made, notGiven } = spec({
      privileged: ['NET_ADMIN', 'SYS_NICE'],
      ulimits: new Map([['nofile', '1024:2048']]),
      wishes: new Set(['realtime', 'kernel_modules', 'usb']),
    })
    expect(notGiven).toEqual([])
    expect(createArguments(made).join(' ')).toContain(
      '--mount type=bind,source=/lib/modules,target=/lib/modules,readonly',
    )
    expect(made).toMatchObject({
      capAdd: ['NET_ADMIN', 'SYS_NICE', 'SYS_MODULE'],
      devices: ['/dev/bus/usb'],
      ulimits: new Map([
        ['rtprio', '90:99'],
        ['memlock', '134217728'],
        ['nofile', '1024:2048'],
      ]),
      securityOptions: ['seccomp=unconfined'],
    })
    expect(spec({ apparmor: false }).spec.securityOptions).toEqual(['seccomp=unconfined', 'apparmor=unconfined'])
  })

  test('is given the devices that its options name', () => {
    const schema = { device: 'device(subsystem=tty)', more: [{ path: 'device?' }], note: 'str' }
    const options = { device: '/dev/null', more: [{ path: '/dev/ttyACM7' }], note: '/dev/zero' }
    const { spec: made, notGiven } = spec({ schema }, {}, options)
    expect(made.devices).toEqual(['/dev/null'])
    expect(notGiven.map(({ what }) => what)).toEqual(['device /dev/ttyACM7'])
  })

  test('has its options in the environment where it is a legacy one', () => {
    const options = { A: 'x', B: 2, C: true, D: [1], E: 1.5, TZ: 'mine' }
    const { environment } = spec({ wishes: new Set(['legacy']) }, {}, options).spec
    const own = [...(environment ?? [])].filter(([key]) => !key.endsWith('_TOKEN'))
    expect(Object.fromEntries(own)).toEqual({ A: 'x', B: '2', C: 'True', TZ: 'UTC' })
    expect(spec({}, {}, options).spec.environment?.has('A')).toBe(false)
  })

  test('has a host name that DNS allows', () => {
    expect(hostnameOf('My_Add_On')).toBe('my-add-on')
  })

  test('can be started by hand with one line', () => {
    const { spec: made } = spec(
      { environment: new Map([['NOTE', "it's a b"]]), map: [{ type: 'ssl', readOnly: true }] },
      { smokeRunArguments: ['--memory', '1g'] },
    )
    const options = { a: 'b c', pin: 'say "tok"', rows: [{ pin: 'tok', n: 1 }] }
    const line = reproduce(made, options, (text) => text.replaceAll(/say "tok"|tok/g, '***'))
    expect(line).toContain(`printf %s '{"a":"b c","pin":"***","rows":[{"pin":"***","n":1}]}' > data/options.json && `)
    expect(line).toMatch(/^cd "\$\(mktemp -d\)" && mkdir data && .* && docker run --rm /)
    expect(line).toContain(`--env 'NOTE=it'\\''s a b'`)
    expect(line).toContain('"$PWD/data:/data"')
    expect(line).toContain('"$PWD/map/ssl:/ssl:ro"')
    expect(line).toContain('--memory 1g')
    expect(line).toMatch(/sha256:1$/)
    expect(line).not.toMatch(/tok|aicleaner-build\.run/)
  })

  test('is built first where its image is gone', () => {
    const built = target({
      addon: 'My_addon',
      stage: 'final',
      buildArguments: new Map([['NOTE', 'a b']]),
      buildContexts: new Map([['shared', '../shared']]),
    })
    expect(buildLine(built, same)).toBe(
      "docker buildx build --load --platform linux/arm64 --file addon/Dockerfile --target final --build-arg 'NOTE=a b' " +
        '--build-context shared=../shared --tag smoke/my_addon:aarch64 addon',
    )
    expect(reproduce(spec().spec, {}, same, 'build it')).toMatch(/^build it && cd /)
  })

  test('quotes nothing that needs no quotes', () => {
    expect([quoted('a/b:c=1'), quoted(''), quoted('$(x)'), quoted("'")]).toEqual(['a/b:c=1', "''", "'$(x)'", "''\\'''"])
  })
})
