import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { sha256 } from '../../src/core/sha256.ts'
import { createAuthorizer } from '../../src/registry/authorize.ts'
import { parseChallenge } from '../../src/registry/challenge.ts'
import { createRegistry, type Registry } from '../../src/registry/client.ts'
import { RegistryError } from '../../src/registry/error.ts'
import { createExchange, cutWhenSlow, type Response, readBody } from '../../src/registry/http.ts'
import { nextPage } from '../../src/registry/list-tags.ts'
import { parseReference, parseRepository, type Repository } from '../../src/registry/name.ts'
import { openStored } from '../../src/registry/stored-image.ts'
import { type Loopback, startLoopback } from '../fakes/loopback.ts'

interface Shape {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Buffer
}

const content = Buffer.from('blob')
let shapes: (url: string) => Shape
let server: Loopback
let asked = 0
beforeAll(async () => {
  server = await startLoopback((request, response) => {
    request.resume().on('end', () => {
      asked += 1
      write(response, shapes(request.url ?? ''), request.headers.authorization ?? '')
    })
  })
})
afterAll(() => server.close())

/** `{login}` is what the request had as a login, as it came and in plain text: a registry may send back whatever it was sent. */
function write(response: ServerResponse, { status, headers, body }: Shape, authorization: string): void {
  const login = `${authorization} ${Buffer.from(authorization.slice('Basic '.length), 'base64').toString('latin1')}`
  const filled = (text: string) => text.replaceAll('{login}', login.replaceAll(/[^ -~]/g, '?'))
  response.writeHead(status, Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, filled(value)])))
  response.end(typeof body === 'string' ? filled(body) : body)
}

const open = (): Registry =>
  createRegistry({
    exchange: createExchange('test'),
    credentials: async () => ({ username: 'me', password: 'my-password' }),
    // However long a registry asks us to wait, the test does not.
    clock: { now: () => 0, sleep: async () => {} },
    signal: new AbortController().signal,
  })
const here = (): Repository => parseRepository(`127.0.0.1:${server.port}/org/addon`)

const verbs: Readonly<Record<string, (registry: Registry, repository: Repository) => Promise<unknown>>> = {
  manifest: (registry, repository) => registry.manifest(repository, '1.0'),
  'manifest by digest': (registry, repository) => registry.manifest(repository, sha256('other')),
  digestOf: (registry, repository) => registry.digestOf(repository, '1.0'),
  listTags: (registry, repository) => registry.listTags(repository),
  putManifest: (registry, repository) =>
    registry.putManifest(repository, '1.0', {
      bytes: content,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
    }),
  hasBlob: (registry, repository) => registry.hasBlob(repository, sha256(content)),
  blob: async (registry, repository) => (await registry.blob(repository, sha256(content))).destroy(),
  putBlob: (registry, repository) =>
    registry.putBlob(repository, { digest: sha256(content), size: content.length }, () => Readable.from([content])),
  deleteTag: (registry, repository) => registry.deleteTag(repository, '1.0'),
  deleteManifest: (registry, repository) => registry.deleteManifest(repository, sha256(content)),
  checkPush: (registry, repository) => registry.checkPush(repository),
}

const basic = Buffer.from('me:my-password').toString('base64')

/**
 * Runs every verb; whatever one rejects with must be a RegistryError with a sentence, of one line and without a login. What is found wrong.
 */
async function survive(): Promise<readonly string[]> {
  const wrong: string[] = []
  const registry = open()
  for (const [name, verb] of Object.entries(verbs)) {
    await verb(registry, here()).catch((thrown: unknown) => {
      if (!(thrown instanceof RegistryError)) wrong.push(`${name}: ${String((thrown as Error).stack)}`)
      else if (!isSentence(thrown.message)) wrong.push(`${name}: ${JSON.stringify(thrown.message)}`)
    })
  }
  return wrong
}

