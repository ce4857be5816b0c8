import { randomBytes } from 'node:crypto'

/** Source: the `ac` claim of a runner's token; bit 1 read, bit 2 write. Scopes are searched in this order. */
export interface Scope {
  /** `refs/heads/main`, `refs/pull/7/merge` */
  readonly scope: string
  readonly permission: 'read' | 'read-write'
}

export interface Claims {
  readonly scopes: readonly Scope[]
  /** Seconds since the epoch. */
  readonly expires: number
}

const bits = { read: 1, 'read-write': 3 } as const

/** A JWT with the claims of a runner's token. Its signature is random, which makes each token unique, and is never verified. */
export function makeToken({ scopes, expires }: Claims, now = Date.now()): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = {
    iss: 'https://token.actions.example',
    nbf: Math.floor(now / 1000) - 60,
    exp: expires,
    scp: 'Actions.Results:00000000-0000-0000-0000-000000000000:00000000-0000-0000-0000-000000000000',
    // JSON as a string inside JSON, as on a runner.
    ac: JSON.stringify(scopes.map(({ scope, permission }) => ({ Scope: scope, Permission: bits[permission] }))),
  }
  return `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}.${randomBytes(32).toString('base64url')}`
}

export function readToken(token: string): Claims | undefined {
  try {
    const { ac, exp } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) as {
      ac: string
      exp: number
    }
    const scopes = JSON.parse(ac) as readonly { readonly Scope: string; readonly Permission: number }[]
    return {
      scopes: scopes.map(({ Scope, Permission }) => ({
        scope: Scope,
        permission: Permission & 2 ? 'read-write' : 'read',
      })),
      expires: exp,
    }
  } catch {
    return undefined
  }
}
