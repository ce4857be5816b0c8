import { makeClient, nextQuery, waitBefore } from '../../src/github/client.ts'
import { RestError } from '../../src/github/rest.ts'
import { type FakeGitHub, startGitHub } from '../fakes/github/github.ts'

describe('the delay before a retry', () => {
  const now = Date.parse('2026-01-01T00:00:00Z')
  const get = 'GET /x'
  const post = 'POST /x'
  test.each<[string, number, Record<string, string>, string, number, number | undefined]>([
    ['seconds', 429, { 'retry-after': '7' }, get, 0, 7000],
    ['a date', 429, { 'retry-after': 'Thu, 01 Jan 2026 00:00:09 GMT' }, get, 0, 9000],
    ['a date that is past', 429, { 'retry-after': 'Wed, 31 Dec 2025 00:00:00 GMT' }, get, 0, 0],
    [
      'the end of the hour',
      403,
      { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(now / 1000 + 30) },
      get,
      0,
      30_000,
    ],
    ['an hour is too long', 403, { 'retry-after': '3600' }, get, 0, undefined],
    ['403 without a limit is a no', 403, {}, get, 0, undefined],
    ['a limit holds for POST too: nothing was done', 429, { 'retry-after': '1' }, post, 0, 1000],
    ['a broken server', 502, {}, get, 0, 500],
    ['twice as long each time', 502, {}, get, 3, 4000],
    ['no answer at all', 0, {}, get, 1, 1000],
    ['a broken server may have done what was asked', 502, {}, post, 0, undefined],
    ['no answer to POST', 0, {}, post, 0, undefined],
    ['not found', 404, {}, get, 0, undefined],
  ])('%s', (_, status, headers, route, attempt, wait) => {
    expect(waitBefore(new RestError(status, 'x', headers), route, attempt, now)).toBe(wait)
  })
})

test.each([
  [undefined, undefined],
  [
    '<https://api.github.com/repositories/1/issues/2/comments?per_page=100&page=2>; rel="next", <https://x/?page=9>; rel="last"',
    { per_page: '100', page: '2' },
  ],
  ['<https://x/?page=1>; rel="prev", <https://x/?page=9>; rel="last"', undefined],
  ['</relative?page=3>; rel=next', { page: '3' }],
])('the next page of %s', (link, query) => {
  expect(nextQuery(link)).toEqual(query)
})

describe('the client', () => {
  let github: FakeGitHub
  beforeEach(async () => {
    github = await startGitHub()
  })
  afterEach(() => github.close())
  const client = (more: object = {}) =>
    makeClient({ token: github.token, baseUrl: `${github.url}/`, sleep: async () => {}, ...more })

  test('sends its token only to the API address', async () => {
    github.addPull()
    for await (const _ of client().pages('GET /repos/{owner}/{repo}/pulls', { owner: 'octo', repo: 'aicleaner' }))
      void _
    expect(github.requests.map(({ headers }) => headers.authorization)).toEqual([`token ${github.token}`])
  })

  test('fails after a timeout if there is no response', async () => {
    github.faults.add({ delayMs: 700 })
    const asked = client({ timeoutMs: 50, retries: 0 }).request('GET /user')
    await expect(asked).rejects.toMatchObject({ status: 0 })
  })

  test('stops without a retry when the run is cancelled', async () => {
    const stop = new AbortController()
    github.faults.add({ delayMs: 700 })
    const waits: number[] = []
    const sleep = async (ms: number) => void waits.push(ms)
    const asked = client({ signal: stop.signal, sleep }).request('GET /user')
    setTimeout(() => stop.abort(), 30)
    await expect(asked).rejects.toThrow()
    expect(waits).toEqual([])
  })

  test('never shows the token in its errors', async () => {
    github.faults.add({ answer: { status: 500, body: { message: 'no' } } })
    const thrown = await client({ retries: 0 })
      .request('GET /user')
      .catch((error: unknown) => error)
    expect(JSON.stringify([thrown, String((thrown as Error).stack)])).not.toContain(github.token)
  })
})
