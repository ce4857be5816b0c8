import { describe, expect, test } from '@jest/globals'
import { parseReference, parseRepository, schemeOf } from '../../src/registry/name.ts'

describe('an image name', () => {
  test.each([
    ['ghcr.io/org/aarch64-addon', { registry: 'ghcr.io', host: 'ghcr.io', path: 'org/aarch64-addon' }],
    ['localhost:5000/addon', { registry: 'localhost:5000', host: 'localhost:5000', path: 'addon' }],
    ['localhost/addon', { registry: 'localhost', host: 'localhost', path: 'addon' }],
    ['org/addon', { registry: 'docker.io', host: 'registry-1.docker.io', path: 'org/addon' }],
    ['alpine', { registry: 'docker.io', host: 'registry-1.docker.io', path: 'library/alpine' }],
  ])('%s is found in its registry', (image, expected) => {
    expect(parseRepository(image)).toEqual(expected)
  })

  test.each([
    ['ghcr.io/o/n:1.2', 'ghcr.io', 'o/n', '1.2'],
    ['localhost:5000/n', 'localhost:5000', 'n', 'latest'],
    [`ghcr.io/o/n:1@sha256:${'a'.repeat(64)}`, 'ghcr.io', 'o/n', `sha256:${'a'.repeat(64)}`],
  ])('%s has its tag or digest told from a port', (text, registry, path, reference) => {
    expect(parseReference(text)).toMatchObject({ registry, path, reference })
  })

  test.each([
    ['localhost:5000', [], 'http'],
    ['127.0.0.1:5000', [], 'http'],
    ['[::1]:5000', [], 'http'],
    ['nas:5000', ['nas:5000'], 'http'],
    ['nas:5000', [], 'https'],
    ['localhost.example.com', [], 'https'],
    ['127.0.0.1.example.com', [], 'https'],
  ] as const)('%s with %j is spoken to by %s', (host, insecure, expected) => {
    expect(schemeOf(host, insecure)).toBe(expected)
  })
})
