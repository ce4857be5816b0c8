import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { sha256 } from '../../src/core/sha256.ts'
import { addonOf, type Distribution, openClient, startDistribution } from './distribution.ts'

let registry: Distribution
beforeEach(async () => {
  registry = await startDistribution()
})
afterEach(() => registry.close())

const content = Buffer.from('a layer')
const digest = sha256(content)

describe('a blob', () => {
  test('that is there can be pulled, without its bytes', async () => {
    registry.blobs.set(`org/addon@${digest}`, content)
    await openClient().checkBlob(addonOf(registry), digest)
    expect(registry.seen.map(({ method, path }) => `${method} ${path}`)).toEqual([`HEAD /v2/org/addon/blobs/${digest}`])
  })

  test('at another address can be pulled, which is not asked: it may accept only what a client does next', async () => {
    registry.instead = () => ({ status: 307, headers: { location: `http://${registry.host}/elsewhere` } })
    await openClient().checkBlob(addonOf(registry), digest)
    expect(registry.seen).toHaveLength(1)
  })

  test.each([
    [401, 'UNAUTHORIZED'],
    [403, 'DENIED'],
    [404, 'NOT_FOUND'],
  ])('cannot be pulled if the registry answers %s', async (status, code) => {
    registry.instead = () => ({ status })
    await expect(openClient().checkBlob(addonOf(registry), digest)).rejects.toMatchObject({ code })
  })

  test('is asked for with a token for pulls only', async () => {
    registry.blobs.set(`org/addon@${digest}`, content)
    registry.instead = ({ path, headers }) => {
      if (path.startsWith('/token')) return { status: 200, body: Buffer.from('{"token":"t"}') }
      if (headers.authorization !== undefined) return undefined
      const realm = `Bearer realm="http://${registry.host}/token",service="s"`
      return { status: 401, headers: { 'www-authenticate': realm } }
    }
    await openClient().checkBlob(addonOf(registry), digest)
    const token = registry.seen.find(({ path }) => path.startsWith('/token'))
    expect(new URL(`http://x${token?.path}`).searchParams.getAll('scope')).toEqual(['repository:org/addon:pull'])
    expect(token?.headers.authorization).toBeUndefined()
  })
})
