import { getOctokit } from '@actions/github'
import { cut, forbidden, notFound, primaryLimit, secondaryLimit, serverError, slow, unauthorized } from './faults.ts'
import { type FakeGitHub, type GitHubOptions, startGitHub } from './github.ts'

const where = { owner: 'octo', repo: 'aicleaner' }
let github: FakeGitHub

const begin = async (options: GitHubOptions = {}): Promise<void> => {
  github = await startGitHub(options)
}
const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
const client = (token = github.token) =>
  getOctokit(token, { baseUrl: github.url, log: quiet, retry: { enabled: false } })
const raw = (path: string, init: RequestInit = {}) =>
  fetch(`${github.url}${path}`, { ...init, headers: { authorization: `token ${github.token}`, ...init.headers } })
const statusOf = async (work: Promise<unknown>): Promise<unknown> => {
  try {
    return { ok: ((await work) as { status: number }).status }
  } catch (thrown) {
    const { status, message } = thrown as { status: number; message: string }
    return { status, message }
  }
}

afterEach(async () => {
  await github.close()
})

describe('the fake of GitHub, used with Octokit', () => {
  beforeEach(() => begin())
  afterEach(() => expect(github.violations).toEqual([]))

  test('a comment is created, listed, read, updated and deleted', async () => {
    github.addPull({ number: 7 })
    const { rest } = client()
    const { data: made } = await rest.issues.createComment({ ...where, issue_number: 7, body: 'one' })
    expect(made.user).toMatchObject({ login: 'github-actions[bot]', type: 'Bot', id: 41_898_282 })
    await rest.issues.updateComment({ ...where, comment_id: made.id, body: 'two' })
    const { data: list } = await rest.issues.listComments({ ...where, issue_number: 7 })
    expect(list.map(({ id, body }) => [id, body])).toEqual([[made.id, 'two']])
    expect((await rest.issues.getComment({ ...where, comment_id: made.id })).data.body).toBe('two')
    expect((await rest.issues.deleteComment({ ...where, comment_id: made.id })).status).toBe(204)
    expect(github.comments).toEqual([])
    expect(github.requests.map(({ method, status }) => `${method} ${status}`)).toEqual([
      'POST 201',
      'PATCH 200',
      'GET 200',
      'GET 200',
      'DELETE 204',
    ])
  })

  test('pages of lists link to each other', async () => {
    github.addPull({ number: 7 })
    for (let n = 1; n <= 205; n++) github.addComment({ issue: 7, body: `comment ${n}` })
    const octokit = client()
    const all = await octokit.paginate(octokit.rest.issues.listComments, { ...where, issue_number: 7, per_page: 100 })
    expect(all).toHaveLength(205)
    expect(github.requests.map(({ query }) => query.page ?? '1')).toEqual(['1', '2', '3'])
    const { headers } = await octokit.rest.issues.listComments({ ...where, issue_number: 7, per_page: 100, page: 2 })
    expect(
      [...(headers.link ?? '').matchAll(/[?&]page=(\d).*?rel="(\w+)"/g)].map(([, page, rel]) => [rel, page]),
    ).toEqual([
      ['prev', '1'],
      ['next', '3'],
      ['last', '3'],
      ['first', '1'],
    ])
  })

  test('a page has 30 items by default and at most 100', async () => {
    github.addPull({ number: 7 })
    for (let n = 1; n <= 120; n++) github.addComment({ issue: 7, body: `comment ${n}` })
    const { rest } = client()
    expect((await rest.issues.listComments({ ...where, issue_number: 7 })).data).toHaveLength(30)
    expect((await rest.issues.listComments({ ...where, issue_number: 7, per_page: 500 })).data).toHaveLength(100)
  })

  test('a pull request has its labels, files and both ends', async () => {
    const fork = { repository: 'mona/aicleaner', ref: 'fix', sha: 'a'.repeat(40) }
    github.addPull({
      number: 3,
      head: fork,
      labels: ['size/allowed'],
      files: [
        { filename: 'addon/Dockerfile' },
        { filename: 'new name.txt', status: 'renamed', previousFilename: 'old.txt' },
      ],
    })
    const { rest } = client()
    const { data: pull } = await rest.pulls.get({ ...where, pull_number: 3 })
    expect(pull.head).toMatchObject({
      label: 'mona:fix',
      sha: fork.sha,
      repo: { full_name: 'mona/aicleaner', fork: true },
    })
    expect(pull.labels.map(({ name }) => name)).toEqual(['size/allowed'])
    const { data: files } = await rest.pulls.listFiles({ ...where, pull_number: 3 })
    expect(files.map((file) => [file.filename, file.status, file.previous_filename])).toEqual([
      ['addon/Dockerfile', 'modified', undefined],
      ['new name.txt', 'renamed', 'old.txt'],
    ])
    const { data: labels } = await rest.issues.listLabelsOnIssue({ ...where, issue_number: 3 })
    expect(labels.map(({ name }) => name)).toEqual(['size/allowed'])
    const found = await rest.pulls.list({ ...where, head: 'mona:fix' })
    expect(found.data.map(({ number }) => number)).toEqual([3])
    expect((await rest.pulls.list({ ...where, head: 'octo:fix' })).data).toEqual([])
    const ofCommit = await rest.repos.listPullRequestsAssociatedWithCommit({ ...where, commit_sha: fork.sha })
    expect(ofCommit.data.map(({ number }) => number)).toEqual([3])
  })

  test('commits are compared and found by branch', async () => {
    const [base, head] = ['b'.repeat(40), 'c'.repeat(40)]
    const files = Array.from({ length: 310 }, (_, n) => ({ filename: `file ${n}` }))
    github.comparisons.push({ repository: github.repository, base, head, status: 'ahead', files })
    const { rest } = client()
    const { data } = await rest.repos.compareCommitsWithBasehead({ ...where, basehead: `${base}...${head}` })
    expect([data.status, data.files?.length]).toEqual(['ahead', 300])
    expect(
      await statusOf(rest.repos.compareCommitsWithBasehead({ ...where, basehead: `${head}...${base}` })),
    ).toMatchObject({ status: 404 })
    expect((await rest.repos.getCommit({ ...where, ref: 'main' })).data.commit.message).toBe('First commit')
    expect(await statusOf(rest.repos.getCommit({ ...where, ref: 'f'.repeat(40) }))).toMatchObject({ status: 422 })
    expect((await rest.repos.get(where)).data.default_branch).toBe('main')
  })

  test('a user may query their own account; the tokens of a job and of an app may not', async () => {
    expect((await client(github.personalToken).rest.users.getAuthenticated()).data.login).toBe('octocat')
    for (const token of [github.token, github.appToken]) {
      expect(await statusOf(client(token).rest.users.getAuthenticated())).toEqual({
        status: 403,
        message: expect.stringContaining('Resource not accessible by integration'),
      })
    }
  })

  test('a read-only token can read, and is refused when it writes', async () => {
    github.setReadOnly(true)
    github.addPull({ number: 7 })
    const { id } = github.addComment({ issue: 7, body: 'hello' })
    const { rest } = client()
    const refusal = { status: 403, message: expect.stringContaining('Resource not accessible by integration') }
    expect((await rest.issues.listComments({ ...where, issue_number: 7 })).data).toHaveLength(1)
    expect(await statusOf(rest.issues.createComment({ ...where, issue_number: 7, body: 'x' }))).toEqual(refusal)
    expect(await statusOf(rest.issues.updateComment({ ...where, comment_id: id, body: 'x' }))).toEqual(refusal)
    expect(await statusOf(rest.issues.deleteComment({ ...where, comment_id: id }))).toEqual(refusal)
    expect(github.comments.map(({ body }) => body)).toEqual(['hello'])
  })

  test('requests without a token can read public data only; a wrong token gets 401', async () => {
    github.addPull({ number: 7 })
    const path = `${github.url}/repos/octo/aicleaner/pulls/7`
    expect((await fetch(path)).status).toBe(200)
    expect((await fetch(path, { headers: { authorization: 'Bearer nonsense' } })).status).toBe(401)
    for (const repository of github.repositories) repository.private = true
    expect((await fetch(path)).status).toBe(404)
    expect((await raw('/repos/octo/aicleaner/pulls/7')).status).toBe(200)
  })

  test.each([
    ['is empty', ' ', "can't be blank"],
    ['is too long', 'x'.repeat(65_537), 'too long'],
  ])('a comment that %s is refused', async (_, body, why) => {
    github.addPull({ number: 7 })
    expect(await statusOf(client().rest.issues.createComment({ ...where, issue_number: 7, body }))).toEqual({
      status: 422,
      message: expect.stringContaining(why),
    })
  })

  test('a locked pull request accepts no comment', async () => {
    github.addPull({ number: 7, locked: true })
    expect(await statusOf(client().rest.issues.createComment({ ...where, issue_number: 7, body: 'x' }))).toMatchObject({
      status: 403,
    })
  })

  test('each response has the remaining rate limit, and at zero requests are refused', async () => {
    const before = await raw('/repos/octo/aicleaner')
    expect(before.headers.get('x-ratelimit-remaining')).toBe('4999')
    github.rateLimit.remaining = 0
    const after = await raw('/repos/octo/aicleaner')
    expect([after.status, after.headers.get('x-ratelimit-remaining')]).toEqual([403, '0'])
  })

  test('GraphQL returns the viewer and nothing else', async () => {
    const ask = async (query: string) => {
      const headers = { authorization: `bearer ${github.token}` }
      return (await fetch(github.graphqlUrl, { method: 'POST', headers, body: JSON.stringify({ query }) })).json()
    }
    expect(await ask('query { viewer { login } }')).toEqual({ data: { viewer: { login: 'github-actions[bot]' } } })
    expect(await ask('{ repository(owner: "octo", name: "x") { id } }')).toMatchObject({ errors: [{}] })
  })
})

