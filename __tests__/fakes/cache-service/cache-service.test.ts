import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { rangeOf } from './blobs.ts'
import { type FakeCacheService, scopes, startCacheService } from './cache-service.ts'
import { type Entry, findEntry } from './entries.ts'
import { calls, limited, unavailable } from './faults.ts'
import { readToken } from './token.ts'

let cache: FakeCacheService
beforeEach(async () => {
  cache = await startCacheService()
})
afterEach(async () => {
  await cache.close()
})

const call = async (method: string, body: object, token = cache.token()) => {
  const answer = await fetch(`${cache.url}/twirp/github.actions.results.api.v1.CacheService/${method}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Record<string, string> }
}
const put = (url: string, body: string | Buffer, headers: Record<string, string> = { 'x-ms-blob-type': 'BlockBlob' }) =>
  fetch(url, { method: 'PUT', body: new Uint8Array(Buffer.from(body)), headers })
const save = async (key: string, text: string, token = cache.token()) => {
  const { body } = await call('CreateCacheEntry', { key, version: 'v' }, token)
  expect((await put(body.signed_upload_url ?? '', text)).status).toBe(201)
  return call('FinalizeCacheEntryUpload', { key, version: 'v', size_bytes: text.length }, token)
}
const find = async (key: string, restoreKeys: string[] = [], token = cache.token()) => {
  const { body } = await call('GetCacheEntryDownloadURL', { key, version: 'v', restore_keys: restoreKeys }, token)
  return body.ok ? [body.matched_key, await (await fetch(body.signed_download_url ?? '')).text()] : undefined
}

describe('with @actions/cache', () => {
  // In a process of its own: it reads its settings from the environment, and talks.
  const script = `
    import { readFile, rm, writeFile } from 'node:fs/promises'
    import { restoreCache, saveCache } from '@actions/cache'
    const file = process.env.RUNNER_TEMP + '/sizes.json'
    const read = () => readFile(file, 'utf8').catch(() => undefined)
    const results = []
    await writeFile(file, '{"bytes":5}')
    results.push(await saveCache([file], 'sizes-1'))
    await rm(file)
    results.push(await restoreCache([file], 'sizes-1'), await read())
    await rm(file)
    results.push(await restoreCache([file], 'sizes-2', ['sizes-']), await read())
    results.push(await restoreCache([file], 'other'))
    console.log('RESULTS ' + JSON.stringify(results))`
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fakes-cache-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  test('an entry is restored by its key and by a restore key', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
      env: { PATH: process.env.PATH, RUNNER_TEMP: folder, GITHUB_WORKSPACE: folder, ...cache.environment() },
    })
    const results = JSON.parse(/^RESULTS (.*)$/m.exec(stdout)?.[1] ?? '[]')
    expect(results).toEqual([1, 'sizes-1', '{"bytes":5}', 'sizes-1', '{"bytes":5}', null])
    expect(cache.entries.map(({ key, scope, finalised }) => [key, scope, finalised])).toEqual([
      ['sizes-1', 'refs/heads/main', true],
    ])
    expect(cache.violations).toEqual([])
  })
})

describe('calls of the cache service', () => {
  test('an entry is found after it is finalised, but its key is reserved before', async () => {
    const { body } = await call('CreateCacheEntry', { key: 'k', version: 'v' })
    expect(await find('k')).toBeUndefined()
    expect(await call('CreateCacheEntry', { key: 'k', version: 'v' })).toMatchObject({
      status: 409,
      body: { code: 'already_exists' },
    })
    await put(body.signed_upload_url ?? '', 'hello')
    const done = await call('FinalizeCacheEntryUpload', { key: 'k', version: 'v', size_bytes: '5' })
    expect(done.body).toEqual({ ok: true, entry_id: '1' })
    expect(await find('k')).toEqual(['k', 'hello'])
  })

  test('a read-only token finds entries but cannot write', async () => {
    await save('k', 'hello')
    const fork = cache.token(scopes.fork())
    expect(await find('k', [], fork)).toEqual(['k', 'hello'])
    const { status, body } = await call('CreateCacheEntry', { key: 'new', version: 'v' }, fork)
    expect([status, body.ok, body.message]).toEqual([200, false, expect.stringContaining('cache write denied')])
    cache.denyWrites = true
    expect((await call('CreateCacheEntry', { key: 'new', version: 'v' })).body.ok).toBe(false)
  })

  test('a pull request finds entries of its base branch, but not the other way round', async () => {
    const pull = cache.token(scopes.pullRequest(7))
    await save('k-main', 'from main')
    await save('k-pull', 'from the pull request', pull)
    expect(await find('k-', [], pull)).toEqual(['k-pull', 'from the pull request'])
    expect(await find('k-')).toEqual(['k-main', 'from main'])
    expect(await find('k-', [], cache.token(scopes.pullRequest(8)))).toEqual(['k-main', 'from main'])
  })

  test('a token that is unknown or has expired gets 401', async () => {
    const other = await startCacheService()
    const asked = { key: 'k', version: 'v', restore_keys: [] }
    expect((await call('GetCacheEntryDownloadURL', asked, other.token())).status).toBe(401)
    const late = cache.token(undefined, { expiresInSeconds: -1 })
    expect((await call('GetCacheEntryDownloadURL', asked, late)).status).toBe(401)
    await other.close()
  })

  test('a wrong size of the blob is refused and recorded as a violation', async () => {
    const { body } = await call('CreateCacheEntry', { key: 'k', version: 'v' })
    await put(body.signed_upload_url ?? '', 'hello')
    expect((await call('FinalizeCacheEntryUpload', { key: 'k', version: 'v', size_bytes: 6 })).body.ok).toBe(false)
    expect(cache.violations).toEqual(['FinalizeCacheEntryUpload: k is 5 bytes, not 6'])
  })
})

describe('the blob store', () => {
  const addresses = async () => {
    const { body } = await call('CreateCacheEntry', { key: 'k', version: 'v' })
    return body.signed_upload_url ?? ''
  }

  test('joins blocks in the order of the list', async () => {
    const url = await addresses()
    expect((await put(`${url}&comp=block&blockid=YQ==`, 'world')).status).toBe(201)
    expect((await put(`${url}&comp=block&blockid=Yg==`, 'hello ')).status).toBe(201)
    const missing = await put(`${url}&comp=blocklist`, '<BlockList><Latest>Yw==</Latest></BlockList>')
    expect([missing.status, missing.headers.get('x-ms-error-code')]).toEqual([400, 'InvalidBlockList'])
    const listed = '<BlockList><Latest>Yg==</Latest><Latest>YQ==</Latest></BlockList>'
    const done = await put(`${url}&comp=blocklist`, listed)
    expect(done.status).toBe(201)
    for (const name of ['etag', 'last-modified', 'x-ms-request-id']) expect(done.headers.get(name)).toBeTruthy()
    await call('FinalizeCacheEntryUpload', { key: 'k', version: 'v', size_bytes: 11 })
    expect(await find('k')).toEqual(['k', 'hello world'])
  })

  test('supports range and HEAD requests', async () => {
    await save('k', '0123456789')
    const { body } = await call('GetCacheEntryDownloadURL', { key: 'k', version: 'v', restore_keys: [] })
    const url = body.signed_download_url ?? ''
    const part = await fetch(url, { headers: { range: 'bytes=2-4' } })
    expect([part.status, part.headers.get('content-range'), await part.text()]).toEqual([206, 'bytes 2-4/10', '234'])
    expect((await fetch(url, { headers: { range: 'bytes=10-' } })).status).toBe(416)
    const head = await fetch(url, { method: 'HEAD' })
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '10'])
    expect((await put(url, 'other')).status).toBe(403)
  })

  test('refuses a URL without signature or for another method', async () => {
    const url = await addresses()
    expect((await fetch(url)).status).toBe(403)
    expect((await put(url.replace(/sig=.*/, 'sig=x'), 'hello')).status).toBe(403)
  })

  test.each([
    ['bytes=0-3', { from: 0, to: 3 }],
    ['bytes=4-', { from: 4, to: 9 }],
    ['bytes=-2', { from: 8, to: 9 }],
    ['bytes=5-99', { from: 5, to: 9 }],
    ['bytes=10-12', 'outside'],
    ['', 'none'],
    ['lines=1-2', 'none'],
  ])('the range %j of ten bytes', (header, expected) => {
    expect(rangeOf(header, 10)).toEqual(expected)
  })
})

describe('faults', () => {
  test('can be a rate limit or a temporary outage', async () => {
    cache.faults.add(limited(3, { on: calls.create, times: 1 }))
    cache.faults.add(unavailable({ on: calls.find, times: 1 }))
    const refused = await call('CreateCacheEntry', { key: 'k', version: 'v' })
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '3'])
    expect((await call('GetCacheEntryDownloadURL', { key: 'k', version: 'v' })).status).toBe(503)
    await save('k', 'hello')
    expect(await find('k')).toEqual(['k', 'hello'])
  })

  test('that cut an upload leave no blob', async () => {
    cache.faults.add({ on: calls.upload, cut: { afterBytes: 100_000 }, times: 1 })
    const { body } = await call('CreateCacheEntry', { key: 'k', version: 'v' })
    await expect(put(body.signed_upload_url ?? '', Buffer.alloc(1_000_000))).rejects.toThrow()
    expect(cache.blobs.get(cache.entries[0]?.blob ?? '')).toBeUndefined()
    expect(cache.requests.at(-1)).toMatchObject({ what: 'blob put', status: 0 })
  })

  test('that stop the service refuse connections until it returns', async () => {
    await save('k', 'hello')
    await cache.vanish()
    await expect(find('k')).rejects.toThrow()
    await cache.comeBack()
    expect(await find('k')).toEqual(['k', 'hello'])
  })
})

test('a token lists its permissions as a string in its claims', () => {
  const claims = JSON.parse(Buffer.from(cache.token(scopes.pullRequest(7)).split('.')[1] ?? '', 'base64url').toString())
  expect(JSON.parse(claims.ac)).toEqual([
    { Scope: 'refs/pull/7/merge', Permission: 3 },
    { Scope: 'refs/heads/main', Permission: 1 },
  ])
  expect(readToken(cache.token(scopes.fork()))?.scopes).toEqual(scopes.fork())
  expect(readToken('nonsense')).toBeUndefined()
})

describe('the entry that is found', () => {
  const entry = (id: number, key: string, scope = 'main', finalised = true): Entry => ({
    id,
    key,
    scope,
    version: 'v',
    blob: '',
    finalised,
    size: 0,
  })
  const entries = [
    entry(1, 'a-1'),
    entry(2, 'a-2'),
    entry(3, 'a-3', 'other'),
    entry(4, 'a-4', 'main', false),
    entry(5, 'a'),
  ]
  test.each([
    ['the key itself before what is newer', 'a', [], 5],
    ['the newest that begins with the key', 'a-', [], 2],
    ['the newest that begins with a restore key', 'b', ['c', 'a-'], 2],
    ['nothing of another scope, and nothing that is not complete', 'a-3', [], undefined],
    ['nothing', 'b', [], undefined],
  ])('%s', (_, key, restoreKeys, expected) => {
    const found = findEntry(entries, { key, version: 'v', restoreKeys }, [{ scope: 'main', permission: 'read' }])
    expect(found?.id).toBe(expected)
  })
})
