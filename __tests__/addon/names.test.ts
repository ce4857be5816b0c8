import fc from 'fast-check'
import { parseArchitecture } from '../../src/addon/architecture.ts'
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

test.each([
  ['linux/arm64', 'aarch64'],
  ['arm64/v8', 'aarch64'],
  ['ARM/V7', 'armv7'],
  ['linux/386', 'i386'],
  ['x86_64', 'amd64'],
  ['armv6', 'armhf'],
  ['riscv64', undefined],
])('%s is %s', (text, expected) => {
  expect(parseArchitecture(text)).toBe(expected)
})