describe('violations by the client', () => {
  beforeEach(() => begin())

  test.each([
    ['an unknown parameter', '/repos/octo/aicleaner/pulls?perpage=3', {}, 'there is no parameter "perpage"'],
    ['a value that is not allowed', '/repos/octo/aicleaner/pulls?state=opened', {}, 'query: "state"'],
    ['an invalid number', '/repos/octo/aicleaner/pulls/seven', {}, 'path: "pull_number"'],
    [
      'a body without a required field',
      '/repos/octo/aicleaner/issues/7/comments',
      { method: 'POST', body: '{"text":"x"}' },
      "required property 'body'",
    ],
    [
      'a body of another type',
      '/repos/octo/aicleaner/issues/7/comments',
      { method: 'POST', body: '{"body":5}' },
      '/body must be string',
    ],
    [
      'a body that is not JSON',
      '/repos/octo/aicleaner/issues/7/comments',
      { method: 'POST', body: '{' },
      'must be object',
    ],
    ['an unknown API version', '/repos/octo/aicleaner', { headers: { 'x-github-api-version': '1999-01-01' } }, '1999'],
  ] as [string, string, RequestInit, string][])('%s', async (_, path, init, expected) => {
    github.addPull({ number: 7 })
    expect((await raw(path, init)).status).toBe(422)
    expect(github.violations.join('\n')).toContain(expected)
  })

  test('a route that is not served', async () => {
    expect((await raw('/repos/octo/aicleaner/nothing')).status).toBe(404)
    expect(github.violations).toEqual(['GET /repos/octo/aicleaner/nothing: not a route of the fake'])
  })
})