const isSentence = (text: string): boolean =>
  / .*\.$/.test(text) &&
  !/[\p{Cc}\p{Cs}\p{Bidi_Control}\p{Zl}\p{Zp}]|\[object|undefined|my-password/u.test(text) &&
  !text.includes(basic)

const unauthorized = (challenge: string): Shape => ({
  status: 401,
  headers: { 'www-authenticate': challenge },
  body: '',
})

describe('any response of a registry is processed, or results in a RegistryError', () => {
  const bodies = [
    '',
    'null',
    '[]',
    '7',
    '"x"',
    '{',
    '\u0000',
    '{"errors":7}',
    '{"errors":[7]}',
    '{"errors":[{"code":{}}]}',
  ]
  const texts = [
    '{"errors":[{"code":{"toString":1},"message":[]}]}',
    '{"tags":{"a":1}}',
    '{"tags":[null,{}]}',
    '{"mediaType":7}',
  ]
  test.each([...bodies, ...texts])('with the body %j', async (body) => {
    for (const status of [200, 201, 202, 204, 301, 401, 404, 416, 500]) {
      shapes = () => ({ status, headers: {}, body: status === 204 ? '' : body })
      expect(await survive()).toEqual([])
    }
  })

  test.each([
    'Bearer realm="http://["',
    'Bearer realm="ftp://127.0.0.1/"',
    'Bearer realm="http://me:you@127.0.0.1/"',
    'Bearer realm="x"',
    'Bearer realm="http://127.0.0.1:1/"',
    'Bearer',
    'Basic',
    `Bearer ${'realm='.repeat(600)}`,
    `Bearer realm="${'\\'.repeat(3000)}`,
  ])('with the challenge %j', async (challenge) => {
    shapes = () => unauthorized(challenge)
    expect(await survive()).toEqual([])
  })

  test('for any status, headers and body', async () => {
    const header = fc.constantFrom(
      'location',
      'www-authenticate',
      'link',
      'retry-after',
      'content-type',
      'docker-content-digest',
    )
    const value = fc.oneof(
      fc.constantFrom('-1', '1e999', 'Infinity', '/', '//', 'http:', 'https://127.0.0.1:1/x', '</a>; rel="next"'),
      fc.constantFrom('Bearer realm="/x"', 'Basic x', 'application/vnd.x', 'application/vnd.\t', 'sha256:', '../../..'),
      fc.constantFrom('Negotiate {login}', 'http://me:my-password@127.0.0.1/', '\u0080\u009b\u00ff'),
      fc.stringMatching(/^[ -~]{0,60}$/),
    )
    const shape = fc.record({
      status: fc.constantFrom(200, 201, 202, 206, 300, 301, 307, 400, 401, 403, 404, 418, 429, 500, 503),
      headers: fc.dictionary(header, value, { maxKeys: 4 }),
      body: fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.json(),
        fc
          .string({ unit: 'binary' })
          .map((message) => JSON.stringify({ errors: [{ code: `{login}${message}`, message: `${message} {login}` }] })),
      ),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(shape, { minLength: 1, maxLength: 3 }), async (list) => {
        let next = 0
        shapes = () => list[next++ % list.length] as Shape
        expect(await survive()).toEqual([])
      }),
      { numRuns: 60 },
    )
  })
})

describe('a token', () => {
  const ask = async (body: string, options: { readonly realm?: string; readonly host?: string } = {}) => {
    const { realm = 'https://auth.example/token', host = 'r.example' } = options
    let sent = 0
    const authorizer = createAuthorizer({
      exchange: async () => {
        sent += 1
        return { status: 200, headers: {}, body: Readable.from([Buffer.from(body)]) } as unknown as Response
      },
      credentials: async () => ({ username: 'me', password: 'secret' }),
      clock: { now: () => 0, sleep: async () => {} },
      insecure: ['nas:5000'],
    })
    const repository = { registry: host, host, path: 'org/addon' }
    const scopes = ['repository:org/addon:pull']
    const given = await authorizer.answer(repository, scopes, `Bearer realm="${realm}"`).catch((thrown) => thrown)
    return { given, sent, known: authorizer.known(repository, scopes) }
  }

  test.each([
    ['no JSON', 'x'],
    ['no object', 'null'],
    ['a list', '[]'],
    ['no text', '{"token":7}'],
    ['an object', '{"token":{"toString":"x"}}'],
    ['a second header in it', JSON.stringify({ token: 'a\r\nx-evil: 1' })],
    ['a control character in it', JSON.stringify({ token: 'a\u0000' })],
    ['a letter outside ASCII in it', JSON.stringify({ token: 'ä' })],
    ['40,000 characters', JSON.stringify({ token: 'a'.repeat(40_000) })],
    ['nothing', '{"token":""}'],
  ])('that is or has %s is refused', async (_, body) => {
    expect((await ask(body)).given).toBeInstanceOf(RegistryError)
  })

  test.each(['"x"', '-5', '0', '1e308', 'null', '{}'])('with the lifetime %s is used', async (seconds) => {
    const { given, known } = await ask(`{"token":"abc","expires_in":${seconds}}`)
    expect([given, known]).toEqual(['Bearer abc', 'Bearer abc'])
  })

  test.each([
    ['r.example', 'http://auth.example/token', 0],
    ['r.example', 'http://r.example/token', 0],
    ['r.example', 'http://localhost:5001/token', 0],
    ['nas:5000', 'http://other:5000/token', 0],
    ['other:5000', 'http://nas:5000/token', 0],
    ['localhost:5000', 'http://nas:5000/token', 1],
    ['localhost:5000', 'http://127.0.0.1:5001/token', 1],
    ['r.example', 'https://me:you@auth.example/token', 0],
    ['r.example', '/token', 0],
    ['r.example', 'https://auth.example/token', 1],
    ['nas:5000', 'http://nas:5001/token', 1],
    ['localhost:5000', 'http://localhost:5001/token', 1],
  ])('for %s is asked for at %s %d times', async (host, realm, times) => {
    const { given, sent } = await ask('{"token":"abc"}', { host, realm })
    expect(sent).toBe(times)
    expect(given).toEqual(times === 1 ? 'Bearer abc' : expect.any(RegistryError))
  })
})

