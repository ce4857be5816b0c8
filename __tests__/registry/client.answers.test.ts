import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { sha256 } from '../../src/core/sha256.ts'
import { createRegistry } from '../../src/registry/client.ts'
import { RegistryError } from '../../src/registry/error.ts'
import { createExchange } from '../../src/registry/http.ts'
import { describeRefusal, parseJson } from '../../src/registry/response.ts'
import { addonOf, type Distribution, lines, openClient, startDistribution } from './distribution.ts'

let registry: Distribution
beforeEach(async () => {
  registry = await startDistribution()
})
afterEach(() => registry.close())

const rejection = (work: Promise<unknown>): Promise<RegistryError> =>
  work.then(
    () => Promise.reject(new Error('it did not reject')),
    (thrown) => thrown,
  )

describe('a response that is not JSON', () => {
  test.each([
    ['<!doctype html><title>Sign in</title>', 'a page of HTML or XML'],
    ['\n <html>', 'a page of HTML or XML'],
    ['null', 'JSON that is not an object'],
    ['7', 'JSON that is not an object'],
    ['"text"', 'JSON that is not an object'],
    ['[]', 'JSON that is not an object'],
    ['[{"tags":["1.0"]}]', 'JSON that is not an object'],
    ['', 'an empty response'],
    [' \n', 'an empty response'],
    ['{"tags":', 'text that is not JSON'],
    ['\u001b[2J', 'text that is not JSON'],
  ])('%j is described, with the registry and what to check', async (body, kind) => {
    registry.instead = () => ({ status: 200, headers: { 'content-type': 'application/json' }, body })
    const check = ' Check the name of the registry, and that no proxy or login page answers in its place.'
    const client = openClient()
    const manifest = await rejection(client.manifest(addonOf(registry), '1.0'))
    expect([manifest.message, manifest.code]).toEqual([
      `${registry.host} sent ${kind} instead of a manifest.${check}`,
      'INVALID_RESPONSE',
    ])
    const tags = await rejection(client.listTags(addonOf(registry)))
    expect(tags.message).toBe(`${registry.host} sent ${kind} instead of a list of tags.${check}`)
    // What is no manifest has no digest either, where the registry does not say one.
    const digest = await rejection(client.digestOf(addonOf(registry), '1.0'))
    expect(digest.message).toBe(manifest.message)
    expect(registry.seen).toHaveLength(4)
  })

  test.each(['<html>', 'null', '[]', '7', '', '{'])(
    'of a token service is an error that names it: %j',
    async (body) => {
      registry.instead = ({ path }) =>
        path.startsWith('/token')
          ? { status: 200, body }
          : { status: 401, headers: { 'www-authenticate': `Bearer realm="${registry.url}/token"` } }
      await expect(openClient().manifest(addonOf(registry), '1.0')).rejects.toThrow(
        new RegExp(`^${registry.host} sent (a page|JSON|an empty|text).* instead of a token\\. Check`),
      )
    },
  )

  test('an object is returned unchanged', () => {
    expect(parseJson(Buffer.from(' {"a":1} '), 'a manifest', 'r.example')).toEqual({ a: 1 })
  })
})

