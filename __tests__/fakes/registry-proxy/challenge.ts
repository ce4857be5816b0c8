import { randomBytes } from 'node:crypto'

/** An account and its permissions. */
export interface Account {
  readonly username: string
  readonly password: string
  /** Repositories to which it may push. Default: all. */
  readonly push?: RegExp
  /** Repositories from which it may pull. Default: all. */
  readonly pull?: RegExp
}

/** Access control of a registry. */
export interface Access {
  readonly scheme: 'bearer' | 'basic'
  readonly accounts: readonly Account[]
  /** Allows anonymous pulls, of these repositories or of all. Default false. */
  readonly anonymousPull?: boolean | RegExp
  /** Name of the registry in tokens. Default `fake`. */
  readonly service?: string
  /** Seconds. Default 300. */
  readonly tokenLifetime?: number
}

/** `pull`, `push`, `delete` on a repository. */
export interface Scope {
  readonly repository: string
  readonly actions: readonly string[]
}

/** The scopes that a request needs; empty: only a login. Source: distribution spec, end points; `from` of a mount must be readable as well. */
export function needsOf(method: string, target: string): readonly Scope[] {
  const url = new URL(target, 'http://localhost')
  const repository = /^\/v2\/(.+)\/(?:blobs|manifests|tags|referrers)\//.exec(url.pathname)?.[1]
  if (repository === undefined) return []
  if (method === 'GET' || method === 'HEAD') return [{ repository, actions: ['pull'] }]
  if (method === 'DELETE') return [{ repository, actions: ['delete'] }]
  const from = method === 'POST' ? url.searchParams.get('from') : null
  return [
    { repository, actions: ['pull', 'push'] },
    ...(from === null ? [] : [{ repository: from, actions: ['pull'] }]),
  ]
}

/** `repository:owner/name:pull,push`, several separated by spaces or as several parameters. */
export const parseScopes = (texts: readonly string[]): readonly Scope[] =>
  texts
    .flatMap((text) => text.split(' '))
    .flatMap((text) => {
      const [, repository, actions = ''] = /^repository(?:\([^)]*\))?:(.+):([a-z*,]*)$/.exec(text) ?? []
      return repository === undefined
        ? []
        : [{ repository, actions: actions.split(',').filter((action) => action !== '') }]
    })

export const formatScope = ({ repository, actions }: Scope): string => `repository:${repository}:${actions.join(',')}`

/** The requested scopes, reduced to the permissions of this account or of an anonymous client: a token server grants less instead of refusing. */
export const allowed = (asked: readonly Scope[], account: Account | undefined, access: Access): readonly Scope[] =>
  asked.map(({ repository, actions }) => ({
    repository,
    actions: actions.filter((action) =>
      account
        ? ((action === 'pull' ? account.pull : account.push)?.test(repository) ?? true)
        : action === 'pull' && isOpen(repository, access),
    ),
  }))

const isOpen = (repository: string, { anonymousPull = false }: Access): boolean =>
  typeof anonymousPull === 'boolean' ? anonymousPull : anonymousPull.test(repository)

const covers = (granted: readonly Scope[], needs: readonly Scope[]): boolean =>
  needs.every(({ repository, actions }) =>
    actions.every((action) =>
      granted.some((scope) => scope.repository === repository && scope.actions.includes(action)),
    ),
  )

export type Verdict = 'passed' | { readonly status: 401 | 403; readonly challenge?: string }

export interface Gate {
  /** Response to a request with this `Authorization` header. */
  check(method: string, target: string, authorization: string | undefined): Verdict
  /** The token server: status and body of the response to `GET` (query) or `POST` (form). */
  token(fields: URLSearchParams, authorization: string | undefined): { readonly status: number; readonly body: object }
}

/** The text of a new token. `until`: in milliseconds. */
export type IssueToken = (scopes: readonly Scope[], until: number) => string

const anyToken: IssueToken = () => randomBytes(24).toString('base64url')

/** Source: distribution `spec/auth/token` and `spec/auth/oauth`. `realm`: URL of the token server. */
export function createGate(
  access: Access,
  realm: () => string,
  now: () => number = Date.now,
  issue: IssueToken = anyToken,
): Gate {
  const { service = 'fake', tokenLifetime = 300 } = access
  const issued = new Map<string, { readonly scopes: readonly Scope[]; readonly until: number }>()
  /** Identity tokens, as `docker login` receives them from a registry with OAuth. */
  const refresh = new Map<string, Account>()
  const account = (username: string, password: string): Account | undefined =>
    access.accounts.find((one) => one.username === username && one.password === password)
  const basic = (authorization: string | undefined): Account | undefined | 'none' => {
    const encoded = /^basic (\S+)$/i.exec(authorization ?? '')?.[1]
    if (encoded === undefined) return 'none'
    const [username = '', ...password] = Buffer.from(encoded, 'base64').toString('utf8').split(':')
    return account(username, password.join(':'))
  }

  const checkBasic = (needs: readonly Scope[], authorization: string | undefined): Verdict => {
    const login = basic(authorization)
    const anonymous = allowed(needs, undefined, access)
    if (login === 'none' && needs.length > 0 && covers(anonymous, needs)) return 'passed'
    if (login === 'none' || login === undefined) return { status: 401, challenge: `Basic realm="${service}"` }
    return covers(allowed(needs, login, access), needs) ? 'passed' : { status: 403 }
  }

  const checkBearer = (needs: readonly Scope[], authorization: string | undefined): Verdict => {
    const token = issued.get(/^bearer (\S+)$/i.exec(authorization ?? '')?.[1] ?? '')
    const valid = token && token.until > now()
    if (valid && covers(token.scopes, needs)) return 'passed'
    const scope = needs.length > 0 ? `,scope="${needs.map(formatScope).join(' ')}"` : ''
    const why = !valid ? '' : ',error="insufficient_scope"'
    return { status: 401, challenge: `Bearer realm="${realm()}",service="${service}"${scope}${why}` }
  }

  return {
    check(method, target, authorization) {
      const check = access.scheme === 'basic' ? checkBasic : checkBearer
      return check(needsOf(method, target), authorization)
    },
    token(fields, authorization) {
      if (fields.get('service') !== service) return refusal(400, 'UNSUPPORTED', 'unknown service')
      const login = loginOf(fields, authorization)
      if (login === undefined || (login === 'none' && !access.anonymousPull)) {
        return refusal(401, 'UNAUTHORIZED', 'incorrect username or password')
      }
      const who = login === 'none' ? undefined : login
      const scopes = allowed(parseScopes(fields.getAll('scope')), who, access)
      const until = now() + tokenLifetime * 1000
      const token = issue(scopes, until)
      issued.set(token, { scopes, until })
      const offline = fields.get('access_type') === 'offline' || fields.get('offline_token') === 'true'
      const identity = offline && who ? randomBytes(24).toString('base64url') : undefined
      if (identity !== undefined && who) refresh.set(identity, who)
      return {
        status: 200,
        body: {
          token,
          access_token: token,
          expires_in: tokenLifetime,
          issued_at: new Date(now()).toISOString(),
          ...(identity !== undefined && { refresh_token: identity }),
        },
      }
    },
  }

  function loginOf(fields: URLSearchParams, authorization: string | undefined): Account | undefined | 'none' {
    switch (fields.get('grant_type')) {
      case 'password':
        return account(fields.get('username') ?? '', fields.get('password') ?? '')
      case 'refresh_token':
        return refresh.get(fields.get('refresh_token') ?? '')
      default:
        return basic(authorization)
    }
  }
}

const refusal = (status: number, code: string, message: string) => ({ status, body: { errors: [{ code, message }] } })
