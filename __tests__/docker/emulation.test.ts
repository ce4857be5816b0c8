import { describe, expect, test } from '@jest/globals'
import { installArguments, isUsable, missingEmulators } from '../../src/docker/emulation.ts'

const handler = (flags: string, state = 'enabled') =>
  `${state}\ninterpreter /usr/bin/qemu-arm\nflags: ${flags}\noffset 0\n`

describe('an emulator', () => {
  test.each([
    ['enabled with F', handler('POCF'), true],
    ['without F: the interpreter is not found inside a container', handler('OC'), false],
    ['disabled', handler('F', 'disabled'), false],
    ['absent', undefined, false],
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
    expect(installArguments('binfmt:1', ['aarch64', 'armv7', 'armhf']).at(-1)).toBe('arm64,arm')
  })
})
