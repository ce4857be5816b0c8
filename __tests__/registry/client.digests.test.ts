import type { IncomingMessage } from 'node:http'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { sha256 } from '../../src/core/sha256.ts'
import { repositoryUrl } from '../../src/registry/address.ts'
import { codeOf, RegistryError } from '../../src/registry/error.ts'
import { createExchange } from '../../src/registry/http.ts'
import { addonOf, type Distribution, lines, openClient, startDistribution } from './distribution.ts'

let registry: Distribution
beforeEach(async () => {
  registry = await startDistribution()
})
afterEach(() => registry.close())

const oci = 'application/vnd.oci.image.manifest.v1+json'
const bytes = Buffer.from('{"schemaVersion":2}')
const digest = sha256(bytes)
const content = Buffer.alloc(300_000, 'content of a layer ')

const keep = (): void => {
  registry.manifests.set(`org/addon@${digest}`, { type: oci, bytes })
  registry.tags.set('org/addon:1.0', digest)
}

describe('a manifest', () => {
  test.each(['by its tag', 'by its digest'])('%s comes with its bytes, their digest and its type', async (how) => {
    keep()
    const reference = how === 'by its tag' ? '1.0' : digest
    expect(await openClient().manifest(addonOf(registry), reference)).toEqual({ digest, mediaType: oci, bytes })
    expect(registry.seen[0]?.headers.accept).toBe(
      'application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.docker.distribution.manifest.v2+json',
    )
  })

  test.each([
    ['by its digest, whatever the header says', digest, { 'docker-content-digest': digest }],
    ['by its digest, without a header', digest, {}],
    ['by a tag, where the header says another digest', '1.0', { 'docker-content-digest': digest }],
  ])('with other bytes is refused: %s', async (_, reference, headers) => {
    registry.instead = () => ({ status: 200, headers, body: Buffer.from('{"schemaVersion":1}') })
    await expect(openClient().manifest(addonOf(registry), reference)).rejects.toThrow(
      `${registry.host} sent a manifest of org/addon that is not ${digest}.`,
    )
    expect(registry.seen).toHaveLength(1)
  })

  test.each(['', 'sha512:abc', 'sha256:abc', 'none'])(
    'by tag has the digest of its bytes if the header is %j',
    async (header) => {
      registry.instead = () => ({ status: 200, headers: { 'docker-content-digest': header }, body: bytes })
      expect((await openClient().manifest(addonOf(registry), '1.0')).digest).toBe(digest)
    },
  )

  test.each<[string, string | undefined, string, string]>([
    ['the header', 'application/vnd.oci.image.index.v1+json', '{}', 'application/vnd.oci.image.index.v1+json'],
    ['the header without its parameters', `${oci}; charset=utf-8`, '{"mediaType":"application/vnd.x"}', oci],
    ['what it says itself', 'application/json', '{"mediaType":"application/vnd.x+json"}', 'application/vnd.x+json'],
    ['what it says itself', 'text/html', '{"mediaType":"application/vnd.x+json"}', 'application/vnd.x+json'],
    ['OCI’s, where it says none', 'application/octet-stream', '{}', oci],
    ['OCI’s, where it says what is none', 'text/plain', '{"mediaType":7}', oci],
    ['OCI’s, where it says what cannot be a header', 'text/plain', '{"mediaType":"application/vnd.a\\r\\nx: y"}', oci],
    ['OCI’s, where it says what only begins well', 'text/plain', '{"mediaType":"application/vnd.a b"}', oci],
    ['OCI’s, where it says what only ends well', 'text/plain', '{"mediaType":"x application/vnd.a"}', oci],
  ])('has as type %s (header %j, body %s)', async (_, header, body, expected) => {
    registry.instead = () => ({ status: 200, headers: { 'content-type': header ?? '' }, body: Buffer.from(body) })
    expect((await openClient().manifest(addonOf(registry), '1.0')).mediaType).toBe(expected)
  })

  test('larger than 4 MiB is refused', async () => {
    registry.instead = () => ({ status: 200, body: Buffer.alloc(4 * 1024 * 1024 + 1, ' ') })
    await expect(openClient().manifest(addonOf(registry), '1.0')).rejects.toThrow(/larger than 4194304 bytes/)
  })

  test.each([204, 206, 299, 304])('with status %d is an error', async (status) => {
    registry.instead = () => ({ status, body: bytes })
    await expect(openClient().manifest(addonOf(registry), digest)).rejects.toMatchObject({ code: codeOf(status) })
  })

  test('is sent with its type and length, under a tag or its digest', async () => {
    const client = openClient()
    await client.putManifest(addonOf(registry), digest, { bytes, mediaType: oci })
    await client.putManifest(addonOf(registry), '1.0', { bytes, mediaType: oci })
    expect(registry.manifests.get(`org/addon@${digest}`)).toEqual({ type: oci, bytes })
    expect([...registry.tags]).toEqual([['org/addon:1.0', digest]])
    expect(registry.seen.map(({ headers }) => headers['content-length'])).toEqual(Array(2).fill(String(bytes.length)))
  })
})

