import { makeClient } from '../../src/github/client.ts'
import { upsertComment } from '../../src/github/comment.ts'
import { readMarker } from '../../src/github/comment-marker.ts'
import type { UpsertOptions, UpsertResult } from '../../src/github/comment-options.ts'
import { renderComment } from '../../src/report/markdown/comment.ts'
import { cut, forbidden, notFound, secondaryLimit, serverError, unauthorized } from '../fakes/github/faults.ts'
import { type FakeGitHub, startGitHub } from '../fakes/github/github.ts'
import { addon, compared, report, run, target } from '../report/reports.ts'

const key = 'Build docker'
const comments = 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments'

let github: FakeGitHub
let waited: number[]

beforeEach(async () => {
  github = await startGitHub()
  waited = []
})
afterEach(async () => {
  await github.close()
  expect(github.violations).toEqual([])
})

interface Given {
  readonly runId?: string
  readonly attempt?: number
  readonly after?: number
  readonly policy?: UpsertOptions['policy']
  readonly token?: string
  readonly number?: number
  readonly headSha?: string
  readonly key?: string
}

function upsert({
  runId = '1001',
  attempt = 1,
  after = 2e7,
  policy = 'auto',
  token = github.token,
  number = 1,
  headSha,
  key: name = key,
}: Given = {}): Promise<UpsertResult> {
  const url = `https://github.com/org/addons/actions/runs/${runId}`
  const made = report([addon([target('amd64', { size: compared(1e7, after) })])], {
    run: { ...run, runId, runAttempt: attempt, url, ...(headSha !== undefined && { headSha }) },
  })
  return upsertComment({
    client: makeClient({ token, baseUrl: github.url, sleep: async (ms) => void waited.push(ms) }),
    repository: github.repository,
    number,
    key: name,
    body: renderComment(made, { key: name }),
    run: { id: runId, attempt },
    policy,
  })
}

const written = (): number => github.requests.filter(({ method }) => method !== 'GET').length

