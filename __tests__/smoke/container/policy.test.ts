import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { featureFlags, type RunConfig } from '../../../src/addon/addon.ts'
import { capabilities } from '../../../src/core/container-rules.ts'
import { createArguments } from '../../../src/docker/containers.ts'
import { readImage } from '../../../src/smoke/container/image.ts'
import { applyPolicy, describeDenied, devicesIn, grantHint } from '../../../src/smoke/container/policy.ts'
import { createSpec } from '../../../src/smoke/container/spec.ts'
import { withHint } from '../../../src/smoke/verdict.ts'
import { runConfig, target } from '../../fixtures/target.ts'
import { makeOptions } from '../smoke-fixture.ts'

const exists = (path: string): boolean => ['/dev/null', '/dev/fuse', '/dev/bus/usb'].includes(path)
const inputs = (smokePrivileges: readonly string[]) => ({ smokePrivileges, smokeProtected: true })
const apply = (run: Partial<RunConfig>, granted: readonly string[] = [], optionDevices: readonly string[] = []) =>
  applyPolicy(runConfig(run), optionDevices, inputs(granted), exists)
const everything: Partial<RunConfig> = {
  privileged: capabilities,
  devices: ['/dev/null', '/dev/loop0'],
  fullAccess: true,
  hostNetwork: true,
  apparmor: false,
  featureFlags: new Set(featureFlags),
}

describe('without a grant', () => {
  test('a container gets only harmless capabilities, with any request in config.yaml', () => {
    const { granted: access } = apply(everything, [], ['/dev/fuse'])
    expect(access.capAdd).toEqual(['IPC_LOCK', 'NET_ADMIN', 'NET_RAW', 'SYS_NICE'])
    expect(access.devices).toEqual([])
    expect(access.pidsLimit).toBe(4096)
  })

  test('docker gets no profile, no namespace and no folder of the host', () => {
    const image = readImage(JSON.stringify([{ Id: 'sha256:1', Os: 'linux', Architecture: 'amd64' }]))
    if (!image) throw new Error('no image')
    const { spec } = createSpec(
      {
        ...{ target: target({ run: runConfig(everything) }), image, reference: image.id },
        ...{ options: makeOptions(), slowness: 1, addonOptions: {} },
      },
      { name: 'n', runId: 'r', token: 't', dataVolume: 'v', hosts: new Map(), deadlineMs: 1, exists },
    )
    const args = createArguments(spec)
    for (const flag of [
      '--security-opt',
      '--device',
      '--privileged',
      '--pid',
      '--ipc',
      '--uts',
      '--volume',
      '--network',
    ])
      expect(args).not.toContain(flag)
    expect(args.join(' ')).not.toMatch(/type=bind|unconfined|SYS_ADMIN/)
    expect(args.join(' ')).toContain('--pids-limit 4096')
  })

  test.each<[string, Partial<RunConfig>, string]>([
    [
      'a capability',
      { privileged: ['SYS_ADMIN'] },
      'SYS_ADMIN: the test does not grant it (grant it with "smoke-privileges: SYS_ADMIN")',
    ],
    [
      'a device',
      { devices: ['/dev/loop0'] },
      'device /dev/loop0: the test grants no device by default (grant it with "smoke-privileges: /dev/loop0")',
    ],
    [
      'a class of devices',
      { featureFlags: new Set(['uart']) },
      'serial ports: the test grants no device by default (grant it with "smoke-privileges: /dev/PATH")',
    ],
    [
      'a folder of the machine',
      { featureFlags: new Set(['udev']) },
      '/run/udev: the test mounts no folder of the host (grant it with "smoke-run-args: --volume /run/udev:/run/udev:ro")',
    ],
    [
      'modules of the kernel',
      { featureFlags: new Set(['kernel_modules']) },
      'SYS_MODULE: the test does not grant it (grant it with "smoke-privileges: SYS_MODULE"); /lib/modules: the test mounts no folder of the ' +
        'host (grant it with "smoke-run-args: --volume /lib/modules:/lib/modules:ro")',
    ],
    [
      'no AppArmor profile',
      { apparmor: false },
      'no AppArmor profile: the engine\'s default profile applies (grant it with "smoke-run-args: --security-opt apparmor=unconfined")',
    ],
    [
      'the host network',
      { hostNetwork: true },
      'the host network: ports of several architectures and of the host would collide',
    ],
  ])('%s is named, with what grants it', (_, run, line) => {
    expect(describeDenied(apply(run).denied)).toBe(`not granted to the test: ${line}`)
  })

  test.each([
    [true, 'the Supervisor grants this only if the user disables protection mode'],
    [false, 'the test does not grant it'],
  ])('with "smoke-protected: %s", the same is denied, with another reason', (smokeProtected, why) => {
    const run = runConfig({ fullAccess: true, featureFlags: new Set(['docker_api', 'host_pid', 'udev']) })
    const { granted, denied } = applyPolicy(run, [], { smokePrivileges: [], smokeProtected }, exists)
    expect(granted).toMatchObject({ capAdd: [], devices: [] })
    const folder = 'the test mounts no folder of the host'
    expect(denied.map(({ what, why }) => [what, why])).toEqual([
      ['the Docker API', why],
      ['the processes of the host', why],
      ['/run/udev', folder],
      ['full access', why],
    ])
  })

  test('nothing is listed if nothing is requested', () => {
    expect(apply({ privileged: ['NET_ADMIN'], featureFlags: new Set(['realtime', 'legacy']) }).denied).toEqual([])
  })

  test('a thousand devices are no line without an end', () => {
    const devices = Array.from({ length: 1000 }, (_, index) => `/dev/x${index}`)
    expect(describeDenied(apply({ devices }).denied)).toMatch(/; 988 more$/)
  })
})

