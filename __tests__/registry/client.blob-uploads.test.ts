import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { sha256 } from '../../src/core/sha256.ts'
import { RegistryError } from '../../src/registry/error.ts'
import { asked } from '../fakes/registry-proxy/faults.ts'
import { addonOf, type Distribution, lines, openClient, refusal, startDistribution } from './distribution.ts'

let registry: Distribution
beforeEach(async () => {
  registry = await startDistribution()
})
afterEach(() => registry.close())

const content = Buffer.alloc(2_000_000, 'content of a layer ')
const digest = sha256(content)
const blob = { digest, size: content.length }
const path = '/v2/org/addon/blobs'
const put = (upload: number) => `PUT ${path}/uploads/${upload}?digest=${encodeURIComponent(digest)}`

/** Sends the blob; how often it was opened. */
async function send(from?: string): Promise<{ readonly result: string; readonly opened: number }> {
  let opened = 0
  const open = () => {
    opened += 1
    return Readable.from([content.subarray(0, 700_000), content.subarray(700_000)], { objectMode: false })
  }
  const result = await openClient().putBlob(addonOf(registry), blob, open, from ? addonOf(registry, from) : undefined)
  return { result, opened }
}

describe('a blob', () => {
  test('that exists is not uploaded', async () => {
    registry.blobs.set(`org/addon@${digest}`, content)
    expect(await send()).toEqual({ result: 'present', opened: 0 })
    expect(lines(registry)).toEqual([`HEAD ${path}/${digest}`])
  })

  test('is uploaded in one request, with digest, length and type', async () => {
    expect(await send()).toEqual({ result: 'uploaded', opened: 1 })
    expect(lines(registry)).toEqual([`HEAD ${path}/${digest}`, `POST ${path}/uploads/`, put(1)])
    expect(registry.seen.at(1)?.headers).toMatchObject({ 'content-length': '0' })
    expect(registry.seen.at(2)?.headers).toMatchObject({
      'content-length': '2000000',
      'content-type': 'application/octet-stream',
    })
    expect(registry.blobs.get(`org/addon@${digest}`)?.equals(content)).toBe(true)
  })

  test('keeps the query of its upload location', async () => {
    registry.instead = ({ method, path: asked }) =>
      method === 'POST'
        ? { status: 202, headers: { location: `${path}/uploads/x?_state=a%2Fb` } }
        : asked.startsWith(`${path}/uploads/`)
          ? { status: 201 }
          : undefined
    await send()
    expect(lines(registry).at(-1)).toBe(`PUT ${path}/uploads/x?_state=a%2Fb&digest=${encodeURIComponent(digest)}`)
  })

  test('is mounted from another repository of the registry instead of being uploaded', async () => {
    registry.blobs.set(`org/base@${digest}`, content)
    expect(await send('base')).toEqual({ result: 'mounted', opened: 0 })
    expect(lines(registry).slice(1)).toEqual([`POST ${path}/uploads/?mount=${digest}&from=org%2Fbase`])
    expect(registry.blobs.has(`org/addon@${digest}`)).toBe(true)
  })

  test('is uploaded if the registry does not mount it', async () => {
    registry.blobs.set(`org/base@${digest}`, content)
    registry.mounts = false
    expect(await send('base')).toEqual({ result: 'uploaded', opened: 1 })
    expect(lines(registry).slice(1)).toEqual([`POST ${path}/uploads/?mount=${digest}&from=org%2Fbase`, put(1)])
  })

  test('is not mounted from another registry', async () => {
    const from = { registry: 'other.example', host: 'other.example', path: 'org/base' }
    await openClient().putBlob(addonOf(registry), blob, () => Readable.from([content]), from)
    expect(lines(registry)[1]).toBe(`POST ${path}/uploads/`)
  })

  test('does not count as mounted if no mount was requested', async () => {
    registry.instead = ({ method }) => (method === 'POST' ? { status: 201, headers: { location: path } } : undefined)
    await expect(send()).rejects.toThrow(`${registry.host} says that it has ${digest} before any of it was sent.`)
  })

  test('needs a token with pull access to the source of a mount', async () => {
    registry.blobs.set(`org/base@${digest}`, content)
    const scopes: (readonly string[])[] = []
    registry.instead = ({ path: target, headers }) => {
      const url = new URL(target, registry.url)
      if (url.pathname === '/token') {
        scopes.push(url.searchParams.getAll('scope'))
        return { status: 200, body: { token: `t${scopes.length}` } }
      }
      if (headers.authorization) return undefined
      return { status: 401, headers: { 'www-authenticate': `Bearer realm="${registry.url}/token"` } }
    }
    expect((await send('base')).result).toBe('mounted')
    expect(scopes).toEqual([
      ['repository:org/addon:pull,push'],
      ['repository:org/addon:pull,push', 'repository:org/base:pull'],
    ])
  })
})

