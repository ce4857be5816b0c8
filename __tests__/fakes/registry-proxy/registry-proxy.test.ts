import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { type Loopback, send, startLoopback } from '../loopback.ts'
import { allowed, createGate, needsOf, parseScopes } from './challenge.ts'
import { asked, refused } from './faults.ts'
import { type RegistryProxy, type RegistryProxyOptions, startRegistryProxy } from './registry-proxy.ts'

/** What stands behind the proxy here: keeps what is put, tells where an upload goes, as a registry does. */
async function startUpstream(): Promise<
  Loopback & { readonly stored: Map<string, Buffer>; readonly logins: string[] }
> {
  const stored = new Map<string, Buffer>()
  const logins: string[] = []
  const server = await startLoopback(async (request, response) => {
    const { method, url = '/' } = request
    if (request.headers.authorization !== undefined) logins.push(request.headers.authorization)
    const chunks: Buffer[] = []
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer)
    } catch {
      return
    }
    const path = url.split('?')[0] ?? ''
    if (method === 'POST')
      send(response, { status: 202, headers: { location: `http://${request.headers.host}${path}1` } })
    else if (method === 'PUT') {
      stored.set(path, Buffer.concat(chunks))
      send(response, { status: 201 })
    } else if (stored.has(path)) send(response, { status: 200, headers: { 'x-kept': 'yes' }, body: stored.get(path) })
    else send(response, { status: url === '/v2/' ? 200 : 404 })
  })
  return { ...server, stored, logins }
}

let upstream: Awaited<ReturnType<typeof startUpstream>>
let proxy: RegistryProxy
const begin = async (options: Partial<RegistryProxyOptions> = {}): Promise<void> => {
  proxy = await startRegistryProxy({ target: upstream.url, ...options })
}
beforeEach(async () => {
  upstream = await startUpstream()
})
afterEach(async () => {
  await proxy.close()
  await upstream.close()
})

const put = (path: string, body: Buffer | string = 'x', headers: Record<string, string> = {}) =>
  fetch(`${proxy.url}${path}`, { method: 'PUT', body: new Uint8Array(Buffer.from(body)), headers })
const get = (path: string, authorization?: string) =>
  fetch(`${proxy.url}${path}`, { headers: authorization === undefined ? {} : { authorization } })
