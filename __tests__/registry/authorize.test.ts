import { Readable } from 'node:stream'
import { describe, expect, test } from '@jest/globals'
import { createAuthorizer } from '../../src/registry/authorize.ts'
import type { Request, Response } from '../../src/registry/http.ts'

const repository = { registry: 'r.example', host: 'r.example', path: 'org/addon' }
const scopes = ['repository:org/addon:pull,push']
const challenge = 'Bearer realm="https://auth.example/token",service="r.example"'

function authorizer(seconds = 300) {
  const asked: Request[] = []
  let now = 0
  const one = createAuthorizer({
    exchange: async (request) => {
      asked.push(request)
      await new Promise((resolve) => setImmediate(resolve))
      const body = JSON.stringify({ token: `token-${asked.length}`, expires_in: seconds })
      return { status: 200, headers: {}, body: Readable.from([Buffer.from(body)]) } as unknown as Response
    },
    credentials: async () => ({ username: 'me', password: 'secret' }),
    clock: { now: () => now, sleep: async () => {} },
  })
  return {
    ...one,
    asked,
    pass: (ms: number) => {
      now += ms
    },
  }
}

describe('the tokens for a registry that requires a login', () => {
  test('are shared by concurrent requests', async () => {
    const { answer, asked } = authorizer()
    const answers = await Promise.all(Array.from({ length: 8 }, () => answer(repository, scopes, challenge)))
    expect(new Set(answers)).toEqual(new Set(['Bearer token-1']))
    expect(asked).toHaveLength(1)
  })

  test('are shared with a request that was challenged earlier', async () => {
    const { answer, asked } = authorizer()
    await answer(repository, scopes, challenge)
    expect(await answer(repository, scopes, challenge)).toBe('Bearer token-1')
    expect(asked).toHaveLength(1)
  })

  test('are replaced if the registry refuses them', async () => {
    const { answer } = authorizer()
    const first = await answer(repository, scopes, challenge)
    expect(await answer(repository, scopes, challenge, first)).toBe('Bearer token-2')
  })

  test('are not shared by different scopes', async () => {
    const { answer, asked } = authorizer()
    await Promise.all([
      answer(repository, scopes, challenge),
      answer(repository, ['repository:org/addon:pull'], challenge),
    ])
    expect(asked.map(({ url }) => new URL(url).searchParams.get('scope'))).toEqual([
      'repository:org/addon:pull,push',
      'repository:org/addon:pull',
    ])
  })

  test('are renewed after half of their lifetime', async () => {
    const { answer, known, pass } = authorizer(100)
    await answer(repository, scopes, challenge)
    pass(49_000)
    expect(known(repository, scopes)).toBe('Bearer token-1')
    pass(2_000)
    expect(known(repository, scopes)).toBeUndefined()
  })
})