test('a response that does not match GitHub’s description is recorded as a violation of the fake', async () => {
  await begin()
  github.addPull({ number: 7, createdAt: 'yesterday' })
  expect((await raw('/repos/octo/aicleaner/pulls/7')).status).toBe(500)
  expect(github.violations.join('\n')).toMatch(/fake: GET \S+ 200: .*created_at.*date-time/)
})

describe('faults', () => {
  beforeEach(async () => {
    await begin()
    github.addPull({ number: 7 })
  })
  const path = '/repos/octo/aicleaner/issues/7/comments'
  const route = 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments'
  const post = () => raw(path, { method: 'POST', body: '{"body":"hello"}' })

  test.each([
    ['401', unauthorized(), 401],
    ['403', forbidden(), 403],
    ['404', notFound(), 404],
    ['502', serverError(502), 502],
    ['429', secondaryLimit({ status: 429, retryAfter: 7 }), 429],
    ['403 for too many requests', primaryLimit(0), 403],
  ])('apply to the given route as often as requested: %s', async (_, fault, status) => {
    github.faults.add({ ...fault, on: route, times: 2 })
    expect([(await post()).status, (await raw(path)).status, (await post()).status, (await post()).status]).toEqual([
      status,
      200,
      status,
      201,
    ])
  })

  test('can have a Retry-After header', async () => {
    github.faults.add(secondaryLimit({ retryAfter: 9 }))
    expect((await post()).headers.get('retry-after')).toBe('9')
  })

  test('can cut a connection before or after the request is processed', async () => {
    github.faults.add(cut('at-once', { times: 1 }))
    github.faults.add(cut('before-answer', { times: 1 }))
    await expect(post()).rejects.toThrow()
    expect(github.comments).toHaveLength(0)
    await expect(post()).rejects.toThrow()
    expect(github.comments).toHaveLength(1)
  })

  test('can cut a connection in the middle of a response', async () => {
    github.faults.add(cut('mid-answer', { times: 1 }))
    const answer = await post()
    expect(answer.status).toBe(201)
    await expect(answer.text()).rejects.toThrow()
  })

  test('can delay a response', async () => {
    github.faults.add(slow(150))
    let first = false
    setTimeout(() => {
      first = true
    }, 100)
    expect((await post()).status).toBe(201)
    // The timer of the answer began later and is longer, in the same process: it ends later on any machine.
    expect(first).toBe(true)
  })

  test('can stop and restart the server', async () => {
    github.faults.add({ vanish: true, after: 1, times: 1 })
    expect((await post()).status).toBe(201)
    await expect(post()).rejects.toThrow()
    await expect(post()).rejects.toThrow()
    await github.comeBack()
    expect((await post()).status).toBe(201)
  })
})