describe('a name', () => {
  test.each([
    'r.example#/x:1',
    'r.example?x/y:1',
    'a:b:c/x:1',
    '[/x.y:1',
    '127.0.0.1:1/../../token:1',
    '127.0.0.1:1/a%2f..%2fb:1',
    '127.0.0.1:1/a?b:1',
    '127.0.0.1:1/a:1?x=y',
    '127.0.0.1:1/a@sha256:../../x',
    '127.0.0.1:1/a:',
  ])('%j sends no request', async (name) => {
    asked = 0
    const { reference, ...repository } = parseReference(name)
    await expect(open().manifest(repository, reference)).rejects.toThrow(
      /is not the name|is neither|is not an HTTP address/,
    )
    expect(asked).toBe(0)
  })
})

test.each([
  ['no JSON', 'x'],
  ['a list', '[]'],
  ['an index', '{"manifests":[]}'],
  ['no blobs', '{"config":{},"layers":[]}'],
  ['layers that are none', `{"config":{"digest":"${sha256('c')}","size":1},"layers":{"0":1}}`],
  ['a path for a digest', `{"config":{"digest":"${sha256('c')}","size":1},"layers":[{"digest":"../../x","size":1}]}`],
  ['a size that is none', `{"config":{"digest":"${sha256('c')}","size":"1"},"layers":[]}`],
])('the manifest of another job that is %s is a RegistryError', async (_, body) => {
  shapes = () => ({ status: 200, headers: {}, body })
  const { registry, path } = here()
  await expect(openStored(open(), `${registry}/${path}`, sha256(body))).rejects.toThrow(RegistryError)
})

describe('a response without an end', () => {
  const drip = async () => {
    const timers: NodeJS.Timeout[] = []
    const slow = await startLoopback((_, response) => {
      response.writeHead(200)
      response.flushHeaders()
      timers.push(setInterval(() => response.write('x'), 5))
      response.on('close', () => timers.forEach(clearInterval))
    })
    const response = await createExchange('test')({ method: 'GET', url: slow.url })
    return { slow, response }
  }

  test('is cut off while a short response is read', async () => {
    const { slow, response } = await drip()
    await expect(readBody(response, 1_000_000, 100)).rejects.toThrow(/took longer/)
    await slow.close()
  })

  test('is cut off while a blob is received byte by byte', async () => {
    const { slow, response } = await drip()
    cutWhenSlow(response.body, 100)
    await expect(response.body.resume().toArray()).rejects.toThrow(RegistryError)
    await slow.close()
  })
})

describe('a regular expression for responses of a registry', () => {
  test.each([
    ['challenge', (n: number) => parseChallenge(`Bearer ${'a'.repeat(n)}`)],
    ['quotes', (n: number) => parseChallenge(`Bearer ${'a="'.repeat(n)}`)],
    ['escapes', (n: number) => parseChallenge(`Bearer a="${'\\"'.repeat(n)}`)],
    ['blanks', (n: number) => parseChallenge(`Bearer${' '.repeat(n)}`)],
    ['link', (n: number) => nextPage('<'.repeat(n), 'https://r/')],
    ['parameters', (n: number) => nextPage(`<a>${'; '.repeat(n)}`, 'https://r/')],
    ['more parameters', (n: number) => nextPage(`<a>;${' '.repeat(n)}`, 'https://r/')],
  ])('reads only the beginning of 10 MB (%s)', (_, parse) => {
    expect(parse(10_000_000)).toBeUndefined()
  })
})