describe('the digest of a tag', () => {
  test('is returned by the registry in one request', async () => {
    keep()
    expect(await openClient().digestOf(addonOf(registry), '1.0')).toBe(digest)
    expect(lines(registry)).toEqual(['HEAD /v2/org/addon/manifests/1.0'])
    expect(registry.seen[0]?.headers.accept).toContain('application/vnd.oci.image.index.v1+json')
  })

  test.each([undefined, '', 'sha512:abc', 'sha256:abc', '../../x'])(
    'is computed from the manifest if the registry returns %j',
    async (header) => {
      const headers = header === undefined ? {} : { 'docker-content-digest': header }
      registry.instead = () => ({ status: 200, headers, body: bytes })
      expect(await openClient().digestOf(addonOf(registry), '1.0')).toBe(digest)
      expect(lines(registry)).toEqual(['HEAD /v2/org/addon/manifests/1.0', 'GET /v2/org/addon/manifests/1.0'])
    },
  )

  test('is undefined for a missing tag', async () => {
    expect(await openClient().digestOf(addonOf(registry), '1.0')).toBeUndefined()
  })

  test.each([300, 403])('is an error if the registry responds with %d', async (status) => {
    registry.instead = () => ({ status, headers: { 'docker-content-digest': digest } })
    await expect(openClient().digestOf(addonOf(registry), '1.0')).rejects.toMatchObject({ code: codeOf(status) })
  })
})

describe('a blob', () => {
  const read = async (): Promise<Buffer> =>
    Buffer.concat(await (await openClient().blob(addonOf(registry), sha256(content))).toArray())

  test('is returned unchanged', async () => {
    registry.blobs.set(`org/addon@${sha256(content)}`, content)
    expect((await read()).equals(content)).toBe(true)
  })

  test.each<[string, Buffer]>([
    ['a page of HTML', Buffer.from('<html>')],
    ['nothing', Buffer.alloc(0)],
    ['its first half', content.subarray(0, 150_000)],
    ['more than it is', Buffer.concat([content, Buffer.from('x')])],
  ])('that is received as %s results in an error with both digests', async (_, body) => {
    registry.instead = () => ({ status: 200, body })
    const thrown = await read().catch((error: unknown) => error)
    expect(thrown).toBeInstanceOf(RegistryError)
    expect(thrown).toMatchObject({
      code: 'INVALID_RESPONSE',
      message: expect.stringContaining(
        `${registry.host} sent ${sha256(body)} in place of the blob ${sha256(content)}. Check`,
      ),
    })
  })

  test('fails with a temporary error if its connection breaks', async () => {
    registry.blobs.set(`org/addon@${sha256(content)}`, content)
    registry.faults.add({ cut: 'mid-answer' })
    const thrown = await read().catch((error: unknown) => error)
    expect(thrown).toBeInstanceOf(RegistryError)
    expect(thrown).toMatchObject({
      code: 'CONNECTION_FAILED',
      message: expect.stringContaining(`The connection to ${registry.host} broke while ${sha256(content)} was read`),
    })
  })

  test('closes its connection if it is not read', async () => {
    registry.blobs.set(`org/addon@${sha256(content)}`, Buffer.alloc(50_000_000))
    let given: IncomingMessage | undefined
    const exchange = createExchange('test')
    const client = openClient({
      exchange: async (request) => {
        const response = await exchange(request)
        given = response.body
        return response
      },
    })
    const blob = await client.blob(addonOf(registry), sha256(content))
    blob.destroy()
    await new Promise((resolve) => blob.once('close', resolve))
    expect(given?.destroyed).toBe(true)
  })

  test('keeps the reason for which its reader stopped', async () => {
    registry.blobs.set(`org/addon@${sha256(content)}`, content)
    const blob = await openClient().blob(addonOf(registry), sha256(content))
    const reason = new Error('cancelled')
    const ended = new Promise((resolve) => blob.once('error', resolve))
    blob.once('data', () => blob.destroy(reason))
    expect(await ended).toBe(reason)
  })

  test.each([204, 206, 404])('with status %d is an error', async (status) => {
    registry.instead = () => ({ status, body: content })
    await expect(openClient().blob(addonOf(registry), sha256(content))).rejects.toMatchObject({ code: codeOf(status) })
  })

  test('that is copied to another repository must match its digest', async () => {
    registry.instead = ({ method }) => (method === 'GET' ? { status: 200, body: Buffer.from('<html>') } : undefined)
    const client = openClient()
    const blob = { digest: sha256(content), size: content.length }
    const sent = client.putBlob(addonOf(registry, 'copy'), blob, () => client.blob(addonOf(registry), blob.digest))
    await expect(sent).rejects.toThrow(/The content to send to .* cannot be read: .* in place of the blob/)
    expect(registry.blobs.size).toBe(0)
    expect(lines(registry).filter((line) => line.startsWith('POST'))).toHaveLength(1)
  })
})

test('a name of a registry with its standard port is the same registry', async () => {
  const at = (host: string) => repositoryUrl({ registry: host, host, path: 'org/addon' }, ['nas:80'])
  expect([at('r.example:443'), at('R.Example'), at('nas:80')]).toEqual([
    'https://r.example/v2/org/addon',
    'https://r.example/v2/org/addon',
    'http://nas/v2/org/addon',
  ])
})
