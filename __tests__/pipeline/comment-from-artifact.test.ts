import { makeClient } from '../../src/github/client.ts'
import { readMarker } from '../../src/github/comment-marker.ts'
import { type ForkCommentOptions, postFromArtifact } from '../../src/pipeline/comment-from-artifact.ts'
import { toJson } from '../../src/report/model/json.ts'
import type { Report } from '../../src/report/model/report.ts'
import { type FakeGitHub, startGitHub } from '../fakes/github/github.ts'
import { addon, compared, report, run, target } from '../report/reports.ts'

let github: FakeGitHub
const head = 'f'.repeat(40)

beforeEach(async () => {
  github = await startGitHub()
})
afterEach(async () => {
  await github.close()
  expect(github.violations).toEqual([])
})

const fromFork = (more: { sha?: string; ref?: string; base?: string; state?: 'open' | 'closed' } = {}) =>
  github.addPull({
    author: 'contributor',
    state: more.state ?? 'open',
    head: { repository: 'contributor/aicleaner', ref: more.ref ?? 'topic', sha: more.sha ?? head },
    base: { repository: github.repository, ref: more.base ?? 'main', sha: 'b'.repeat(40) },
  })

const payload = (more: object = {}) => ({
  repository: { full_name: github.repository },
  workflow_run: {
    id: 5005,
    run_attempt: 1,
    event: 'pull_request',
    html_url: `https://github.com/${github.repository}/actions/runs/5005`,
    head_sha: head,
    head_branch: 'topic',
    head_repository: { full_name: 'contributor/aicleaner' },
    repository: { full_name: github.repository },
    pull_requests: [],
    ...more,
  },
})

const artifact = (more: Partial<Report['run']> = {}): string =>
  toJson(report([addon([target('amd64', { size: compared(1e7, 2e7) })])], { run: { ...run, headSha: head, ...more } }))

const post = (more: Partial<ForkCommentOptions> = {}) =>
  postFromArtifact({
    client: makeClient({ token: github.token, baseUrl: github.url, sleep: async () => {} }),
    payload: payload(),
    report: artifact(),
    key: 'build',
    policy: 'auto',
    ...more,
  })

test('posts to the pull request whose head the event names', async () => {
  fromFork({ ref: 'other', sha: '1'.repeat(40) })
  const { number } = fromFork()
  expect(await post()).toMatchObject({ action: 'created' })
  expect(github.comments).toEqual([expect.objectContaining({ issue: number, author: 'github-actions[bot]' })])
  expect(github.comments[0]?.body).toContain('of a fork')
})

test('does not create a comment about a run that had nothing to build, but updates one', async () => {
  const { number } = fromFork()
  const empty = toJson(report([], { run: { ...run, headSha: head } }))
  expect(await post({ report: empty })).toEqual({ skipped: expect.stringContaining('nothing to build') })
  expect(github.comments).toEqual([])
  await post()
  expect(await post({ report: empty, payload: payload({ id: 5006 }) })).toMatchObject({ action: 'updated' })
  expect(github.comments).toMatchObject([{ issue: number, body: expect.stringContaining('nothing to build') }])
})

test('takes no notice of the number, the run and the links in the artifact', async () => {
  const victim = github.addPull({})
  const { number } = fromFork()
  const claimed = artifact({
    pullRequest: victim.number,
    runId: '99999',
    url: 'https://evil.example/x/actions/runs/1',
    repository: 'evil/evil',
  })
  await post({ report: claimed })
  expect(github.comments.map(({ issue }) => issue)).toEqual([number])
  const body = github.comments[0]?.body ?? ''
  expect(body).not.toContain('evil.example')
  expect(readMarker(body)).toMatchObject({ run: '5005', head })
})

test('drops links that a finding brings, and what it says was published', async () => {
  fromFork()
  const made = report(
    [
      addon([
        target('amd64', {
          published: `sha256:${'a'.repeat(64)}`,
          audit: [{ rule: 'x', severity: 'warning', message: 'm', fix: 'f', link: 'https://evil.example/' }],
        }),
      ]),
    ],
    { publication: { status: 'published' } },
  )
  await post({ report: toJson(made) })
  expect(github.comments[0]?.body).not.toContain('evil.example')
  expect(github.comments[0]?.body).not.toMatch(/^Published/m)
})

test.each([
  ['has new commits', () => fromFork({ sha: '2'.repeat(40) })],
  ['was closed', () => fromFork({ state: 'closed' })],
])('does not post when the pull request %s', async (_, make) => {
  make()
  expect(await post()).toEqual({ skipped: expect.stringContaining('has new commits') })
  expect(github.comments).toEqual([])
})

test('of two pull requests with the same head, takes the one that the run was for', async () => {
  fromFork({ base: 'main' })
  const second = fromFork({ base: 'next' })
  await post({ report: artifact({ pullRequest: second.number }) })
  expect(github.comments.map(({ issue }) => issue)).toEqual([second.number])
})

test('of two pull requests with the same head, takes none when the report names neither', async () => {
  fromFork({ base: 'main' })
  fromFork({ base: 'next' })
  expect(await post({ report: artifact({ pullRequest: 4711 }) })).toEqual({
    skipped: expect.stringContaining('Several'),
  })
})

test('does not overwrite what a newer run wrote', async () => {
  fromFork()
  await post({ payload: payload({ id: 6006 }) })
  expect(await post({ report: artifact({ headSha: '0'.repeat(40) }) })).toMatchObject({ action: 'superseded' })
})

test.each([
  ['no JSON', 'not json'],
  ['another shape', '{"schemaVersion":1}'],
  ['another version', artifact().replace('"schemaVersion": 1', '"schemaVersion": 2')],
  [
    'Markdown where a number should be',
    artifact().replace(/"download": \d+/, '"download": "[x](https://evil.example)"'),
  ],
  ['text that is not of the list', artifact().replace('"built"', '"built](https://evil.example)"')],
])('an artifact with %s is refused', async (_, text) => {
  fromFork()
  expect(await post({ report: text })).toEqual({ skipped: expect.stringContaining('cannot be used') })
  expect(github.comments).toEqual([])
})

test.each([
  ['a push', { event: 'push' }],
  ['nothing known', { id: undefined }],
])('a run that was started by %s is not posted', async (_, more) => {
  fromFork()
  expect(await post({ payload: payload(more) })).toEqual({ skipped: expect.any(String) })
  expect(github.requests).toEqual([])
})

test('shows the file and line of a reason, and the version to set, but no advice of the report', async () => {
  fromFork()
  const where = { file: 'tiny/config.yaml', line: 2, column: 10 }
  const message = '1.2.3 is already published. Set "version" to 1.2.4.'
  const warnings = [{ gate: 'version', addon: 'a', message, remedy: 'Run this.', where }] as const
  const verdict = { passed: true, reasons: [], warnings }
  await post({ report: toJson(report([addon([target('amd64')])], { run: { ...run, headSha: head }, verdict })) })
  expect(github.comments[0]?.body).toContain(`version: ${message} (\`tiny/config.yaml:2\`)`)
  expect(github.comments[0]?.body).not.toContain('Run this.')
})
