import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { sha256 } from '../../src/core/sha256.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { createRegistry } from '../../src/registry/client.ts'
import { RegistryError } from '../../src/registry/error.ts'
import { createExchange } from '../../src/registry/http.ts'
import { parseRepository } from '../../src/registry/name.ts'
import { type Loopback, startLoopback } from '../fakes/loopback.ts'

type Handler = (request: IncomingMessage, response: ServerResponse) => void

interface Origin extends Loopback {
  /** Everything that a request could carry a login in. */
  readonly seen: string[]
  handle: Handler
}

const basic = Buffer.from('me:secret').toString('base64')

/** A server on a port of its own, which is another origin: the host name of both is the same. */
async function startOrigin(): Promise<Origin> {
  const seen: string[] = []
  const server = await startLoopback((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { authorization = 'no login' } = request.headers
      seen.push(`${request.method} ${request.url} ${authorization} ${Buffer.concat(chunks).toString().slice(0, 200)}`)
      origin.handle(request, response)
    })
  })
  const origin: Origin = Object.assign(server, {
    seen,
    handle: (_: IncomingMessage, answer: ServerResponse) => answer.end(),
  })
  return origin
}

const answer = (response: ServerResponse, status: number, headers: Record<string, string> = {}, body = ''): void => {
  response.writeHead(status, headers)
  response.end(body)
}

let registry: Origin
let other: Origin
beforeEach(async () => {
  ;[registry, other] = await Promise.all([startOrigin(), startOrigin()])
})
afterEach(() => Promise.all([registry.close(), other.close()]))

const open = () =>
  createRegistry({
    exchange: createExchange('test'),
    credentials: async () => ({ username: 'me', password: 'secret' }),
    clock: systemClock,
    signal: new AbortController().signal,
    firstWaitMs: 1,
  })
const repository = () => parseRepository(`127.0.0.1:${registry.port}/org/addon`)
const content = Buffer.from('content of a blob')
const digest = sha256(content)
const blob = { digest, size: content.length }
const openBlob = () => Readable.from([content], { objectMode: false })

/** The registry asks for a login and takes it; what comes after that is the handler's. */
const withLogin =
  (then: Handler): Handler =>
  (request, response) =>
    request.headers.authorization === `Basic ${basic}`
      ? then(request, response)
      : answer(response, 401, { 'www-authenticate': 'Basic realm="registry"' })

/** The password in any form, or a token that the registry gave. */
const leaksIn = ({ seen }: Origin): readonly string[] =>
  seen.filter((line) => line.includes(basic) || line.includes('secret') || line.includes('token-of-registry'))

const bytesOf = async (body: Readable): Promise<Buffer> => Buffer.concat(await body.toArray())

