import { describe, expect, test } from '@jest/globals'
import { passEnvironment } from '../../../src/docker/containers.ts'
import { readOnly } from '../../../src/smoke/checks/read-only.ts'
import { readImage } from '../../../src/smoke/container/image.ts'
import { buildCommand, reproduceCommand } from '../../../src/smoke/container/reproduce.ts'
import { createSpec, hostnameOf } from '../../../src/smoke/container/spec.ts'
import { runConfig, target } from '../../fixtures/target.ts'
import { makeOptions } from '../smoke-fixture.ts'

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
  const settings = {
    name: 'n',
    runId: 'r',
    token: 'tok',
    dataVolume: 'v',
    hosts: new Map([['supervisor', '172.30.32.2']]),
    deadlineMs: 60_000,
    exists: (path: string) => ['/dev/null', '/lib/modules', '/dev/bus/usb'].includes(path),
  }
  const context = {
    ...{ target: target(), image, reference: image.id, options: makeOptions() },
    ...{ slowness: 1, addonOptions: {} },
  }
  const spec = (run: Parameters<typeof runConfig>[0] = {}, options = {}, addonOptions = {}) =>
    createSpec(
      {
        ...{ ...context, addonOptions },
        target: target({ addon: 'my_addon', run: runConfig(run) }),
        options: makeOptions(options),
      },
      settings,
    )

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
      hostname: 'local-my-addon',
      domain: 'local.hass.io',
      interactive: false,
      platform: 'linux/arm64',
      // The Supervisor's own come last.
      environment: new Map([
        ['TZ', 'Etc/UTC'],
        ['A', '1'],
        ['SUPERVISOR_TOKEN', 'tok'],
        ['HASSIO_TOKEN', 'tok'],
      ]),
      tmpfs: ['/tmp', '/dev/shm'],
      capAdd: ['NET_ADMIN'],
      health: { intervalMs: 500, timeoutMs: 60_000 },
      mounts: [{ volume: 'v', target: '/data' }],
    })
  })

  test.each([
    ['as long as the image says', 1, 100_000, 90_000],
    ['longer where it is emulated', 2.5, 300_000, 225_000],
    ['no longer than the whole test', 5, 300_000, 300_000],
  ])('gives a probe of HEALTHCHECK %s', (_, slowness, deadlineMs, timeoutMs) => {
    const { spec } = createSpec({ ...context, slowness }, { ...settings, deadlineMs })
    expect(spec.health?.timeoutMs).toBe(timeoutMs)
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
    [[{ type: 'constructor', readOnly: true }], []],
    [[{ type: '__proto__', readOnly: true }], []],
    [
      [
        { type: 'share', readOnly: true, path: '/a' },
        { type: 'share', readOnly: false, path: '/b' },
      ],
      [{ volume: 'v-map0', target: '/b', readOnly: false }],
    ],
  ])('maps %j as empty volumes with a name', (map, expected) => {
    expect(spec({ map }).spec.mounts?.slice(1)).toEqual(expected)
  })

  test('keeps its data at the path of the map', () => {
    expect(spec({ map: [{ type: 'data', readOnly: false, path: '/store' }] }).spec.mounts).toEqual([
      { volume: 'v', target: '/store' },
    ])
  })

  test('has its options in the environment if it is a legacy add-on', () => {
    const options = { A: 'x', B: 2, C: true, D: [1], E: 1.5, TZ: 'mine' }
    const { environment } = spec({ featureFlags: new Set(['legacy']) }, {}, options).spec
    const own = [...(environment ?? [])].filter(([key]) => !key.endsWith('_TOKEN'))
    expect(Object.fromEntries(own)).toEqual({ A: 'x', B: '2', C: 'True', TZ: 'Etc/UTC' })
    expect(spec({}, {}, options).spec.environment?.has('A')).toBe(false)
  })

  test('has no variable of a legacy option whose name or value has no form, or whose several lines may be secret', () => {
    const options = { A: 'x\ny', 'B\nINPUT_PASSWORD': 'x', C: 'a\0b', KEY: 'own\nsecret', ok: 1 }
    const { spec: made, denied } = spec(
      { featureFlags: new Set(['legacy']) },
      { smokeOptions: { KEY: 'own\nsecret' } },
      options,
    )
    expect([...(made.environment?.keys() ?? [])]).toEqual(['A', 'ok', 'TZ', 'SUPERVISOR_TOKEN', 'HASSIO_TOKEN'])
    expect(passEnvironment(made)).toMatchObject({ arguments: ['--env', 'A=x\ny'], child: new Map() })
    expect(denied).toMatchObject([
      { what: 'option "B\\nINPUT_PASSWORD" as a variable' },
      { what: 'option "C" as a variable' },
      { what: 'option "KEY" as a variable', grant: { input: 'smoke-env', value: 'KEY=…' } },
    ])
  })

  test('takes a value of several lines from the workflow’s owner, never a name or value of config.yaml', () => {
    const run = {
      environment: new Map([
        ['PATH', 'a\nb'],
        ['MINE', 'not\nmine'],
      ]),
    }
    const { spec: made } = spec(run, { smokeEnvironment: new Map([['MINE', 'c\nd']]) })
    expect(passEnvironment(made)).toMatchObject({
      arguments: ['--env', 'PATH=a\nb', '--env', 'MINE'],
      child: new Map([['MINE', 'c\nd']]),
    })
  })

  test('has a volume or a tmpfs at a path, not both, which docker refuses', () => {
    const made = spec({ tmpfs: true, map: [{ type: 'share', readOnly: false, path: '/tmp' }] }).spec
    expect(made.mounts?.map(({ target: path }) => path)).toEqual(['/data', '/tmp'])
    expect(made.tmpfs).toEqual(['/dev/shm'])
  })

  test.each([['-v', 'cache:/tmp'], ['--tmpfs', '/tmp:size=1m'], ['--mount=type=tmpfs,dst=/tmp/']])(
    'leaves the mounts at /tmp, /dev/shm and /run/audio to smoke-run-args: %s %s',
    (...args) => {
      const own = [...args, '--tmpfs=/dev/shm:size=512m', '-v', 'sound:/run/audio']
      const made = spec({ tmpfs: true, featureFlags: new Set(['audio']) }, { smokeRunArguments: own }).spec
      expect(made).toMatchObject({ tmpfs: [], mounts: [{ target: '/data' }], extra: own })
      expect(readOnly.furtherRun?.changeSpec?.(made).tmpfs).toEqual(['/run:exec', '/var/tmp'])
    },
  )

  test('has a host name that DNS allows', () => {
    expect(hostnameOf('My_Add_On')).toBe('local-my-add-on')
    expect(hostnameOf('a'.repeat(300))).toHaveLength(63)
  })

  test('can be reproduced with one command', () => {
    const { spec: made } = spec(
      { environment: new Map([['NOTE', "it's a b"]]), map: [{ type: 'ssl', readOnly: true }] },
      { smokeRunArguments: ['--memory', '1g'] },
    )
    const options = { a: 'b c', pin: 'say "tok"', rows: [{ pin: 'tok', n: 1 }] }
    const line = reproduceCommand(made, options, (text) => text.replaceAll(/say "tok"|tok/g, '***'))
    expect(line).toContain(`printf %s '{"a":"b c","pin":"***","rows":[{"pin":"***","n":1}]}' > data/options.json && `)
    expect(line).toMatch(/^cd "\$\(mktemp -d\)" && mkdir data && .* && docker run --rm /)
    expect(line).toContain(`--env 'NOTE=it'\\''s a b'`)
    expect(line).toContain('--volume "$PWD"/data:/data ')
    expect(line).toContain('--volume "$PWD"/map/ssl:/ssl:ro ')
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
    expect(buildCommand(built, same)).toBe(
      "docker buildx build --load --platform linux/arm64 --file addon/Dockerfile --target final --build-arg 'NOTE=a b' " +
        '--build-context shared=../shared --tag smoke/my_addon:aarch64 addon',
    )
    expect(reproduceCommand(spec().spec, {}, same, 'build it')).toMatch(/^build it && cd /)
  })
})
