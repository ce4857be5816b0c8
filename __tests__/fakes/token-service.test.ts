import { createPublicKey, verify, X509Certificate } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { startTokenService, type TokenService } from './token-service.ts'

let tokens: TokenService
beforeEach(async () => {
  tokens = await startTokenService({ accounts: [{ username: 'ci', password: 'p' }], anonymousPull: /^open\// })
})
afterEach(() => tokens.close())

const basic = (login: string): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(login).toString('base64')}`,
})
const ask = (scope: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${tokens.realm}?${new URLSearchParams({ service: tokens.service, scope })}`, { headers })
const read = async (response: Response) => {
  const { token } = (await response.json()) as { token: string }
  const [header = '', claims = '', signature = ''] = token.split('.')
  const json = (text: string) => JSON.parse(Buffer.from(text, 'base64url').toString())
  return {
    header: json(header),
    claims: json(claims),
    signed: Buffer.from(`${header}.${claims}`),
    signature: Buffer.from(signature, 'base64url'),
  }
}

test('a token is signed with the key of the certificate, and names the registry and its service', async () => {
  const { header, claims, signed, signature } = await read(await ask('repository:a/b:pull,push', basic('ci:p')))
  const certificate = new X509Certificate(tokens.certificate)
  expect(header).toEqual({ typ: 'JWT', alg: 'ES256', x5c: [certificate.raw.toString('base64')] })
  const key = createPublicKey(tokens.certificate)
  expect(verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, signature)).toBe(true)
  expect(claims).toMatchObject({ iss: tokens.issuer, aud: tokens.service })
  expect(claims.exp - claims.iat).toBeGreaterThan(200)
  expect(claims.access).toEqual([{ type: 'repository', name: 'a/b', actions: ['pull', 'push'] }])
})

test.each([
  ['repository:open/a:pull,push', ['pull']],
  ['repository:closed/a:pull', []],
])('an anonymous client that asks for %s gets %j', async (scope, actions) => {
  const { claims } = await read(await ask(scope))
  expect(claims.access).toEqual([expect.objectContaining({ actions })])
  expect(tokens.requests).toEqual([{ scopes: [scope], authorized: false }])
})

test('a wrong password gets no token, and an identity token gets one', async () => {
  expect((await ask('repository:open/a:pull', basic('ci:wrong'))).status).toBe(401)
  const post = (fields: Record<string, string>) => {
    const body = new URLSearchParams({ service: tokens.service, scope: 'repository:a/b:push', ...fields })
    return fetch(tokens.realm, { method: 'POST', body })
  }
  const login = await post({ grant_type: 'password', username: 'ci', password: 'p', access_type: 'offline' })
  const { refresh_token } = (await login.json()) as { refresh_token: string }
  const { claims } = await read(await post({ grant_type: 'refresh_token', refresh_token }))
  expect(claims.access).toEqual([{ type: 'repository', name: 'a/b', actions: ['push'] }])
})
