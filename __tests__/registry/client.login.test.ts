import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { parseChallenge } from '../../src/registry/challenge.ts'
import type { RegistryError } from '../../src/registry/error.ts'
import { isRefused } from '../../src/registry/error.ts'
import { type Answer, type Loopback, startLoopback } from '../fakes/loopback.ts'
import { addonOf, type Distribution, lines, openClient, startDistribution } from './distribution.ts'

let registry: Distribution
let other: Loopback
let elsewhere: string[]
beforeEach(async () => {
  elsewhere = []
  registry = await startDistribution()
  other = await startLoopback((request, response) => {
    elsewhere.push(`${request.method} ${request.url} ${request.headers.authorization}`)
    response.end('{"token":"x"}')
  })
})
afterEach(() => Promise.all([registry.close(), other.close()]))

const basic = `Basic ${Buffer.from('me:my-password').toString('base64')}`
const open = () => openClient({ credentials: async () => ({ username: 'me', password: 'my-password' }) })
const challenged = (challenge: string): Answer => ({ status: 401, headers: { 'www-authenticate': challenge } })
const tags: Answer = { status: 200, body: { tags: ['1.0'] } }

describe('a registry that requires a login', () => {
  test('gets user name and password after its first challenge, then with each request', async () => {
    registry.instead = ({ headers }) => (headers.authorization === basic ? tags : challenged('Basic realm="x"'))
    const client = open()
    await client.listTags(addonOf(registry))
    await client.listTags(addonOf(registry))
    expect(registry.seen.map(({ headers }) => headers.authorization)).toEqual([undefined, basic, basic])
  })

  test('gets a token of its token service, with the scope of the request', async () => {
    registry.instead = ({ path, headers }) => {
      if (path.startsWith('/token?')) return { status: 200, body: { token: 'abc', access_token: 'other' } }
      return headers.authorization === 'Bearer abc'
        ? tags
        : challenged(`Bearer realm="${registry.url}/token?a=b",service="here",scope="repository:everything:*"`)
    }
    expect(await open().listTags(addonOf(registry))).toEqual(['1.0'])
    expect(registry.seen.map(({ headers }) => headers.authorization)).toEqual([undefined, basic, 'Bearer abc'])
    expect(lines(registry)[1]).toBe('GET /token?a=b&service=here&scope=repository%3Aorg%2Faddon%3Apull')
  })

  test.each([
    [{ token: '', access_token: 'abc' }, 'Bearer abc'],
    [{ token: null, access_token: 'abc' }, 'Bearer abc'],
    [{ access_token: 'abc' }, 'Bearer abc'],
    [{ token: '\u007e!' }, 'Bearer ~!'],
    [{ token: 'a'.repeat(8_000) }, `Bearer ${'a'.repeat(8_000)}`],
  ])('accepts the token %j', async (body, expected) => {
    registry.instead = ({ path, headers }) => {
      if (path.startsWith('/token?')) return { status: 200, body }
      return headers.authorization === undefined ? challenged(`Bearer realm="${registry.url}/token"`) : tags
    }
    await open().listTags(addonOf(registry))
    expect(registry.seen.at(-1)?.headers.authorization).toBe(expected)
  })

  test.each([[{}], [{ token: '' }], [{ token: 0 }], [{ token: null }], [{ token: '', access_token: '' }]])(
    'whose token service responds with %j results in an error',
    async (body) => {
      registry.instead = ({ path }) =>
        path.startsWith('/token?') ? { status: 200, body } : challenged(`Bearer realm="${registry.url}/token"`)
      await expect(open().listTags(addonOf(registry))).rejects.toMatchObject({
        message: `${registry.host} gives no token.`,
        code: 'UNAUTHORIZED',
      })
    },
  )

  test.each([
    [{ token: { a: 1 } }],
    [{ token: ['abc'] }],
    [{ token: true }],
    [{ token: 'a b' }],
    [{ token: 'a\r\nb: c' }],
  ])('whose token service responds with the invalid token %j results in an error', async (body) => {
    registry.instead = ({ path }) =>
      path.startsWith('/token?') ? { status: 200, body } : challenged(`Bearer realm="${registry.url}/token"`)
    await expect(open().listTags(addonOf(registry))).rejects.toMatchObject({
      message: `${registry.host} gives an invalid token.`,
      code: 'UNAUTHORIZED',
    })
  })

  test('and refuses the token gets no third request', async () => {
    registry.instead = ({ path }) =>
      path.startsWith('/token?')
        ? { status: 200, body: { token: 'abc' } }
        : {
            ...challenged(`Bearer realm="${registry.url}/token"`),
            body: { errors: [{ code: 'UNAUTHORIZED', message: 'no' }] },
          }
    const thrown: RegistryError = await open()
      .listTags(addonOf(registry))
      .catch((error) => error)
    expect(thrown.message).toBe(`${registry.host} answers GET of tags in org/addon with 401 (UNAUTHORIZED: no).`)
    expect(isRefused(thrown)).toBe(true)
    expect(registry.seen).toHaveLength(3)
  })

  test('without a challenge gets no login', async () => {
    registry.instead = () => ({ status: 401, body: { errors: [{ code: 'UNAUTHORIZED', message: 'log in' }] } })
    await expect(open().listTags(addonOf(registry))).rejects.toThrow(/with 401 \(UNAUTHORIZED: log in\)\.$/)
    expect(registry.seen).toHaveLength(1)
  })

  test('results in an error if no login is configured', async () => {
    registry.instead = () => challenged('Basic realm="x"')
    await expect(openClient().listTags(addonOf(registry))).rejects.toThrow(
      /answers GET of tags in org\/addon with 401\.$/,
    )
    expect(registry.seen).toHaveLength(1)
  })

  test.each([
    'Negotiate',
    'Digest realm="x", nonce="y"',
    'Bearer',
    'Bearer realm=""',
    'Bearer service="x"',
    'realm="http://127.0.0.1/token"',
    'Basically realm="x"',
    '=,=,=',
    '\u0080\u009b2J',
    'x'.repeat(5_000),
  ])('with the unsupported scheme %j results in an error that names the scheme', async (challenge) => {
    registry.instead = () => challenged(challenge)
    const thrown: RegistryError = await open()
      .listTags(addonOf(registry))
      .catch((error) => error)
    expect(thrown.message).toMatch(/asks for a login that is neither Basic nor Bearer: ".*"\. Check/)
    expect(thrown.message).not.toMatch(/\p{Cc}/u)
    expect(thrown.message.length).toBeLessThan(500)
    expect(isRefused(thrown)).toBe(true)
    expect(registry.seen).toHaveLength(1)
  })

  test.each<[string, () => string]>([
    ['http to another host', () => 'http://auth.example/token'],
    ['a path', () => '/token'],
    ['another protocol', () => 'file:///etc/passwd'],
    ['a login in it', () => `http://me:my-password@127.0.0.1:${other.port}/token`],
  ])('of a token service at %s is not answered', async (_, realm) => {
    registry.instead = () => challenged(`Bearer realm="${realm()}"`)
    const thrown: RegistryError = await open()
      .listTags(addonOf(registry))
      .catch((error) => error)
    expect(thrown.message).toMatch(
      new RegExp(`^${registry.host} names (an invalid token service: |a token service without TLS)`),
    )
    expect(thrown.message).not.toContain('my-password')
    expect([thrown.code, elsewhere, registry.seen.length]).toEqual(['INVALID_RESPONSE', [], 1])
  })

  test('of a token service at another port of this machine gets its token there', async () => {
    registry.instead = ({ headers }) =>
      headers.authorization === undefined ? challenged(`Bearer realm="${other.url}/token"`) : tags
    await open().listTags(addonOf(registry))
    expect(elsewhere).toEqual([`GET /token?scope=repository%3Aorg%2Faddon%3Apull ${basic}`])
    expect(registry.seen.map(({ headers }) => headers.authorization)).toEqual([undefined, 'Bearer x'])
  })

  test.each([301, 302, 307, 308])(
    'of a token service that redirects (%d) does not get the login along',
    async (status) => {
      registry.instead = ({ path }) =>
        path.startsWith('/token')
          ? { status, headers: { location: `${other.url}/token` } }
          : challenged(`Bearer realm="${registry.url}/token"`)
      await expect(open().listTags(addonOf(registry))).rejects.toThrow(`gives no token: ${status}`)
      expect(elsewhere).toEqual([])
    },
  )
})

