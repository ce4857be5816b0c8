import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { addLogins } from '../../src/docker/login.ts'
import { parseChallenge } from '../../src/registry/challenge.ts'
import { mayPass, RegistryError } from '../../src/registry/error.ts'
import { makeIndex } from '../../src/registry/image-index.ts'
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

describe('a challenge', () => {
  test.each([
    [
      'Bearer realm="https://auth.example/token",service="registry.example",scope="repository:a/b:pull,push"',
      {
        scheme: 'bearer',
        realm: 'https://auth.example/token',
        service: 'registry.example',
        scope: 'repository:a/b:pull,push',
      },
    ],
    ['bearer realm=https://auth.example/token', { scheme: 'bearer', realm: 'https://auth.example/token' }],
    ['Basic realm="x"', { scheme: 'basic' }],
    ['Basic realm="x", Bearer realm="https://a/t"', { scheme: 'bearer', realm: 'https://a/t' }],
    ['Bearer service="x"', undefined],
    ['Negotiate', undefined],
    ['', undefined],
  ])('%s is understood', (header, expected) => {
    expect(parseChallenge(header)).toEqual(expected)
  })

  test('never hangs or throws, whatever a registry sends', () => {
    fc.assert(fc.property(fc.string(), (header) => void parseChallenge(`Bearer ${header}`)))
  })
})

test.each([
  [undefined, true],
  [408, true],
  [429, true],
  [500, true],
  [503, true],
  [400, false],
  [401, false],
  [403, false],
  [404, false],
])('an answer of %s may pass: %s', (status, expected) => {
  expect(mayPass(new RegistryError('x', status))).toBe(expected)
})

test.each([
  ['ENOTFOUND', false],
  ['EAI_AGAIN', true],
  ['ECONNRESET', true],
])('a connection that fails with %s may pass: %s', (code, expected) => {
  const cause = Object.assign(new Error(code), { code })
  expect(mayPass(new RegistryError('x', undefined, undefined, cause))).toBe(expected)
})

test('the same images give the same manifest list, so a repeated publish moves nothing', () => {
  const entry = (architecture: 'amd64' | 'armv7') => ({
    architecture,
    manifest: {
      digest: `sha256:${architecture}`,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      bytes: Buffer.from(architecture),
    },
  })
  const first = makeIndex([entry('amd64'), entry('armv7')])
  expect(makeIndex([entry('amd64'), entry('armv7')])).toEqual(first)
  expect(JSON.parse(first.bytes.toString()).manifests).toEqual([
    expect.objectContaining({ platform: { architecture: 'amd64', os: 'linux' }, size: 5 }),
    expect.objectContaining({ platform: { architecture: 'arm', variant: 'v7', os: 'linux' } }),
  ])
})

describe('logins of this step', () => {
  const login = { registry: 'ghcr.io', username: 'me', password: 'secret' }
  const auth = Buffer.from('me:secret').toString('base64')

  test('stand beside those of an earlier step', () => {
    expect(addLogins({ auths: { 'nas:5000': { auth: 'x' } } }, [login])).toEqual({
      auths: { 'nas:5000': { auth: 'x' }, 'ghcr.io': { auth } },
    })
  })

  test('are not hidden by a credential store, and do not hide what it has', () => {
    const helpers = { 'ghcr.io': 'own', 'gcr.io': 'gcloud' }
    expect(addLogins({ credsStore: 'desktop', auths: { 'nas:5000': {} }, credHelpers: helpers }, [login])).toEqual({
      credsStore: 'desktop',
      // No name: what stands in the file.
      credHelpers: { 'gcr.io': 'gcloud', 'ghcr.io': '' },
      auths: { 'nas:5000': {}, 'ghcr.io': { auth } },
    })
    expect(addLogins({ credHelpers: helpers }, [login]).credHelpers).toEqual({ 'gcr.io': 'gcloud' })
  })

  test('go by the name under which Docker keeps its own hub', () => {
    const { auths } = addLogins({}, [{ ...login, registry: 'docker.io' }])
    expect(Object.keys(auths ?? {})).toEqual(['https://index.docker.io/v1/'])
  })
})