describe('one comment for each key', () => {
  test('is created, with its address', async () => {
    const { number } = github.addPull()
    const result = await upsert({ number })
    expect(result).toEqual({ action: 'created', url: expect.stringContaining(`/pull/${number}#issuecomment-`) })
    expect(github.comments).toHaveLength(1)
    expect(github.comments[0]?.body).toMatch(/^### ✅/)
  })

  test('is updated in place by the next run', async () => {
    const { number } = github.addPull()
    await upsert({ number })
    const result = await upsert({ number, runId: '1002', after: 3e7 })
    expect(result).toMatchObject({ action: 'updated' })
    expect(github.comments).toHaveLength(1)
    expect(readMarker(github.comments[0]?.body ?? '')?.run).toBe('1002')
  })

  test('is not updated if only the run differs', async () => {
    const { number } = github.addPull()
    await upsert({ number })
    expect(await upsert({ number, runId: '1002' })).toMatchObject({ action: 'unchanged' })
    expect(written()).toBe(1)
  })

  test('is updated if the same sizes belong to another commit', async () => {
    const { number } = github.addPull()
    await upsert({ number })
    expect(await upsert({ number, runId: '1002', headSha: 'e'.repeat(40) })).toMatchObject({ action: 'updated' })
  })

  test('coexists with those of other keys', async () => {
    const { number } = github.addPull()
    await upsert({ number })
    expect(await upsert({ number, key: 'Another' })).toMatchObject({ action: 'created' })
    expect(github.comments).toHaveLength(2)
  })

  test('is found on the third page', async () => {
    const { number } = github.addPull()
    for (let index = 0; index < 250; index++)
      github.addComment({ issue: number, body: `talk ${index}`, author: 'someone' })
    await upsert({ number })
    for (let index = 0; index < 30; index++)
      github.addComment({ issue: number, body: `more ${index}`, author: 'someone' })
    expect(await upsert({ number, runId: '1002', after: 3e7 })).toMatchObject({ action: 'updated' })
  })
})

describe('a newer run', () => {
  test.each([
    ['an older run', { runId: '999' }],
    ['an older attempt', { runId: '1001', attempt: 1 }],
  ])('is not overwritten by %s', async (_, older) => {
    const { number } = github.addPull()
    await upsert({ number, runId: '1001', attempt: 2 })
    const before = github.comments[0]?.body
    expect(await upsert({ number, after: 9e7, ...older })).toMatchObject({ action: 'superseded' })
    expect(github.comments[0]?.body).toBe(before)
  })

  test('is decided by number, not alphabetically', async () => {
    const { number } = github.addPull()
    await upsert({ number, runId: '999' })
    expect(await upsert({ number, runId: '1000', after: 9e7 })).toMatchObject({ action: 'updated' })
  })
})

describe('the author of a comment', () => {
  test('a user cannot forge one with our marker', async () => {
    const { number } = github.addPull()
    await upsert({ number })
    const stolen = github.comments[0]?.body ?? ''
    github.comments.length = 0
    github.addComment({ issue: number, body: stolen, author: 'mallory' })
    expect(await upsert({ number, after: 9e7 })).toMatchObject({ action: 'created' })
    expect(github.comments.map(({ author }) => author)).toEqual(['mallory', 'github-actions[bot]'])
    expect(github.comments[0]?.body).toBe(stolen)
  })

  test.each(['personalToken', 'appToken'] as const)('that of a %s is found again', async (name) => {
    const { number } = github.addPull()
    await upsert({ number, token: github[name] })
    expect(await upsert({ number, token: github[name], runId: '1002', after: 9e7 })).toMatchObject({
      action: 'updated',
    })
    expect(github.comments).toHaveLength(1)
  })

  test('a comment that only quotes a marker is not ours', async () => {
    const { number } = github.addPull()
    await upsert({ number })
    const quoted = `> ${github.comments[0]?.body.split('\n').at(-2)}\n\nThis is odd.`
    github.comments.length = 0
    github.addComment({ issue: number, body: quoted, author: 'github-actions[bot]' })
    expect(await upsert({ number })).toMatchObject({ action: 'created' })
  })
})

describe('two runs at once', () => {
  test('leave one comment', async () => {
    const { number } = github.addPull()
    await Promise.all([
      upsert({ number, runId: '1001' }),
      upsert({ number, runId: '1002', after: 3e7 }),
      upsert({ number, runId: '1003', after: 4e7 }),
    ])
    await upsert({ number, runId: '1004', after: 5e7 })
    expect(github.comments).toHaveLength(1)
    expect(readMarker(github.comments[0]?.body ?? '')?.run).toBe('1004')
  })
})

describe('comment policies', () => {
  test('never sends no request to GitHub', async () => {
    expect(await upsert({ policy: 'never' })).toEqual({ skipped: expect.stringContaining('never') })
    expect(github.requests).toEqual([])
  })

  test('on-change writes no comment about an identical image', async () => {
    const { number } = github.addPull()
    expect(await upsert({ number, policy: 'on-change', after: 1e7 })).toEqual({
      skipped: expect.stringContaining('on-change'),
    })
    expect(github.comments).toEqual([])
  })

  test('update writes no first comment, and says so', async () => {
    const { number } = github.addPull()
    expect(await upsert({ number, policy: 'update' })).toEqual({ skipped: expect.stringContaining('nothing to build') })
    expect([github.comments, written()]).toEqual([[], 0])
    // A comment with another key is not updated either.
    await upsert({ number, key: 'Another' })
    expect(await upsert({ number, policy: 'update' })).toHaveProperty('skipped')
    expect(github.comments).toHaveLength(1)
  })

  test('update writes to the comment of an earlier run or attempt, not to that of a later one', async () => {
    const { number } = github.addPull()
    await upsert({ number })
    expect(await upsert({ number, policy: 'update', runId: '1002', after: 3e7 })).toMatchObject({ action: 'updated' })
    const next = { number, policy: 'update', runId: '1002', attempt: 2, after: 4e7 } as const
    expect(await upsert(next)).toMatchObject({ action: 'updated' })
    expect(await upsert({ number, policy: 'update', after: 5e7 })).toMatchObject({ action: 'superseded' })
    expect(readMarker(github.comments[0]?.body ?? '')).toMatchObject({ run: '1002', attempt: 2 })
  })

  test('update leaves the comment of another job of the same run', async () => {
    const { number } = github.addPull()
    await upsert({ number })
    const before = github.comments[0]?.body
    expect(await upsert({ number, policy: 'update', after: 3e7 })).toMatchObject({ action: 'unchanged' })
    expect(github.comments.map(({ body }) => body)).toEqual([before])
  })

  test('on-change writes a comment if a size changed, and updates an earlier comment', async () => {
    const { number } = github.addPull()
    expect(await upsert({ number, policy: 'on-change' })).toMatchObject({ action: 'created' })
    expect(await upsert({ number, policy: 'on-change', runId: '1002', after: 1e7 })).toMatchObject({
      action: 'updated',
    })
  })
})

describe('when GitHub refuses', () => {
  test('a read-only token gets a message with the missing permission', async () => {
    github.setReadOnly(true)
    const { number } = github.addPull()
    expect(await upsert({ number })).toEqual({ skipped: expect.stringContaining('pull-requests: write') })
  })

  test.each([
    [
      'a locked conversation',
      {
        ...forbidden({ on: comments }),
        answer: { status: 403, body: { message: 'Unable to create comment because issue is locked.' } },
      },
      /locked/,
    ],
    ['a bad token', unauthorized(), /token/],
    ['a repository that it does not see', notFound(), /pull-requests: write/],
    ['a server that stays broken', serverError(502), /502/],
  ])('%s is a reason, not an error', async (_, fault, reason) => {
    const { number } = github.addPull()
    github.faults.add(fault)
    expect(await upsert({ number })).toEqual({ skipped: expect.stringMatching(reason) })
  })

  test('an unreachable GitHub is a reason, not an error', async () => {
    const { number } = github.addPull()
    await github.vanish()
    expect(await upsert({ number })).toEqual({ skipped: expect.stringContaining('could not be reached') })
    await github.comeBack()
  })
})

describe('temporary failures', () => {
  test.each([
    ['403', secondaryLimit({ on: comments, times: 2, retryAfter: 7 })],
    ['429', secondaryLimit({ on: comments, times: 2, retryAfter: 7, status: 429 })],
  ])('a rate limit (%s) is waited for as long as GitHub asks', async (_, fault) => {
    const { number } = github.addPull()
    github.faults.add(fault)
    expect(await upsert({ number })).toMatchObject({ action: 'created' })
    expect(waited).toEqual([7000, 7000])
  })

  test('a limit of an hour is not waited for', async () => {
    const { number } = github.addPull()
    github.faults.add(secondaryLimit({ retryAfter: 3600 }))
    expect(await upsert({ number })).toEqual({ skipped: expect.stringMatching(/limit/) })
    expect(waited).toEqual([])
  })

  test.each(['at-once', 'before-answer', 'mid-answer'] as const)(
    'a connection cut %s leaves one comment, not two',
    async (when) => {
      const { number } = github.addPull()
      github.faults.add(cut(when, { on: comments, times: 1 }))
      expect(await upsert({ number })).toMatchObject({ action: 'created' })
      expect(github.comments).toHaveLength(1)
    },
  )

  test('a server that fails twice gets a third request', async () => {
    const { number } = github.addPull()
    github.faults.add(serverError(503, { on: 'GET /repos/{owner}/{repo}/issues/{issue_number}/comments', times: 2 }))
    expect(await upsert({ number })).toMatchObject({ action: 'created' })
    expect(waited).toEqual([500, 1000])
  })
})

describe.each(['ghes', 'gitea'] as const)('on %s', (flavour) => {
  test('the comment is created and updated without GraphQL', async () => {
    const other = await startGitHub({ flavour })
    try {
      const { number } = other.addPull()
      const original = github
      github = other
      try {
        expect(await upsert({ number })).toMatchObject({ action: 'created' })
        expect(await upsert({ number, runId: '1002', after: 3e7 })).toMatchObject({ action: 'updated' })
        expect(other.requests.some(({ path }) => path.includes('graphql'))).toBe(false)
      } finally {
        github = original
      }
    } finally {
      await other.close()
      expect(other.violations).toEqual([])
    }
  })
})