describe('the message of a refusal', () => {
  test.each<[string, string, string | undefined]>([
    ['{"errors":[{"code":"DENIED","message":"no access"}]}', ' (DENIED: no access)', 'DENIED'],
    ['{"errors":[{"code":"DENIED"},{"code":"OTHER"}]}', ' (DENIED)', 'DENIED'],
    ['{"errors":[{"message":"no access"}]}', ' (no access)', undefined],
    ['{"errors":[{"code":{},"message":{}}]}', '', undefined],
    ['{"errors":[{"code":["DENIED"],"message":7}]}', '', undefined],
    ['{"errors":[{"code":"","message":""}]}', '', ''],
    ['{"errors":[]}', '', undefined],
    ['{"errors":[null]}', '', undefined],
    ['{"errors":["DENIED"]}', '', undefined],
    ['{"errors":{"0":{"code":"DENIED"}}}', '', undefined],
    [
      '{"error":"invalid_grant","error_description":"it has expired"}',
      ' (invalid_grant: it has expired)',
      'invalid_grant',
    ],
    ['{"error":"invalid_grant"}', ' (invalid_grant)', 'invalid_grant'],
    ['{"message":"slow down"}', ' (slow down)', undefined],
    ['{"details":"incorrect username or password"}', ' (incorrect username or password)', undefined],
    ['[]', '', undefined],
    ['null', '', undefined],
    ['Bad gateway', '', undefined],
    ['Bad gateway <502>', '', undefined],
    ['', '', undefined],
    ['<html><h1>502</h1>', ' (with a page of HTML or XML)', undefined],
    ['{"errors":[{"code":"A\\u001b[2J","message":"b\\nc\\u202ed\\u2028e"}]}', ' (A?[2J: b c?d e)', 'A\u001b[2J'],
  ])('%s is %j', (body, words, code) => {
    expect(describeRefusal(Buffer.from(body))).toEqual({ words, ...(code !== undefined && { code }) })
  })

  test('is cut after 200 characters', () => {
    const { words, code } = describeRefusal(Buffer.from(JSON.stringify({ errors: [{ code: 'C'.repeat(900) }] })))
    expect([words, code]).toEqual([` (${'C'.repeat(199)}…)`, 'C'.repeat(900)])
  })

  test.each([
    [401, '{"errors":[{"code":{"a":1},"message":{"b":2}}]}', '401', 'UNAUTHORIZED'],
    [401, '{"details":"incorrect username or password"}', '401 (incorrect username or password)', 'UNAUTHORIZED'],
    [403, '<html>', '403 (with a page of HTML or XML)', 'DENIED'],
    [400, '{"error":"invalid_request"}', '400 (invalid_request)', 'REJECTED'],
    // A login that does not do any more is one that was refused, whatever the status.
    [400, '{"error":"invalid_grant"}', '400 (invalid_grant)', 'UNAUTHORIZED'],
  ])('by a token service with %d and %s is part of the error', async (status, body, said, expected) => {
    registry.instead = ({ path }) =>
      path.startsWith('/token')
        ? { status, body }
        : { status: 401, headers: { 'www-authenticate': `Bearer realm="${registry.url}/token"` } }
    const thrown = await rejection(openClient().manifest(addonOf(registry), '1.0'))
    expect([thrown.message, thrown.code]).toEqual([`${registry.host} gives no token: ${said}.`, expected])
  })

  test.each<[string, (client: ReturnType<typeof openClient>) => Promise<unknown>, string]>([
    ['a manifest', (client) => client.manifest(addonOf(registry), '1.0'), 'GET of manifests'],
    ['its digest', (client) => client.digestOf(addonOf(registry), '1.0'), 'HEAD of manifests'],
    ['the tags', (client) => client.listTags(addonOf(registry)), 'GET of tags'],
    ['a blob', (client) => client.blob(addonOf(registry), sha256('x')), 'GET of blobs'],
    ['whether a blob is there', (client) => client.hasBlob(addonOf(registry), sha256('x')), 'HEAD of blobs'],
    [
      'to take a manifest',
      (client) => client.putManifest(addonOf(registry), '1.0', { bytes: Buffer.from('{}'), mediaType: 'x' }),
      'PUT of manifests',
    ],
    ['to begin an upload', (client) => client.checkPush(addonOf(registry)), 'POST of blobs'],
  ])('of the request for %s names the request, which is not repeated', async (_, ask, question) => {
    registry.instead = () => ({ status: 403, body: { errors: [{ code: 'DENIED', message: 'no access' }] } })
    const thrown = await rejection(ask(openClient()))
    const words = question.startsWith('HEAD') ? '' : ' (DENIED: no access)'
    expect(thrown.message).toBe(`${registry.host} answers ${question} in org/addon with 403${words}.`)
    expect(thrown).toBeInstanceOf(RegistryError)
    expect(thrown.code).toBe('DENIED')
    expect(registry.seen).toHaveLength(1)
  })

  test('contains no login and no token, even if the registry returns them', async () => {
    const basic = Buffer.from('me:my-password').toString('base64')
    registry.instead = ({ path, headers }) => {
      if (path.startsWith('/token')) return { status: 200, body: { token: 'token-of-me' } }
      if (headers.authorization === undefined)
        return { status: 401, headers: { 'www-authenticate': `Bearer realm="${registry.url}/token"` } }
      return {
        status: 500,
        body: { errors: [{ code: 'UNKNOWN', message: `${headers.authorization} my-password ${basic}` }] },
      }
    }
    const said: string[] = []
    const client = openClient({
      credentials: async () => ({ username: 'me', password: 'my-password' }),
      onRetry: (message) => said.push(message),
    })
    const thrown = await rejection(client.manifest(addonOf(registry), '1.0'))
    expect(thrown.message).toContain('500 (UNKNOWN: Bearer *** *** ***)')
    expect(new Set(said)).toEqual(new Set([thrown.message]))
  })

  test('of a URL with a login omits the login', async () => {
    registry.instead = () => ({ status: 307, headers: { location: 'http://me:my-password@r.example/x' } })
    await expect(openClient().blob(addonOf(registry), sha256('x'))).rejects.toThrow(
      '"http://***@r.example/x" is not an HTTP address, or has a login in it.',
    )
  })
})

