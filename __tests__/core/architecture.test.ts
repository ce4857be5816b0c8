import {
  type Architecture,
  architectures,
  binfmtNameOf,
  emulatorOf,
  isArchitecture,
  isDeprecated,
  isNative,
  ociPlatformOf,
  parseArchitecture,
  platformOf,
  runsPrograms,
} from '../../src/core/architecture.ts'

test.each<[Architecture, string, string, string, string, boolean]>([
  ['amd64', 'linux/amd64', 'amd64', 'qemu-x86_64', 'amd64', false],
  ['aarch64', 'linux/arm64', 'arm64', 'qemu-aarch64', 'arm64', false],
  ['armv7', 'linux/arm/v7', 'arm v7', 'qemu-arm', 'arm', true],
  ['armhf', 'linux/arm/v6', 'arm v6', 'qemu-arm', 'arm', true],
  ['i386', 'linux/386', '386', 'qemu-i386', '386', true],
])('%s: %s, %s, %s, %s, deprecated: %s', (one, platform, oci, emulator, binfmt, deprecated) => {
  expect(platformOf(one)).toBe(platform)
  expect(Object.values(ociPlatformOf(one)).join(' ')).toBe(oci)
  expect([emulatorOf(one), binfmtNameOf(one), isDeprecated(one)]).toEqual([emulator, binfmt, deprecated])
  expect(parseArchitecture(platform)).toBe(one)
  expect(isArchitecture(one)).toBe(true)
})

test.each<[string, readonly Architecture[]]>([
  ['x64', ['amd64', 'i386']],
  ['ia32', ['i386']],
  ['arm64', ['aarch64', 'armv7', 'armhf']],
  ['arm', ['armv7', 'armhf']],
  ['riscv64', []],
])('on a %s machine %j need no emulator', (machine, expected) => {
  expect(architectures.filter((one) => isNative(one, machine))).toEqual(expected)
})

test.each([
  ['amd64', 'amd64', true],
  ['amd64', '386', true],
  ['arm64', 'arm', true],
  ['arm', 'arm64', false],
  ['386', 'amd64', false],
  ['arm64', 'amd64', false],
])('a machine of the architecture %s runs programs for %s: %s', (machine, program, expected) => {
  expect(runsPrograms(machine, program)).toBe(expected)
})

test.each([
  ['aarch64', 'arm64 arm64/v8 arm64v8 armv8 linux/aarch64 AARCH64'],
  ['amd64', 'x86_64 x86-64 x64 X64'],
  ['armv7', 'arm/v7 arm32v7 armv7l arm'],
  ['armhf', 'arm/v6 arm32v6 armv6 armv6l'],
  ['i386', '386 x86 i686'],
])('%s is also called %s', (architecture, names) => {
  for (const name of names.split(' ')) {
    expect([name, parseArchitecture(` ${name} `)]).toEqual([name, architecture])
    expect(isArchitecture(name)).toBe(false)
  }
})

test.each([
  ['linux/arm64', 'aarch64'],
  ['xlinux/arm64', undefined],
  ['', undefined],
  ['arm64/v8', 'aarch64'],
  ['ARM/V7', 'armv7'],
  ['linux/386', 'i386'],
  ['x86_64', 'amd64'],
  ['armv6', 'armhf'],
  ['riscv64', undefined],
])('%s is %s', (text, expected) => {
  expect(parseArchitecture(text)).toBe(expected)
})
