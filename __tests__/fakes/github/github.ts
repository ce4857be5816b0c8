import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createFaults, type Faults } from '../faults.ts'
import { type Answer, type LoopbackOptions, send, startLoopback } from '../loopback.ts'
import { receive } from '../receive.ts'
import { type Checker, createChecker } from './check.ts'
import { type DescriptionName, loadDescription } from './description.ts'
import { answerGraphql } from './graphql.ts'
import { answerRoute, problem, routes } from './routes.ts'
import {
  type Comment,
  fakeSha,
  makePull,
  type Permission,
  type Pull,
  type State,
  type Token,
  timestamp,
} from './state.ts'

export interface GitHubOptions extends LoopbackOptions {
  /** `owner/name` of the first repository. Default `octo/aicleaner`. */
  readonly repository?: string
  readonly private?: boolean
  /** `ghes`: under `/api/v3`, its GraphQL under `/api/graphql`. `gitea`: under `/api/v1`, no GraphQL, responses are not validated. Default `github`. */
  readonly flavour?: 'github' | 'ghes' | 'gitea'
  /** `false`: GraphQL requests result in 404. */
  readonly graphql?: boolean
  /** The token of the job is read-only, as for a pull request from a fork. */
  readonly readOnly?: boolean
}

export interface RecordedRequest {
  readonly method: string
  /** Below the base address, without the query. */
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
  /** HTTP status of the response; 0 if the connection was cut. */
  readonly status: number
}

export interface FakeGitHub extends State {
  /** Value of `GITHUB_API_URL`. */
  readonly url: string
  /** Values of `GITHUB_SERVER_URL` and `GITHUB_GRAPHQL_URL`. */
  readonly serverUrl: string
  readonly graphqlUrl: string
  readonly repository: string
  /** The token of the job: `github-actions[bot]`. New for each fake. */
  readonly token: string
  /** A user's token: may query its own user. */
  readonly personalToken: string
  /** The token of an app: neither a user's nor the job's. */
  readonly appToken: string
  readonly requests: RecordedRequest[]
  /** Violations of GitHub's description by the client or the fake itself. Tests expect it to be empty. */
  readonly violations: string[]
  readonly faults: Faults
  setReadOnly(readOnly: boolean): void
  addPull(pull?: Partial<Pull>): Pull
  addComment(comment: { readonly issue: number; readonly body: string; readonly author?: string }): Comment
  vanish(): Promise<void>
  comeBack(): Promise<void>
  close(): Promise<void>
}

/** Shared by all fakes, because compiling the schemas takes longer than the rest of a test. */
const checkers = new Map<DescriptionName, Checker>()
function checkerFor(name: DescriptionName): Checker {
  const known = checkers.get(name) ?? createChecker(loadDescription(name, Object.keys(routes)))
  checkers.set(name, known)
  return known
}

const prefixes = { github: '', ghes: '/api/v3', gitea: '/api/v1' } as const