describe('an upload that breaks', () => {
  // distribution continues none: `Range` of an upload is always 0-0, and bytes after a break are 416 or an upload that is not known.
  test.each<[string, Parameters<Distribution['faults']['add']>[0]]>([
    ['in the middle of its bytes', { cut: { afterBytes: 900_000 } }],
    ['before its answer', { cut: 'before-answer' }],
    ['with 416, for its range', { answer: { status: 416, headers: { range: '0-899999' } } }],
    ['with an unknown upload', { answer: refusal(404, 'BLOB_UPLOAD_UNKNOWN') }],
    ['with an error inside the registry', { answer: refusal(500, 'UNKNOWN') }],
  ])('%s is restarted from the first byte', async (_, fault) => {
    registry.faults.add({ on: asked.upload, times: 2, ...fault })
    expect(await send()).toEqual({ result: 'uploaded', opened: 3 })
    expect(lines(registry).filter((line) => line.startsWith('POST'))).toHaveLength(3)
    // Another upload each time: what the registry has of a broken one is its own business.
    expect(lines(registry).at(-1)).toBe(put(3))
    expect(registry.blobs.get(`org/addon@${digest}`)?.equals(content)).toBe(true)
  })

  test('every time fails after five attempts', async () => {
    registry.faults.add({ on: asked.upload, cut: { afterBytes: 900_000 } })
    const thrown = await send().catch((error: unknown) => error)
    expect(thrown).toBeInstanceOf(RegistryError)
    expect(thrown).toMatchObject({
      code: 'CONNECTION_FAILED',
      message: expect.stringMatching(`^The connection to ${registry.host} failed \\(PUT\\): .*\\.$`),
    })
    expect(lines(registry).filter((line) => line.startsWith('POST'))).toHaveLength(5)
  })

  test.each([
    ['DIGEST_INVALID', refusal(400, 'DIGEST_INVALID')],
    ['NOT_FOUND', refusal(404, 'NAME_UNKNOWN')],
    ['REJECTED', refusal(413, 'TOO_LARGE')],
  ] as const)('permanently fails after one attempt: %s', async (code, answer) => {
    registry.faults.add({ on: asked.upload, answer })
    await expect(send()).rejects.toMatchObject({ code })
    expect(lines(registry).filter((line) => line.startsWith('POST'))).toHaveLength(1)
  })
})

describe('bytes that cannot be read', () => {
  test.each<[string, () => Readable]>([
    ['a file that is not there', () => createReadStream('/not/there')],
    [
      'a stream that breaks',
      () =>
        Readable.from(
          (function* () {
            yield content.subarray(0, 100_000)
            throw new Error('ENOENT: the disk is gone')
          })(),
          { objectMode: false },
        ),
    ],
    [
      'a file that cannot be opened',
      () => {
        throw new Error('ENOENT: no such layout')
      },
    ],
  ])('(%s) end the upload without a retry', async (_, open) => {
    const thrown = await openClient()
      .putBlob(addonOf(registry), blob, open)
      .catch((error: unknown) => error)
    expect(thrown).toBeInstanceOf(RegistryError)
    expect(thrown).toMatchObject({ code: 'INVALID_IMAGE', message: expect.stringMatching(/cannot be read: .*ENOENT/) })
    expect(lines(registry).filter((line) => line.startsWith('POST'))).toHaveLength(1)
    expect(registry.blobs.size).toBe(0)
  })
})

test('deleting a tag reports whether the registry supports it', async () => {
  registry.tags.set('org/addon:1.0', digest)
  expect(await openClient().deleteTag(addonOf(registry), '1.0')).toBe(true)
  expect(registry.tags.size).toBe(0)
  registry.instead = () => refusal(405, 'UNSUPPORTED')
  expect(await openClient().deleteTag(addonOf(registry), '1.0')).toBe(false)
})
