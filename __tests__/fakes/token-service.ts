import { randomBytes, sign, X509Certificate } from 'node:crypto'
import { selfSigned } from '../../src/smoke/files/certificate.ts'
import { send, startLoopback } from './loopback.ts'
import { textOf } from './receive.ts'
import { type Access, createGate, type IssueToken } from './registry-proxy/challenge.ts'

/** Issues tokens for a real registry, which only accepts those that are signed with the key of `certificate`. */
export interface TokenService {
  /** Where clients ask for a token. */
  readonly realm: string
  /** Name of the registry in tokens. */
  readonly service: string
  readonly issuer: string
  /** As PEM. */
  readonly certificate: string
  /** One for each request for a token: its scopes, and whether it had a login. */
  readonly requests: { readonly scopes: readonly string[]; readonly authorized: boolean }[]
  close(): Promise<void>
}

const issuer = 'token service of the tests'

/** Source: distribution `spec/auth/token` and `spec/auth/jwt`. */
export async function startTokenService(access: Omit<Access, 'scheme'>): Promise<TokenService> {
  const { service = 'registry of the tests' } = access
  const { certificate, privateKey } = selfSigned('localhost', Date.now())
  const chain = [new X509Certificate(certificate).raw.toString('base64')]
  const issue: IssueToken = (scopes, until) => {
    const issued = Math.floor(Date.now() / 1000)
    const claims = {
      ...{ iss: issuer, sub: '', aud: service, jti: randomBytes(9).toString('base64url') },
      ...{ iat: issued, nbf: issued - 10, exp: Math.floor(until / 1000) },
      access: scopes.map(({ repository, actions }) => ({ type: 'repository', name: repository, actions })),
    }
    const text = [{ typ: 'JWT', alg: 'ES256', x5c: chain }, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.')
    const signature = sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' })
    return `${text}.${signature.toString('base64url')}`
  }
  const requests: TokenService['requests'] = []
  const server = await startLoopback((request, response) => {
    const reply = (fields: URLSearchParams): void => {
      const { authorization } = request.headers
      const authorized = authorization !== undefined || fields.has('grant_type')
      requests.push({ scopes: fields.getAll('scope'), authorized })
      send(response, gate.token(fields, authorization))
    }
    if (request.method === 'GET') reply(new URL(request.url ?? '', realm).searchParams)
    else
      void textOf(request).then(
        (form) => reply(new URLSearchParams(form)),
        () => response.destroy(),
      )
  })
  // By its name: a client sends a login without TLS only to the host of the registry.
  const realm = `http://localhost:${server.port}/token`
  const gate = createGate({ ...access, service, scheme: 'bearer' }, () => realm, Date.now, issue)
  return { realm, service, issuer, certificate, requests, close: server.close }
}
