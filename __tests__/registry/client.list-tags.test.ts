import { afterEach, expect, test } from '@jest/globals'
import { systemClock } from '../../src/platform/clock.ts'
import { createRegistry } from '../../src/registry/client.ts'
import { createExchange } from '../../src/registry/http.ts'
import { nextPage } from '../../src/registry/list-tags.ts'
import { parseRepository } from '../../src/registry/name.ts'
import { type Answer, type Loopback, send, startLoopback } from '../fakes/loopback.ts'

let server: Loopback | undefined
afterEach(() => server?.close())

/** Lists the tags of a registry that answers in this way, and gives the requests that it saw. */
async function list(answer: (path: string) => Answer) {
  const asked: string[] = []
  server = await startLoopback((request, response) => {
    asked.push(request.url ?? '')
    send(response, answer(request.url ?? ''))
  })
  const registry = createRegistry({
    exchange: createExchange('test'),
    credentials: async () => undefined,
    clock: systemClock,
    signal: new AbortController().signal,
    firstWaitMs: 1,
  })
  const tags = await registry.listTags(parseRepository(`127.0.0.1:${server.port}/org/addon`))
  return { tags, asked }
}

const page = (tags: unknown, next?: string): Answer => ({
  status: 200,
  body: { name: 'org/addon', tags },
  ...(next !== undefined && { headers: { link: `<${next}>; rel="next"` } }),
})

test('all pages are read', async () => {
  const { tags, asked } = await list((path) =>
    path.includes('last=b') ? page(['c']) : page(['a', 'b'], '/v2/org/addon/tags/list?last=b&n=1000'),
  )
  expect(tags).toEqual(['a', 'b', 'c'])
  expect(asked).toEqual(['/v2/org/addon/tags/list?n=1000', '/v2/org/addon/tags/list?last=b&n=1000'])
})

test.each<[string, (path: string) => Answer]>([
  ['leads in a circle', () => page(['a'], '/v2/org/addon/tags/list?n=1000')],
  ['leads on for ever without a new tag', (path) => page(['a'], `${path}x`)],
  ['leads to another host', () => page(['a'], 'http://127.0.0.2:1/v2/org/addon/tags/list?last=a')],
  ['leads nowhere', () => page(['a'], 'http://[')],
])('a list that %s comes to an end', async (_, answer) => {
  const { tags, asked } = await list(answer)
  expect(tags).toEqual(['a'])
  expect(asked.length).toBeLessThanOrEqual(2)
})

test('a list without an end is an error after 20,000 tags', async () => {
  const { tags, asked } = await list((path) => {
    const from = Number(/last=(\d+)/.exec(path)?.[1] ?? 0)
    const tags = Array.from({ length: 1000 }, (_, index) => `t${from + index}`)
    return page(tags, `/v2/org/addon/tags/list?last=${from + 1000}`)
  })
  expect(tags).toHaveLength(20_000)
  expect(asked).toHaveLength(20)
})

test('invalid tags are left out, and an empty list is accepted', async () => {
  expect((await list(() => page(['a', '', '.b', 7, null, 'x y', '<script>']))).tags).toEqual(['a'])
  await server?.close()
  expect((await list(() => page(null))).tags).toEqual([])
})

test.each([
  [404, { errors: [{ code: 'NAME_UNKNOWN', message: 'no such repository' }] }, 'NAME_UNKNOWN'],
  [200, 'not JSON', 'not JSON'],
])('a response of %d with %j is an error that describes it', async (status, body, said) => {
  await expect(list(() => ({ status, body }))).rejects.toThrow(said)
})

test('a request that fails once is repeated', async () => {
  let failed = false
  const { tags } = await list(() => {
    if (failed) return page(['a'])
    failed = true
    return { status: 503 }
  })
  expect(tags).toEqual(['a'])
})

test.each([
  ['</v2/x?last=1>; rel="next"', 'https://r/v2/x?last=1'],
  ['<https://r/v2/x?last=1>;rel=next', 'https://r/v2/x?last=1'],
  ['</a>; rel="prev", </b>; rel="next"', 'https://r/b'],
  ['<https://other/v2/x>; rel="next"', undefined],
  ['</a>', undefined],
  [undefined, undefined],
])('the page after %j is %j', (link, expected) => {
  expect(nextPage(link, 'https://r/v2/x')).toBe(expected)
})
