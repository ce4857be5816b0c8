import fc from 'fast-check'
import { isImageName, isReference, isTag, splitReference } from '../../src/core/image-reference.ts'
import { growth } from '../project/growth.ts'

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

test('an accepted image name has no special characters for a command line or a URL', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      if (isImageName(text)) expect(text).toMatch(/^[\w./:[\]-]+$/)
    }),
  )
})
