import type { RunConfig } from '../../src/addon/addon.ts'
import { readConfigFile } from '../../src/addon/config/config-file.ts'
import { defaultRun } from '../../src/addon/config/run-config.ts'
import { isDevicePath, mappedFolders, mountPathProblem, variableProblem } from '../../src/core/container-rules.ts'
import { variableBytes } from '../../src/core/variables.ts'

const minimal = 'name: N\nversion: "1"\nslug: s\ndescription: d\narch: [amd64]\n'
const read = (text: string) => readConfigFile(minimal + text, 'config.yaml')
const runOf = (text: string): RunConfig => read(text).config.run

test.each(
  'data config homeassistant_config addon_config app_config all_addon_configs all_app_configs ssl addons backup share media'.split(
    ' ',
  ),
)('the folder %s can be mapped', (type) => {
  expect(read(`map: [${type}]`).diagnostics).toEqual([])
})

test.each(
  'audio devicetree docker_api gpio host_dbus host_ipc host_pid host_uts journald kernel_modules legacy realtime stdin uart udev usb video'.split(
    ' ',
  ),
)('%s is asked for where it is true', (key) => {
  expect([...runOf(`${key}: yes`).featureFlags]).toEqual([key])
  expect(runOf(`${key}: no`)).toEqual(defaultRun)
})

test.each(
  'BPF CHECKPOINT_RESTORE DAC_READ_SEARCH IPC_LOCK NET_ADMIN NET_RAW PERFMON SYS_ADMIN SYS_MODULE SYS_NICE SYS_PTRACE SYS_RAWIO SYS_RESOURCE SYS_TIME'.split(
    ' ',
  ),
)('the capability %s is passed on', (capability) => {
  expect(runOf(`privileged: [${capability}]`).privileged).toEqual([capability])
})

test.each('core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack'.split(' '))(
  'the limit %s is passed on',
  (name) => {
    expect([...runOf(`ulimits: {${name}: 40}`).ulimits]).toEqual([[name, '40']])
  },
)

test.each(
  Object.entries({
    data: '/data',
    config: '/config',
    homeassistant_config: '/homeassistant',
    addon_config: '/config',
    app_config: '/config',
    all_addon_configs: '/addon_configs',
    all_app_configs: '/app_configs',
    ssl: '/ssl',
    addons: '/addons',
    backup: '/backup',
    share: '/share',
    media: '/media',
  }),
)('%s is mounted at %s', (type, path) => {
  expect(mappedFolders.get(type)).toBe(path)
})

test('lengths end where the system ends them: paths, variables, and all variables together', () => {
  const name = 'a'.repeat(250)
  expect([isDevicePath(`/dev/${name}`), isDevicePath(`/dev/${name}a`)]).toEqual([true, false])
  expect([mountPathProblem(`/aaaa${name}`), mountPathProblem(`/aaaaa${name}`)?.problem]).toEqual([
    undefined,
    'is not an absolute path without ":" and control characters',
  ])
  expect(variableBytes('AB', 'é')).toBe(5)
  expect(variableProblem('A', 'x'.repeat(32_766), 0)).toBeUndefined()
  expect(variableProblem('A', 'x'.repeat(32_767), 0)).toEqual({
    problem: 'it is longer than 32768 bytes',
    remedy: 'Shorten it, or set it with the input "smoke-env".',
  })
  expect(variableProblem('A', 'x', 262_141)).toBeUndefined()
  expect(variableProblem('A', 'x', 262_142)).toEqual({
    problem: 'all variables together are longer than 262144 bytes',
    remedy: 'Remove some.',
  })
})

test.each(['/dev/ttyUSB0', '/dev/serial/by-id/usb-x_1+a@b=c.d', '/dev/..a/b..', '/dev/a.'])(
  '%s is a device',
  (path) => {
    expect(isDevicePath(path)).toBe(true)
  },
)

test.each(['/a', '/a/b c/', '/process', '/device/x', '/a/.b/..c', '/systems'])(
  'a folder can be mounted at %s',
  (path) => {
    expect(mountPathProblem(path)).toBeUndefined()
  },
)
