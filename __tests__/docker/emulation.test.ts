import { describe, expect, test } from '@jest/globals'
import {
  installArguments,
  isUsable,
  missingEmulators,
  prepareEmulation,
  readHandler,
} from '../../src/docker/emulation.ts'
import { answeredHost } from '../fixtures/processes.ts'

const handler = (flags: string, state = 'enabled') =>
  `${state}\ninterpreter /usr/bin/qemu-arm\nflags: ${flags}\noffset 0\n`

describe('an emulator', () => {
  test.each([
    ['enabled with F', handler('POCF'), true],
    ['without F: the interpreter is not found inside a container', handler('OC'), false],
    ['disabled', handler('F', 'disabled'), false],
    ['absent', undefined, false],
    ['enabled only in the name of its program', 'disabled\ninterpreter /usr/enabled\nflags: F\n', false],
    ['not enabled by a line that only contains the word', 'not enabled\nflags: F\n', false],
    ['with a flag in another line', 'enabled\nflags: OC\nno flags: F\n', false],
  ])('that is %s', (_, text, usable) => {
    expect(isUsable(text)).toBe(usable)
  })
})

describe('missing emulators', () => {
  const registered =
    (...names: string[]) =>
    async (name: string) =>
      names.includes(name) ? handler('F') : undefined

  test.each([
    ['none where all are native', ['amd64', 'i386'], 'x64', registered(), []],
    ['only the foreign ones', ['amd64', 'aarch64'], 'x64', registered(), ['aarch64']],
    ['only those that are not there yet', ['aarch64', 'armv7'], 'x64', registered('qemu-aarch64'), ['armv7']],
    ['no 32-bit ARM on a 64-bit ARM machine', ['aarch64', 'armv7', 'armhf'], 'arm64', registered(), []],
    ['x86 on an ARM machine', ['amd64'], 'arm64', registered(), ['amd64']],
  ] as const)('are %s', async (_, architectures, machine, read, expected) => {
    expect(await missingEmulators(architectures, machine, read)).toEqual(expected)
  })

  test('are installed in one container, each emulator once', () => {
    expect(installArguments('binfmt:1', ['aarch64', 'armv7', 'armhf'])).toEqual(
      'run --rm --privileged --network=none binfmt:1 --install arm64,arm'.split(' '),
    )
  })
})

describe('registration of emulators', () => {
  const options = { qemu: 'auto', qemuImage: 'binfmt:1' } as const
  const none = async () => undefined
  const all = async () => handler('F')

  test('runs one container without network for all missing emulators', async () => {
    const { host, asked, lines } = answeredHost(() => ({}))
    await prepareEmulation(['amd64', 'aarch64', 'armv7', 'armhf'], 'x64', options, host, none)
    expect(asked).toEqual([
      {
        command: 'docker',
        args: ['run', '--rm', '--privileged', '--network=none', 'binfmt:1', '--install', 'arm64,arm'],
        options: { timeoutMs: 180_000 },
      },
    ])
    expect(lines).toEqual(['QEMU: registering aarch64, armv7, armhf with binfmt:1'])
  })

  test.each([
    ['nothing is foreign', ['amd64'], options, none, 0],
    ['all are registered', ['aarch64'], options, all, 0],
    ['it is switched off', ['aarch64'], { ...options, qemu: 'never' }, none, 0],
    ['all are registered, but it is always wanted', ['aarch64'], { ...options, qemu: 'always' }, all, 1],
    ['nothing is foreign, though it is always wanted', ['amd64'], { ...options, qemu: 'always' }, all, 0],
  ] as const)('where %s', async (_, architectures, given, read, times) => {
    const { host, asked, lines } = answeredHost(() => ({}))
    await prepareEmulation(architectures, 'x64', given, host, read)
    expect([asked.length, lines.length]).toEqual([times, times])
  })

  test('that fails is a failure of the machine, with the last line of docker', async () => {
    const { host } = answeredHost(() => ({ exitCode: 125, stderr: 'pulling\ndenied: no \n' }))
    await expect(prepareEmulation(['aarch64', 'armv7'], 'x64', options, host, none)).rejects.toMatchObject({
      kind: 'environment',
      diagnostics: [
        {
          code: 'environment/no-emulator',
          message: 'QEMU for aarch64, armv7 could not be registered: denied: no.',
          remedy: expect.stringMatching(
            /^Install qemu-user-static and binfmt-support on this machine, set "qemu-image"/,
          ),
        },
      ],
    })
  })

  test('is nothing to a kernel without such a handler', async () => {
    expect(await readHandler('no-such-emulator')).toBeUndefined()
  })
})