describe('the workflow’s owner grants', () => {
  test.each<[string, Partial<RunConfig>, readonly string[], readonly string[], readonly string[]]>([
    ['a capability that is asked for', { privileged: ['SYS_ADMIN'] }, ['SYS_ADMIN'], ['SYS_ADMIN'], []],
    ['none that is not', {}, ['SYS_ADMIN', '/dev/null'], [], []],
    ['one that a flag asks for', { featureFlags: new Set(['kernel_modules']) }, ['SYS_MODULE'], ['SYS_MODULE'], []],
    ['a device that is asked for', { devices: ['/dev/null'] }, ['/dev/null', '/dev/fuse'], [], ['/dev/null']],
    ['a device of a class', { featureFlags: new Set(['usb']) }, ['/dev/bus/usb'], [], ['/dev/bus/usb']],
    ['any device with full access', { fullAccess: true }, ['/dev/fuse'], [], ['/dev/fuse']],
    ['none that this machine does not have', { devices: ['/dev/gone'] }, ['/dev/gone'], [], []],
  ])('%s', (_, run, granted, capAdd, devices) => {
    expect(apply(run, granted).granted).toMatchObject({ capAdd, devices })
  })

  test('a device that an option names', () => {
    const schema = { device: 'device(subsystem=tty)', more: [{ path: 'device?' }], note: 'str' }
    const options = { device: '/dev/null', more: [{ path: '/dev/ttyACM7' }], note: '/dev/zero' }
    const asked = devicesIn(options, schema)
    expect(asked).toEqual(['/dev/null', '/dev/ttyACM7'])
    const { granted: access, denied } = apply({}, ['/dev/null', '/dev/ttyACM7', '/dev/zero'], asked)
    expect(access.devices).toEqual(['/dev/null'])
    expect(denied).toEqual([{ what: 'device /dev/ttyACM7', why: 'this machine does not have it' }])
  })

  test('nothing else: with any config.yaml, devices and capabilities come from the grants or the short list', () => {
    const path = fc.constantFrom<string>(
      '/dev/null',
      '/dev/fuse',
      '/dev/null:/x:rwm',
      '/dev/../etc',
      '/etc/shadow',
      '/dev/',
      '--privileged',
    )
    const word = fc.constantFrom<string>(...capabilities, 'ALL', 'constructor')
    fc.assert(
      fc.property(
        fc.array(word),
        fc.array(path),
        fc.array(path),
        fc.subarray([...featureFlags]),
        fc.boolean(),
        fc.array(fc.oneof(word, path)),
        (privileged, devices, optionDevices, flags, fullAccess, granted) => {
          const run = runConfig({ privileged, devices, fullAccess, featureFlags: new Set(flags) })
          const { granted: access } = applyPolicy(run, optionDevices, inputs(granted), () => true)
          const short = ['NET_ADMIN', 'NET_RAW', 'SYS_NICE', 'IPC_LOCK']
          for (const one of access.capAdd) expect([...short, ...granted]).toContain(one)
          for (const one of access.devices)
            expect(['/dev/null', '/dev/fuse'].filter((good) => granted.includes(good))).toContain(one)
        },
      ),
    )
  })
})

describe('a failure', () => {
  test.each<[string, Partial<RunConfig>, string | undefined]>([
    [
      'names the capability that was asked for',
      { privileged: ['SYS_ADMIN'] },
      '. It requests SYS_ADMIN, which the test does not grant; to grant it, set "smoke-privileges: SYS_ADMIN"',
    ],
    [
      'names all of it',
      { privileged: ['SYS_ADMIN', 'NET_ADMIN'], devices: ['/dev/loop0'], featureFlags: new Set(['host_pid', 'audio']) },
      '. It requests SYS_ADMIN, device /dev/loop0 and the processes of the host, which the test does not grant; ' +
        'to grant it, set "smoke-privileges: SYS_ADMIN, /dev/loop0" and "smoke-run-args: --pid host"',
    ],
    ['says nothing where no grant would help', { featureFlags: new Set(['audio']) }, undefined],
  ])('%s', (_, run, expected) => {
    expect(grantHint(apply(run).denied)).toBe(expected)
  })

  test('has the hint at the first failed check if it is about the start', () => {
    const check = (name: string, status: 'pass' | 'fail' | 'skip') => ({ name, status, reason: name })
    const reasons = (...checks: ReturnType<typeof check>[]) => withHint(checks, '!').map(({ reason }) => reason)
    expect(reasons(check('options', 'pass'), check('starts', 'fail'), check('settles', 'fail'))).toEqual([
      'options',
      'starts!',
      'settles',
    ])
    expect(reasons(check('memory', 'fail'), check('hardware', 'skip'))).toEqual(['memory', 'hardware'])
  })
})