const basic = (username: string, password: string): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`

describe('a request that is passed on', () => {
  beforeEach(() => begin())

  test('is unchanged in both directions', async () => {
    const bytes = Buffer.alloc(3_000_000, 'abc')
    expect((await put('/v2/a/b/blobs/uploads/1?digest=x', bytes)).status).toBe(201)
    const answer = await get('/v2/a/b/blobs/uploads/1')
    expect(answer.headers.get('x-kept')).toBe('yes')
    const sum = (data: ArrayBuffer | Buffer) =>
      createHash('sha256')
        .update(Buffer.from(data as ArrayBuffer))
        .digest('hex')
    expect(sum(await answer.arrayBuffer())).toBe(sum(bytes))
    expect(proxy.requests).toEqual([
      { method: 'PUT', path: '/v2/a/b/blobs/uploads/1?digest=x', authorized: false, bytes: 3_000_000, status: 201 },
      { method: 'GET', path: '/v2/a/b/blobs/uploads/1', authorized: false, bytes: 0, status: 200 },
    ])
  })

  test('has the proxy in the location of its upload', async () => {
    const begun = await fetch(`${proxy.url}/v2/a/blobs/uploads/`, { method: 'POST' })
    expect(begun.headers.get('location')).toBe(`${proxy.url}/v2/a/blobs/uploads/1`)
  })

  test('is streamed: the registry receives the beginning before the client has sent the end', async () => {
    const begun = Promise.withResolvers<void>()
    const other = await startLoopback((request, response) => {
      request.once('data', () => begun.resolve())
      request.on('end', () => send(response, { status: 201 }))
    })
    const through = await startRegistryProxy({ target: other.url })
    async function* parts() {
      yield Buffer.alloc(200_000)
      await begun.promise
      yield Buffer.alloc(10)
    }
    const init = { method: 'PUT', body: Readable.toWeb(Readable.from(parts())), duplex: 'half' }
    const answer = await fetch(`${through.url}/v2/a/blobs/uploads/1`, init as unknown as RequestInit)
    expect(answer.status).toBe(201)
    await through.close()
    await other.close()
  })

  test('results in 502 if the registry is unreachable', async () => {
    await upstream.vanish()
    expect((await get('/v2/')).status).toBe(502)
  })
})

describe('faults', () => {
  beforeEach(() => begin())

  test('can be an error response of a registry for some requests', async () => {
    proxy.faults.add(refused(429, { on: asked.putTag, times: 1, after: 1, retryAfter: 3 }))
    const statuses = []
    for (const tag of ['sha256:a', 'one', 'two', 'three']) statuses.push((await put(`/v2/a/manifests/${tag}`)).status)
    expect(statuses).toEqual([201, 201, 429, 201])
    proxy.faults.add(refused(429, { retryAfter: 3 }))
    const answer = await get('/v2/')
    expect([answer.headers.get('retry-after'), await answer.json()]).toEqual([
      '3',
      { errors: [{ code: 'TOOMANYREQUESTS', message: 'too many requests' }] },
    ])
    expect([...upstream.stored.keys()]).not.toContain('/v2/a/manifests/two')
  })

  test('can cut an upload, unless it is shorter, and the registry keeps nothing', async () => {
    proxy.faults.add({ on: asked.upload, cut: { afterBytes: 500_000 }, times: 1 })
    expect((await put('/v2/a/blobs/uploads/0', Buffer.alloc(499_999))).status).toBe(201)
    upstream.stored.clear()
    proxy.requests.length = 0
    await expect(put('/v2/a/blobs/uploads/1', Buffer.alloc(4_000_000))).rejects.toThrow()
    expect(upstream.stored.size).toBe(0)
    expect(proxy.requests[0]).toMatchObject({ status: 0 })
    expect(proxy.requests[0]?.bytes).toBeGreaterThanOrEqual(500_000)
    expect((await put('/v2/a/blobs/uploads/1', Buffer.alloc(4_000_000))).status).toBe(201)
  })

  test('can cut the connection after the request was processed', async () => {
    proxy.faults.add({ on: asked.putManifest, cut: 'before-answer', times: 1 })
    await expect(put('/v2/a/manifests/one')).rejects.toThrow()
    expect([...upstream.stored.keys()]).toEqual(['/v2/a/manifests/one'])
  })

  test('can cut a connection in the middle of a response', async () => {
    await put('/v2/a/manifests/one', Buffer.alloc(1_000_000))
    proxy.faults.add({ on: asked.getManifest, cut: 'mid-answer' })
    const answer = await get('/v2/a/manifests/one')
    expect(answer.status).toBe(200)
    await expect(answer.arrayBuffer()).rejects.toThrow()
  })

  test('can stop the registry between two tags and restart it', async () => {
    proxy.faults.add({ on: asked.putTag, after: 1, times: 1, vanish: { forMs: 150 } })
    expect((await put('/v2/a/manifests/one')).status).toBe(201)
    await expect(put('/v2/a/manifests/two')).rejects.toThrow()
    await expect(get('/v2/')).rejects.toThrow()
    for (let back = false; !back; ) back = await get('/v2/').then(Boolean, () => false)
    expect((await put('/v2/a/manifests/two')).status).toBe(201)
  })
})

describe('a login by token', () => {
  const accounts = [
    { username: 'ci', password: 'p:w', push: /^octo\// },
    { username: 'reader', password: 'r', push: /^$/ },
  ]
  const tokenFor = async (scope: string, authorization?: string): Promise<Response> => {
    const challenge = (await get('/v2/octo/a/manifests/x')).headers.get('www-authenticate') ?? ''
    const realm = /realm="([^"]+)"/.exec(challenge)?.[1]
    const service = /service="([^"]+)"/.exec(challenge)?.[1]
    return fetch(`${realm}?service=${service}&scope=${encodeURIComponent(scope)}`, {
      headers: authorization === undefined ? {} : { authorization },
    })
  }
  const bearer = async (answer: Response): Promise<string> =>
    `Bearer ${((await answer.json()) as { token: string }).token}`

  test('without a token is refused with a challenge', async () => {
    await begin({ access: { scheme: 'bearer', accounts } })
    const answer = await put('/v2/octo/a/manifests/x')
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toBe(
      `Bearer realm="${proxy.url}/fake/token",service="fake",scope="repository:octo/a:pull,push"`,
    )
    expect(upstream.stored.size).toBe(0)
  })

  test('grants access to the scope of its token, and is not passed on to the registry', async () => {
    await begin({ access: { scheme: 'bearer', accounts } })
    const authorization = await bearer(await tokenFor('repository:octo/a:pull,push', basic('ci', 'p:w')))
    expect((await put('/v2/octo/a/manifests/x', 'm', { authorization })).status).toBe(201)
    const other = await put('/v2/octo/b/manifests/x', 'm', { authorization })
    expect([other.status, other.headers.get('www-authenticate')]).toEqual([
      401,
      expect.stringContaining('insufficient_scope'),
    ])
    expect((await get('/v2/', authorization)).status).toBe(200)
    expect(upstream.logins).toEqual([])
  })

  test('with read access gets a read-only token, and with a wrong password none', async () => {
    await begin({ access: { scheme: 'bearer', accounts } })
    const authorization = await bearer(await tokenFor('repository:octo/a:pull,push', basic('reader', 'r')))
    expect((await put('/v2/octo/a/manifests/x', 'm', { authorization })).status).toBe(401)
    expect((await get('/v2/octo/a/manifests/x', authorization)).status).toBe(404)
    expect((await tokenFor('repository:octo/a:pull', basic('ci', 'wrong'))).status).toBe(401)
    expect((await tokenFor('repository:octo/a:pull')).status).toBe(401)
  })

  test('is not needed to pull if anonymous pulls are allowed', async () => {
    await begin({ access: { scheme: 'bearer', accounts, anonymousPull: true } })
    const authorization = await bearer(await tokenFor('repository:octo/a:pull,push'))
    expect((await get('/v2/octo/a/manifests/x', authorization)).status).toBe(404)
    expect((await put('/v2/octo/a/manifests/x', 'm', { authorization })).status).toBe(401)
  })

  test('accepts an identity token instead of the password', async () => {
    await begin({ access: { scheme: 'bearer', accounts } })
    const ask = async (fields: Record<string, string>) => {
      const body = new URLSearchParams({ service: 'fake', scope: 'repository:octo/a:pull,push', ...fields })
      return fetch(`${proxy.url}/fake/token`, { method: 'POST', body })
    }
    const first = await ask({ grant_type: 'password', username: 'ci', password: 'p:w', access_type: 'offline' })
    const { refresh_token } = (await first.json()) as { refresh_token: string }
    const authorization = await bearer(await ask({ grant_type: 'refresh_token', refresh_token }))
    expect((await put('/v2/octo/a/manifests/x', 'm', { authorization })).status).toBe(201)
    expect((await ask({ grant_type: 'refresh_token', refresh_token: 'made-up' })).status).toBe(401)
  })

  test('refuses an expired token', () => {
    let now = 0
    const gate = createGate(
      { scheme: 'bearer', accounts, tokenLifetime: 10 },
      () => 'http://x',
      () => now,
    )
    const { body } = gate.token(new URLSearchParams({ service: 'fake' }), basic('reader', 'r'))
    const authorization = `Bearer ${(body as { token: string }).token}`
    expect(gate.check('GET', '/v2/', authorization)).toBe('passed')
    now = 10_000
    expect(gate.check('GET', '/v2/', authorization)).toMatchObject({ status: 401 })
  })
})

test('a login by user name and password results in 401 if it is unknown and 403 if it lacks permission', async () => {
  await begin({ access: { scheme: 'basic', accounts: [{ username: 'ci', password: 'p', push: /^octo\// }] } })
  const authorization = basic('ci', 'p')
  const refusal = await get('/v2/')
  expect([refusal.status, refusal.headers.get('www-authenticate')]).toEqual([401, 'Basic realm="fake"'])
  expect((await get('/v2/', basic('ci', 'wrong'))).status).toBe(401)
  expect((await put('/v2/octo/a/manifests/x', 'm', { authorization })).status).toBe(201)
  expect((await put('/v2/other/a/manifests/x', 'm', { authorization })).status).toBe(403)
})

describe('the scopes that a request needs', () => {
  test.each([
    ['GET', '/v2/', []],
    ['HEAD', '/v2/a/b/c/manifests/x', ['a/b/c pull']],
    ['GET', '/v2/a/tags/list?n=5', ['a pull']],
    ['PUT', '/v2/a/manifests/x', ['a pull,push']],
    ['POST', '/v2/a/blobs/uploads/?mount=sha256:1&from=b/c', ['a pull,push', 'b/c pull']],
    ['DELETE', '/v2/a/manifests/x', ['a delete']],
  ])('%s %s', (method, target, expected) => {
    expect(needsOf(method, target).map(({ repository, actions }) => `${repository} ${actions}`)).toEqual(expected)
  })

  test('a scope may name a port and several repositories', () => {
    expect(parseScopes(['repository:a/b:pull repository:localhost:5000/c:pull,push', 'registry:catalog:*'])).toEqual([
      { repository: 'a/b', actions: ['pull'] },
      { repository: 'localhost:5000/c', actions: ['pull', 'push'] },
    ])
    expect(allowed(parseScopes(['repository:a:pull,push']), undefined, { scheme: 'basic', accounts: [] })).toEqual([
      { repository: 'a', actions: [] },
    ])
  })
})