describe('Retry-After', () => {
  const now = Date.parse('2026-01-02T03:04:05Z')

  test.each<[string | undefined, readonly number[]]>([
    ['3', [3_000, 3_000]],
    ['0', [0, 0]],
    ['Fri, 02 Jan 2026 03:04:35 GMT', [30_000, 30_000]],
    // A minute is the longest.
    ['61', [60_000, 60_000]],
    ['3600', [60_000, 60_000]],
    ['9'.repeat(400), [60_000, 60_000]],
    ['Fri, 31 Dec 9999 23:59:59 GMT', [60_000, 60_000]],
    // Nothing that makes sense: as long as without it.
    ['soon', [1_000, 2_000]],
    ['-1', [1_000, 2_000]],
    [undefined, [1_000, 2_000]],
  ])('%j delays the next attempt', async (value, expected) => {
    const waits: number[] = []
    const said: [string, number][] = []
    registry.manifests.set(`org/addon@${sha256('{}')}`, { type: 'x', bytes: Buffer.from('{}') })
    const headers = value === undefined ? {} : { 'retry-after': value }
    registry.faults.add({ times: 2, answer: { status: 429, headers, body: '' } })
    const clock = { now: () => now, sleep: async (ms: number) => void waits.push(ms) }
    const client = openClient({ clock, firstWaitMs: 1_000, onRetry: (message, ms) => said.push([message, ms]) })
    await expect(client.manifest(addonOf(registry), sha256('{}'))).resolves.toMatchObject({ digest: sha256('{}') })
    expect(waits).toEqual(expected)
    const message = `${registry.host} answers GET of manifests in org/addon with 429.`
    expect(said).toEqual(expected.map((ms) => [message, ms]))
  })

  test('of a token service is waited for, too', async () => {
    const waits: number[] = []
    registry.instead = ({ path }) =>
      path.startsWith('/token')
        ? { status: 503, headers: { 'retry-after': '9' } }
        : { status: 401, headers: { 'www-authenticate': `Bearer realm="${registry.url}/token"` } }
    const clock = { now: () => now, sleep: async (ms: number) => void waits.push(ms) }
    await expect(openClient({ clock }).manifest(addonOf(registry), '1.0')).rejects.toThrow(/gives no token: 503/)
    expect(waits).toEqual([9_000, 9_000, 9_000, 9_000])
  })
})

describe('a temporary failure', () => {
  test('is retried four times, with doubling delays', async () => {
    const waits: number[] = []
    registry.instead = () => ({ status: 500 })
    const clock = { now: () => 0, sleep: async (ms: number) => void waits.push(ms) }
    const thrown = await rejection(openClient({ clock, firstWaitMs: 10 }).manifest(addonOf(registry), '1.0'))
    expect(thrown.code).toBe('UNAVAILABLE')
    expect([waits, lines(registry)]).toEqual([[10, 20, 40, 80], Array(5).fill('GET /v2/org/addon/manifests/1.0')])
  })

  test('is first retried after a second', async () => {
    const waits: number[] = []
    registry.instead = () => ({ status: 500 })
    const clock = { now: () => 0, sleep: async (ms: number) => void waits.push(ms) }
    const client = createRegistry({
      exchange: createExchange('test'),
      credentials: async () => undefined,
      clock,
      signal: new AbortController().signal,
    })
    await rejection(client.manifest(addonOf(registry), '1.0'))
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000])
  })

  test.each(['before the first request', 'during the wait'])('is not tried again after a cancel %s', async (when) => {
    const controller = new AbortController()
    registry.instead = () => {
      if (when !== 'during the wait') controller.abort()
      return { status: 500 }
    }
    const clock = { now: () => 0, sleep: async () => controller.abort() }
    const thrown = await rejection(openClient({ clock, signal: controller.signal }).manifest(addonOf(registry), '1.0'))
    expect([thrown.code, registry.seen.length]).toEqual(['UNAVAILABLE', 1])
  })
})