describe('the login of a registry', () => {
  test('is not sent to the storage that a blob is redirected to', async () => {
    registry.handle = withLogin((_, response) => answer(response, 307, { location: `${other.url}/storage` }))
    other.handle = (_, response) => answer(response, 200, {}, content.toString())
    expect(await bytesOf(await open().blob(repository(), digest))).toEqual(content)
    expect(other.seen).toEqual(['GET /storage no login '])
    expect(registry.seen.some((line) => line.includes(basic))).toBe(true)
  })

  test.each([
    ['Basic', () => 'Basic realm="storage"'],
    ['Bearer', () => `Bearer realm="${other.url}/token",service="x"`],
  ])('is not sent if that storage responds with 401 (%s)', async (_, challenge) => {
    registry.handle = withLogin((_, response) => answer(response, 307, { location: `${other.url}/storage` }))
    other.handle = (request, response) =>
      request.url?.startsWith('/token')
        ? answer(response, 200, {}, '{"token":"of-the-storage"}')
        : answer(response, 401, { 'www-authenticate': challenge() })
    await expect(open().blob(repository(), digest)).rejects.toThrow(RegistryError)
    expect(other.seen).toEqual(['GET /storage no login '])
  })

  test('is not sent if a redirect target responds with 401 and the registry required none', async () => {
    registry.handle = (_, response) => answer(response, 307, { location: `${other.url}/storage` })
    other.handle = (_, response) => answer(response, 401, { 'www-authenticate': 'Basic realm="storage"' })
    await expect(open().blob(repository(), digest)).rejects.toThrow(RegistryError)
    expect([...leaksIn(other), ...leaksIn(registry)]).toEqual([])
  })

  test('is sent with a redirect within the registry', async () => {
    registry.handle = withLogin((request, response) =>
      request.url === '/elsewhere'
        ? answer(response, 200, {}, content.toString())
        : answer(response, 302, { location: '/elsewhere' }),
    )
    expect(await bytesOf(await open().blob(repository(), digest))).toEqual(content)
    expect(registry.seen.at(-1)).toBe(`GET /elsewhere Basic ${basic} `)
  })

  test('is not sent to an upload location on another host, even if that host responds with 401', async () => {
    const uploads = (status: number) => {
      registry.handle = withLogin((request, response) =>
        request.method === 'POST' ? answer(response, 202, { location: `${other.url}/up` }) : answer(response, 404),
      )
      other.handle = (_, response) => answer(response, status, { 'www-authenticate': 'Basic realm="storage"' })
      return open().putBlob(repository(), blob, openBlob)
    }
    await expect(uploads(201)).resolves.toBe('uploaded')
    await expect(uploads(401)).rejects.toThrow(RegistryError)
    expect(other.seen).toEqual(Array(2).fill(`PUT /up?digest=${encodeURIComponent(digest)} no login ${content}`))
  })

  test('is not sent to the storage as a token either', async () => {
    registry.handle = (request, response) => {
      if (request.url?.startsWith('/token')) return answer(response, 200, {}, '{"token":"token-of-registry"}')
      return request.headers.authorization === 'Bearer token-of-registry'
        ? answer(response, 307, { location: `${other.url}/storage` })
        : answer(response, 401, { 'www-authenticate': `Bearer realm="${registry.url}/token"` })
    }
    other.handle = (_, response) => answer(response, 200, {}, content.toString())
    expect(await bytesOf(await open().blob(repository(), digest))).toEqual(content)
    expect(leaksIn(other)).toEqual([])
  })

  test('is not sent along a redirect of the token service', async () => {
    registry.handle = (request, response) =>
      request.url?.startsWith('/token')
        ? answer(response, 307, { location: `${other.url}/token` })
        : answer(response, 401, { 'www-authenticate': `Bearer realm="${registry.url}/token"` })
    other.handle = (_, response) => answer(response, 200, {}, '{"token":"x"}')
    await expect(open().manifest(repository(), '1.0')).rejects.toThrow(/gives no token: 307/)
    expect(other.seen).toEqual([])
  })

  test('is not sent to a next page of tags on another host', async () => {
    registry.handle = withLogin((_, response) =>
      answer(response, 200, { link: `<${other.url}/v2/org/addon/tags/list?last=a>; rel="next"` }, '{"tags":["a"]}'),
    )
    expect(await open().listTags(repository())).toEqual(['a'])
    expect(other.seen).toEqual([])
  })

  test('is not sent to a next page of tags on another path', async () => {
    registry.handle = withLogin((_, response) =>
      answer(response, 200, { link: '</v2/private/list?last=a>; rel="next"' }, '{"tags":["a"]}'),
    )
    expect(await open().listTags(repository())).toEqual(['a'])
    expect(registry.seen.filter((line) => line.includes('private'))).toEqual([])
  })
})

test('a request fails after five redirects', async () => {
  registry.handle = (request, response) => answer(response, 302, { location: `${request.url}x` })
  await expect(open().blob(repository(), digest)).rejects.toThrow(/redirect/)
  expect(registry.seen).toHaveLength(6)
})

test.each([
  'http://[',
  'ftp://127.0.0.1/x',
  'file:///etc/passwd',
  'http://me:secret@127.0.0.1/x',
  '',
  'javascript:alert(1)',
  'http:',
  '//',
])('a redirect or an upload location %j is an error of the registry', async (location) => {
  registry.handle = (request, response) =>
    request.method === 'POST'
      ? answer(response, 202, { location })
      : request.method === 'HEAD'
        ? answer(response, 404)
        : answer(response, 307, { location })
  await expect(open().blob(repository(), digest)).rejects.toThrow(RegistryError)
  await expect(open().putBlob(repository(), blob, openBlob)).rejects.toThrow(RegistryError)
})