describe('other forges', () => {
  test('GitHub Enterprise is under a path, and checked against its own description', async () => {
    await begin({ flavour: 'ghes' })
    github.addPull({ number: 7 })
    for (let n = 1; n <= 3; n++) github.addComment({ issue: 7, body: `comment ${n}` })
    expect(github.url).toMatch(/\/api\/v3$/)
    const octokit = client()
    await octokit.rest.issues.createComment({ ...where, issue_number: 7, body: 'x' })
    const all = await octokit.paginate(octokit.rest.issues.listComments, { ...where, issue_number: 7, per_page: 2 })
    expect(all).toHaveLength(4)
    await octokit.rest.pulls.get({ ...where, pull_number: 7 })
    expect(github.violations).toEqual([])
  })

  test('Gitea has no GraphQL, does not page comments, and lists no files of a comparison', async () => {
    await begin({ flavour: 'gitea' })
    github.addPull({ number: 7 })
    for (let n = 1; n <= 3; n++) github.addComment({ issue: 7, body: `comment ${n}` })
    github.comparisons.push({
      repository: github.repository,
      base: 'a',
      head: 'b',
      status: 'ahead',
      files: [{ filename: 'x' }],
    })
    expect((await fetch(github.graphqlUrl, { method: 'POST', body: '{}' })).status).toBe(404)
    const { rest } = client()
    const { data, headers } = await rest.issues.listComments({ ...where, issue_number: 7, per_page: 2 })
    expect([data.length, headers.link]).toEqual([3, undefined])
    const compared = await rest.repos.compareCommitsWithBasehead({ ...where, basehead: 'a...b' })
    expect(compared.data.files).toBeUndefined()
  })
})