describe('a challenge', () => {
  const bearer = { scheme: 'bearer', realm: 'https://a/t' }

  test.each([
    ['Bearer realm="https://a/t"', bearer],
    ['BEARER REALM="https://a/t"', bearer],
    ['Bearer realm=https://a/t', bearer],
    ['Bearer   realm="https://a/t" , service="x"', { ...bearer, service: 'x' }],
    ['Bearer service="x",realm="https://a/t",scope="y z"', { ...bearer, service: 'x' }],
    ['Bearer realm="https://a/t",realm="https://evil/t"', bearer],
    ['Bearer realm="https://a/\\"t\\\\"', { scheme: 'bearer', realm: 'https://a/"t\\' }],
    ['Bearer realm="https://a/t",service=""', bearer],
    ['Basic realm="x", Bearer realm="https://a/t"', bearer],
    ['Bearer realm="https://a/t", Basic realm="x"', bearer],
    ['Bearer realm="https://a/t", Bearer realm="https://b/t"', bearer],
    ['Basic realm="a Bearer of news"', { scheme: 'basic' }],
    ['Basic realm="Bearer realm=\\"https://evil/t\\""', { scheme: 'basic' }],
    ['Basic', { scheme: 'basic' }],
    ['basic realm="x"', { scheme: 'basic' }],
    ['Bearer, Basic realm="https://b/t"', { scheme: 'basic' }],
    ['Negotiate, Basic realm="x"', { scheme: 'basic' }],
    ['Digest realm="Basic"', undefined],
    ['Bearer xrealm="https://a/t"', undefined],
    ['My-Bearer realm="https://a/t"', undefined],
  ])('%s is %j', (header, expected) => {
    expect(parseChallenge(header)).toEqual(expected)
  })

  test('of more than 4,096 characters is none', () => {
    const long = (length: number) => `${'Bearer realm="https://a/t",x="'.padEnd(length - 1, 'y')}"`
    expect([parseChallenge(long(4_096)), parseChallenge(long(4_097))]).toEqual([bearer, undefined])
  })
})