export async function startGitHub(options: GitHubOptions = {}): Promise<FakeGitHub> {
  const { flavour = 'github', repository = 'octo/aicleaner' } = options
  const prefix = prefixes[flavour]
  const graphqlPath = flavour === 'ghes' ? '/api/graphql' : '/graphql'
  const graphql = options.graphql ?? flavour !== 'gitea'
  const checker = checkerFor(flavour === 'ghes' ? 'ghes-3.19' : 'api.github.com')
  const faults = createFaults()
  const requests: RecordedRequest[] = []
  const violations: string[] = []
  const state: State = {
    repositories: [
      { id: 1_296_269, name: repository, defaultBranch: 'main', private: options.private ?? false, fork: false },
    ],
    pulls: [],
    comments: [],
    commits: [
      {
        repository,
        sha: fakeSha('main'),
        refs: ['main'],
        message: 'First commit',
        date: timestamp(0),
        parents: [],
        files: [],
      },
    ],
    comparisons: [],
    files: [],
    tokens: new Map(),
    rateLimit: { limit: 5000, remaining: 5000, resetAt: Math.floor(Date.now() / 1000) + 3600 },
    nextId: 3_000_000_001,
  }
  const addToken = (prefixOfToken: string, kind: Token['kind'], login: string, permission: Permission): string => {
    const text = `${prefixOfToken}${randomBytes(27).toString('base64url').replace(/[-_]/g, '0')}`
    const permissions: Token['permissions'] = { contents: 'read', issues: permission, 'pull-requests': permission }
    state.tokens.set(text, { kind, login, permissions })
    return text
  }
  const token = addToken('ghs_', 'job', 'github-actions[bot]', options.readOnly ? 'read' : 'write')
  const personalToken = addToken('ghp_', 'user', 'octocat', 'write')
  const appToken = addToken('ghs_', 'app', 'size-reporter[bot]', 'write')

  const server = await startLoopback((request, response) => {
    void serve(request, response).catch((thrown: unknown) => {
      violations.push(`fake: ${String((thrown as Error).stack)}`)
      if (!response.headersSent) send(response, problem(500, 'The fake failed'))
    })
  }, options)
  const places = { api: `${server.url}${prefix}`, pages: server.url }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method ?? 'GET'
    const url = new URL(request.url ?? '/', server.url)
    const path = url.pathname.startsWith(`${prefix}/`) ? url.pathname.slice(prefix.length) : url.pathname
    const fault = faults.take(method, `${path}${url.search}`)
    const record = (status: number, body: unknown): void => {
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))
      requests.push({ method, path, query: Object.fromEntries(url.searchParams), headers, body, status })
    }
    const raw = await receive(fault, request, response, server)
    if (!raw) {
      record(0, undefined)
      return
    }
    const body = parse(raw)
    const answer = fault?.answer ? withMessage(fault.answer) : await answerTo(request, url, path, body)
    if (fault?.cut === 'before-answer') {
      record(0, body)
      response.destroy()
      return
    }
    record(fault?.cut ? 0 : answer.status, body)
    send(response, { ...answer, headers: { ...standardHeaders(request), ...answer.headers } }, fault?.cut !== undefined)
  }

  async function answerTo(request: IncomingMessage, url: URL, asked: string, body: unknown): Promise<Answer> {
    const method = request.method ?? 'GET'
    if (!request.headers['user-agent']) {
      violations.push(`${method} ${asked}: no User-Agent`)
      return problem(
        403,
        'Request forbidden by administrative rules. Please make sure your request has a User-Agent header.',
      )
    }
    const login = loginOf(request)
    if (login === 'unknown') return problem(401, 'Bad credentials')
    if (graphql && url.pathname === graphqlPath) {
      return method === 'POST' ? answerGraphql(login, body) : problem(404, 'Not Found')
    }
    if (!url.pathname.startsWith(`${prefix}/`)) return problem(404, 'Not Found')
    if (state.rateLimit.remaining <= 0) return problem(403, 'API rate limit exceeded for installation.')
    state.rateLimit.remaining -= 1
    const path = byName(asked, state)
    const match = checker.find(method, path)
    if (!match) {
      violations.push(`${method} ${path}: not a route of the fake`)
      return problem(404, 'Not Found')
    }
    const version = request.headers['x-github-api-version']
    const wrong = [
      ...checker.request(match, url.searchParams, body),
      ...(version !== undefined && version !== '2022-11-28' ? [`X-GitHub-Api-Version: ${String(version)}`] : []),
    ]
    if (wrong.length > 0) {
      violations.push(...wrong.map((text) => `client: ${match.operation.route}: ${text}`))
      return problem(422, `Validation Failed: ${wrong.join('; ')}`)
    }
    const answer = answerRoute(match.operation.route, {
      state,
      places,
      token: login,
      path: match.path,
      query: url.searchParams,
      body: (body ?? {}) as Record<string, unknown>,
      flavour,
    })
    const unlike = flavour === 'gitea' ? [] : checker.answer(match.operation, answer.status, answer.body)
    if (unlike.length === 0) return answer
    violations.push(...unlike.map((text) => `fake: ${match.operation.route} ${answer.status}: ${text}`))
    return problem(500, `The response of the fake does not match the description: ${unlike.join('; ')}`)
  }

  function loginOf(request: IncomingMessage): Token | undefined | 'unknown' {
    const { authorization } = request.headers
    if (authorization === undefined) return undefined
    const text = /^(?:token|bearer) (\S+)$/i.exec(authorization)?.[1]
    return (text !== undefined && state.tokens.get(text)) || 'unknown'
  }

  function standardHeaders(request: IncomingMessage): Record<string, string> {
    const { limit, remaining, resetAt } = state.rateLimit
    return {
      server: 'github.com',
      'x-github-request-id': randomBytes(16).toString('hex').toUpperCase(),
      'x-github-media-type': 'github.v3; format=json',
      ...(request.headers['x-github-api-version'] !== undefined && { 'x-github-api-version-selected': '2022-11-28' }),
      ...(flavour !== 'gitea' && {
        'x-ratelimit-limit': String(limit),
        'x-ratelimit-remaining': String(remaining),
        'x-ratelimit-used': String(limit - remaining),
        'x-ratelimit-reset': String(resetAt),
        'x-ratelimit-resource': 'core',
      }),
    }
  }

  return Object.assign(state, {
    url: places.api,
    serverUrl: places.pages,
    graphqlUrl: `${server.url}${graphqlPath}`,
    repository,
    token,
    personalToken,
    appToken,
    requests,
    violations,
    faults,
    setReadOnly(readOnly: boolean) {
      const job = state.tokens.get(token)
      const permission = readOnly ? 'read' : 'write'
      if (job) job.permissions = { contents: 'read', issues: permission, 'pull-requests': permission }
    },
    addPull(given: Partial<Pull> = {}) {
      const pull = makePull(state, repository, given)
      state.pulls.push(pull)
      return pull
    },
    addComment({ issue, body, author = 'octocat' }: { issue: number; body: string; author?: string }) {
      const now = timestamp()
      const comment = { id: state.nextId++, repository, issue, author, body, createdAt: now, updatedAt: now }
      state.comments.push(comment)
      return comment
    },
    vanish: server.vanish,
    comeBack: server.comeBack,
    close: server.close,
  })
}

/** The links of lists contain the repository's ID. */
const byName = (path: string, { repositories }: State): string =>
  path.replace(/^\/repositories\/(\d+)\//, (whole, id: string) => {
    const found = repositories.find((repository) => repository.id === Number(id))
    return found ? `/repos/${found.name}/` : whole
  })

function parse(raw: Buffer): unknown {
  if (raw.length === 0) return undefined
  try {
    return JSON.parse(raw.toString('utf8'))
  } catch {
    return 'Problems parsing JSON'
  }
}

/** GitHub's errors always have a message. */
const withMessage = (answer: Answer): Answer =>
  answer.body === undefined && answer.status >= 400
    ? { ...problem(answer.status, 'Injected'), ...answer, body: problem(answer.status, 'Injected').body }
    : answer
