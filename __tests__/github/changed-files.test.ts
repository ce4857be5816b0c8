import type { GitHubEvent } from '../../src/core/host.ts'
import { changedFiles } from '../../src/github/changed-files.ts'
import { makeClient } from '../../src/github/client.ts'
import { type FakeGitHub, startGitHub } from '../fakes/github/github.ts'

let github: FakeGitHub
beforeEach(async () => {
  github = await startGitHub()
})
afterEach(async () => {
  await github.close()
  expect(github.violations).toEqual([])
})

const event = (more: Partial<GitHubEvent>): GitHubEvent => ({
  name: 'push',
  ref: 'refs/heads/main',
  sha: 'b'.repeat(40),
  repository: github.repository,
  owner: 'octo',
  repositoryUrl: '',
  defaultBranch: 'main',
  actor: 'octocat',
  workflow: 'Build',
  runId: '1',
  runAttempt: 1,
  runUrl: '',
  timestamp: 0,
  ...more,
})

const ask = (of: GitHubEvent) =>
  changedFiles(makeClient({ token: github.token, baseUrl: github.url, sleep: async () => {} }), of)

const pull = (number: number): NonNullable<GitHubEvent['pullRequest']> => ({
  number,
  headSha: 'h',
  baseSha: 'b',
  baseRef: 'main',
  headRef: 'topic',
  fork: false,
  labels: [],
})

const many = (number: number) =>
  Array.from({ length: number }, (_, index) => ({ filename: `addon-${index}/Dockerfile` }))

describe('changed files of a pull request', () => {
  test('come from all pages, with both names of renamed files', async () => {
    const files = [...many(230), { filename: 'new/a', status: 'renamed' as const, previousFilename: 'old/a' }]
    const { number } = github.addPull({ files })
    const answer = await ask(event({ name: 'pull_request', pullRequest: pull(number) }))
    expect(answer).toEqual({
      files: expect.arrayContaining(['addon-0/Dockerfile', 'addon-229/Dockerfile', 'new/a', 'old/a']),
    })
    expect('files' in answer && answer.files).toHaveLength(232)
  })

  test('are unknown, not empty, if there are more than GitHub lists', async () => {
    const { number } = github.addPull({ files: many(3500) })
    expect(await ask(event({ name: 'pull_request', pullRequest: pull(number) }))).toEqual({
      unknown: expect.stringContaining('3000'),
    })
  })
})

describe('changed files of a push', () => {
  const before = 'a'.repeat(40)
  const compared = (status: 'ahead' | 'diverged' | 'behind', files: readonly { filename: string }[]) =>
    github.comparisons.push({ repository: github.repository, base: before, head: 'b'.repeat(40), status, files })

  test('come from the comparison with the commit before', async () => {
    compared('ahead', many(2))
    expect(await ask(event({ before }))).toEqual({ files: ['addon-0/Dockerfile', 'addon-1/Dockerfile'] })
  })

  test.each(['diverged', 'behind'] as const)('are unknown if the history was rewritten (%s)', async (status) => {
    compared(status, many(2))
    expect(await ask(event({ before }))).toEqual({ unknown: expect.stringContaining('rewritten') })
  })

  test('are unknown if the list is full, because there may be more', async () => {
    compared('ahead', many(300))
    expect(await ask(event({ before }))).toEqual({ unknown: expect.stringContaining('300') })
  })

  test('are unknown if the commit before no longer exists', async () => {
    expect(await ask(event({ before }))).toEqual({ unknown: expect.stringContaining('aaaaaaa') })
  })

  test('are unknown for a new branch, without a request', async () => {
    expect(await ask(event({ before: '0'.repeat(40) }))).toEqual({ unknown: expect.stringContaining('new') })
    expect(github.requests).toEqual([])
  })

  test('are unknown for an event without a commit before', async () => {
    expect(await ask(event({ name: 'schedule' }))).toEqual({ unknown: expect.stringContaining('schedule') })
  })

  test('are an error if GitHub fails', async () => {
    github.faults.add({ answer: { status: 500, body: { message: 'no' } } })
    await expect(ask(event({ before }))).rejects.toThrow()
  })
})
