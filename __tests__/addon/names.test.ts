import fc from 'fast-check'
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
} from '../../src/addon/architecture.ts'
import { isImageName, isReference, isTag, splitReference } from '../../src/addon/image-name.ts'
import { nearest, suggestion } from '../../src/addon/nearest.ts'
import { growth } from '../growth.ts'

test.each([
  ['alpine', true],
  ['ghcr.io/org/aarch64-name', true],
  ['localhost:5000/a', true],
  ['[::1]:5000/a', true],
  ['a__b/c.d-e--f', true],
  ['org/Name', false],
  ['a..b', false],
  ['a___b', false],
  ['-a', false],
  ['a-', false],
  ['a//b', false],
  ['/a', false],
  ['a:1', false],
  ['a b', false],
  ['', false],
  ['a'.repeat(255), true],
  ['a'.repeat(256), false],
])('image name %s: %s', (text, valid) => {
  expect(isImageName(text)).toBe(valid)
})

test.each([
  ['1.2.3', true],
  ['_x', true],
  ['.x', false],
  ['-x', false],
  ['a+b', false],
  ['a'.repeat(128), true],
  ['a'.repeat(129), false],
  ['', false],
])('tag %s: %s', (text, valid) => {
  expect(isTag(text)).toBe(valid)
})

test('a reference is taken apart and put together again', () => {
  const digest = `sha256:${'a'.repeat(64)}`
  for (const text of ['a', 'a:1', 'localhost:5000/a', 'localhost:5000/a:1', `a@${digest}`, `x.io:1/a:b@${digest}`]) {
    const { name, tag, digest: found } = splitReference(text)
    expect(`${name}${tag === undefined ? '' : `:${tag}`}${found === undefined ? '' : `@${found}`}`).toBe(text)
    expect(isReference(text)).toBe(true)
  }
})

test.each([
  ['a', { name: 'a' }],
  ['a:1', { name: 'a', tag: '1' }],
  ['localhost:5000/a', { name: 'localhost:5000/a' }],
  ['localhost:5000/a:1', { name: 'localhost:5000/a', tag: '1' }],
  ['a@sha256:1', { name: 'a', digest: 'sha256:1' }],
  ['x:1/a:b@sha256:1', { name: 'x:1/a', tag: 'b', digest: 'sha256:1' }],
  ['@x', { name: '', digest: 'x' }],
])('%s has the parts %j', (text, parts) => {
  expect(splitReference(text)).toEqual(parts)
})

test('a reference has at most 512 characters', () => {
  expect(['a'.repeat(512), 'a'.repeat(513)].map(isReference)).toEqual([true, false])
})

test.each([
  ['a-', '!'],
  ['a.', '/'],
  ['a', '_____'],
])('the time to check names of %j and an end that is wrong grows with their length', (unit, end) => {
  const name = (length: number) => unit.repeat(length / unit.length) + end
  expect(growth(name, (text) => [isImageName(text), isReference(text)], 60, 4, 8)).toBeLessThan(8)
})

test('whatever is accepted as an image name has no character that a command line or a URL would mind', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      if (isImageName(text)) expect(text).toMatch(/^[\w./:[\]-]+$/)
    }),
  )
})

test.each([
  ['sqash', ['squash', 'args'], 'squash'],
  ['arm46', ['amd64', 'arm64'], 'arm64'],
  ['TARGET', ['target'], 'target'],
  ['build-from', ['build_from'], 'build_from'],
  ['xyz', ['abc'], undefined],
  ['', ['abc'], undefined],
  // One slip in three letters, two in seven, three in more.
  ['evv', ['env'], 'env'],
  ['evx', ['env'], undefined],
  ['envxy', ['env'], undefined],
  ['ba', ['ab'], 'ab'],
  ['b', ['ab'], 'ab'],
  ['xy', ['ab'], undefined],
  ['cba', ['abc'], undefined],
  ['ab', ['bc'], undefined],
  ['cb', ['ac'], undefined],
  ['lbxl', ['labl'], 'labl'],
  ['axxl', ['labl'], undefined],
  ['axxyz12', ['abcyz12'], 'abcyz12'],
  ['axxxz12', ['abcyz12'], undefined],
  ['axxxz123', ['abcyz123'], 'abcyz123'],
  ['axxxx123', ['abcyz123'], undefined],
  ['servicesxyz', ['services'], 'services'],
  ['serviceswxyz', ['services'], undefined],
  ['rvices', ['services'], 'services'],
  // The nearest, and the first of those that are as near.
  ['cats', ['bats', 'cats', 'cat'], 'cats'],
  ['xats', ['bats', 'cats'], 'bats'],
  // Spaces around it, capitals, dashes and underscores do not count.
  ['   ENV   ', ['env'], 'env'],
  ['b_u_i_l_d_f_r_o_m', ['buildfrom'], 'buildfrom'],
  ['buildfrom', ['b-u-i-l-d-f-r-o-m'], 'b-u-i-l-d-f-r-o-m'],
])('"%s" was meant to be %s', (written, known, meant) => {
  expect(nearest(written, known)).toBe(meant)
})

test('a name that is known is nearest to itself, and swapping two letters does not change that', () => {
  const known = ['target', 'architectures', 'multi-arch-image', 'smoke-timeout', 'max-increase']
  fc.assert(
    fc.property(fc.constantFrom(...known), fc.nat(20), (name, at) => {
      const index = at % (name.length - 1)
      const swapped = name.slice(0, index) + name[index + 1] + name[index] + name.slice(index + 2)
      expect(nearest(swapped, known)).toBe(name)
    }),
  )
})

test('where nothing is near, all names are listed', () => {
  expect(suggestion('xyz', ['one', 'two'])).toBe('Use one of: one, two.')
})

test('what is near is named', () => {
  expect(suggestion('onee', new Set(['two', 'one']))).toBe('Did you mean "one"?')
})

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
