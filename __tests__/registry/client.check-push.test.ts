import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { systemClock } from '../../src/platform/clock.ts'
import { createRegistry } from '../../src/registry/client.ts'
import { codeOf, isRefused } from '../../src/registry/error.ts'
import { createExchange } from '../../src/registry/http.ts'
import { parseRepository } from '../../src/registry/name.ts'
import { type Loopback, startLoopback } from '../fakes/loopback.ts'
import type { Access } from '../fakes/registry-proxy/challenge.ts'
import { asked, refused } from '../fakes/registry-proxy/faults.ts'
import { type RegistryProxy, startRegistryProxy } from '../fakes/registry-proxy/registry-proxy.ts'
import { startUploads, type Uploads } from './uploads.ts'

const accounts = [
  { username: 'writer', password: 'right' },
  { username: 'reader', password: 'right', push: /^none$/ },
]

let uploads: Uploads
let other: Loopback
let proxy: RegistryProxy
let seenElsewhere: string[]
beforeEach(async () => {
  seenElsewhere = []
  uploads = await startUploads()
  other = await startLoopback((request, response) => {
    seenElsewhere.push(`${request.method} ${request.url}`)
    response.writeHead(204).end()
  })
})
afterEach(() => Promise.all([proxy.close(), uploads.close(), other.close()]))

const begin = async (access?: Access): Promise<void> => {
  proxy = await startRegistryProxy({ target: uploads.url, ...(access && { access }) })
}
const open = (username = 'writer', password = 'right') =>
  createRegistry({
    exchange: createExchange('test'),
    credentials: async () => ({ username, password }),
    clock: systemClock,
    signal: new AbortController().signal,
    firstWaitMs: 1,
  })
const repository = () => parseRepository(`${proxy.host}/org/addon`)
const requests = () => proxy.requests.map(({ method, path, status }) => `${method} ${path} ${status}`)

describe('checking whether a login may push', () => {
  test('starts one upload and cancels it', async () => {
    await begin()
    await open().checkPush(repository())
    expect(requests()).toEqual(['POST /v2/org/addon/blobs/uploads/ 202', 'DELETE /v2/org/addon/blobs/uploads/1 204'])
    expect([...uploads.sessions]).toEqual([])
  })

  test.each(['bearer', 'basic'] as const)('uses the login (%s), and leaves no upload behind', async (scheme) => {
    await begin({ scheme, accounts })
    await open().checkPush(repository())
    expect([uploads.begun(), [...uploads.sessions]]).toEqual([1, []])
    // The token for the upload is the one that publishing asks for.
    const tokens = proxy.requests.filter(({ path }) => path.startsWith('/fake/token')).map(({ path }) => path)
    expect(tokens.map((path) => new URL(path, proxy.url).searchParams.get('scope'))).toEqual(
      scheme === 'basic' ? [] : ['repository:org/addon:pull,push', 'repository:org/addon:delete'],
    )
  })

  test.each([
    ['bearer', 'reader', 'right'],
    ['basic', 'reader', 'right'],
    ['bearer', 'writer', 'wrong'],
    ['basic', 'writer', 'wrong'],
  ] as const)('is refused by %s for %s with a %s password', async (scheme, username, password) => {
    await begin({ scheme, accounts, anonymousPull: true })
    const thrown = await open(username, password)
      .checkPush(repository())
      .catch((error: unknown) => error)
    expect(isRefused(thrown)).toBe(true)
    expect(uploads.begun()).toBe(0)
  })

  test.each([500, 429, 404] as const)('sends one request, even if the registry responds with %d', async (status) => {
    await begin()
    proxy.faults.add(refused(status, { on: asked.startUpload }))
    const thrown = await open()
      .checkPush(repository())
      .catch((error: unknown) => error)
    expect([thrown, isRefused(thrown)]).toEqual([expect.objectContaining({ code: codeOf(status) }), false])
    expect(requests()).toHaveLength(1)
  })

  test('does not depend on the cancel', async () => {
    await begin()
    proxy.faults.add({ on: /^DELETE /, answer: { status: 405 } })
    await open().checkPush(repository())
    proxy.faults.clear()
    proxy.faults.add({ on: /^DELETE /, cut: 'at-once' })
    await open().checkPush(repository())
    expect(requests().filter((line) => line.startsWith('DELETE'))).toHaveLength(2)
  })

  test.each([
    ['an upload location elsewhere', () => `${other.url}/containers/x`],
    ['no address', () => 'http://['],
    ['a login in the address', () => `http://me:secret@127.0.0.1:${other.port}/`],
  ])('sends nothing to %s', async (_, location) => {
    await begin({ scheme: 'basic', accounts })
    proxy.faults.add({ on: asked.startUpload, answer: { status: 202, headers: { location: location() } } })
    await open().checkPush(repository())
    expect([seenElsewhere, requests().filter((line) => line.startsWith('DELETE'))]).toEqual([[], []])
  })

  test('deletes nothing if the registry started no upload', async () => {
    await begin()
    const location = '/v2/org/addon/blobs/sha256:1'
    proxy.faults.add({ on: asked.startUpload, answer: { status: 201, headers: { location } } })
    await open().checkPush(repository())
    expect(requests()).toEqual(['POST /v2/org/addon/blobs/uploads/ 201'])
  })

  test('does not follow a redirect with the login', async () => {
    await begin({ scheme: 'basic', accounts })
    proxy.faults.add({ on: asked.startUpload, answer: { status: 307, headers: { location: `${other.url}/x` } } })
    await expect(open().checkPush(repository())).rejects.toThrow(/307/)
    expect(seenElsewhere).toEqual([])
  })
})
