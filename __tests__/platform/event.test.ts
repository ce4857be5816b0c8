import { readEvent, whyReadOnly } from '../../src/platform/event.ts'

const environment = {
  GITHUB_EVENT_NAME: 'push',
  GITHUB_REF: 'refs/heads/main',
  GITHUB_SHA: 'a'.repeat(40),
  GITHUB_REPOSITORY: 'org/addons',
  GITHUB_REPOSITORY_OWNER: 'org',
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_ACTOR: 'octocat',
  GITHUB_WORKFLOW: 'Build',
  GITHUB_RUN_ID: '42',
  GITHUB_RUN_ATTEMPT: '2',
  GITHUB_RUN_NUMBER: '7',
}
const repository = { full_name: 'org/addons', html_url: 'https://github.com/org/addons', default_branch: 'main' }
const now = 1_700_000_000_000

const pullPayload = (head: unknown, more: object = {}) => ({
  repository,
  sender: { login: 'octocat' },
  pull_request: {
    number: 7,
    user: { login: 'octocat' },
    head: { sha: 'h'.repeat(40), ref: 'topic', repo: head },
    base: { sha: 'b'.repeat(40), ref: 'main', repo: repository },
    labels: [{ name: 'size-ok' }, { name: 'bug' }],
    ...more,
  },
})
const own = { full_name: 'org/addons' }

const pull = (payload: unknown, more: Readonly<Record<string, string>> = {}) =>
  readEvent({ ...environment, GITHUB_EVENT_NAME: 'pull_request', ...more }, payload, now)

test('a push has the commit before it and the time of its commit', () => {
  const payload = { repository, before: 'c'.repeat(40), head_commit: { timestamp: '2026-01-02T03:04:05+01:00' } }
  expect(readEvent(environment, payload, now)).toEqual({
    name: 'push',
    ref: 'refs/heads/main',
    sha: 'a'.repeat(40),
    repository: 'org/addons',
    owner: 'org',
    repositoryUrl: 'https://github.com/org/addons',
    defaultBranch: 'main',
    actor: 'octocat',
    workflow: 'Build',
    runId: '42',
    runAttempt: 2,
    runUrl: 'https://github.com/org/addons/actions/runs/42',
    before: 'c'.repeat(40),
    timestamp: Date.parse('2026-01-02T02:04:05Z'),
  })
})

test.each<[string | undefined, string | undefined]>([
  ['org/addons/.github/workflows/build.yml@refs/heads/main', '.github/workflows/build.yml'],
  ['Org/Addons/.github/workflows/Build all.yaml@refs/pull/7/merge', '.github/workflows/Build all.yaml'],
  ['org/addons/.gitea/workflows/build.yml@refs/tags/v1', '.gitea/workflows/build.yml'],
  ['org/addons/.forgejo/workflows/bücher.yml@refs/heads/a@b', '.forgejo/workflows/bücher.yml'],
  ['org/addons/.github/workflows/build.yml', '.github/workflows/build.yml'],
  ['org/other/.github/workflows/build.yml@refs/heads/main', undefined],
  ['other/addons/.github/workflows/build.yml@refs/heads/main', undefined],
  ['org/addons/.github/workflows/x/build.yml@refs/heads/main', undefined],
  ['org/addons/.github/workflows/../../a.yml@refs/heads/main', undefined],
  ['org/addons/.github/workflows/build.sh@refs/heads/main', undefined],
  ['org/addons/workflows/build.yml@refs/heads/main', undefined],
  ['org/addons/x/.github/workflows/build.yml@refs/heads/main', undefined],
  ['org/addons/.github/workflows/**.yml@refs/heads/main', undefined],
  ['org/addons/.github/workflows/+(a|b).yml@refs/heads/main', undefined],
  ['org/addons/.github/workflows/[a].yml@refs/heads/main', undefined],
  ['org/addons/.github/workflows/a\n.yml@refs/heads/main', undefined],
  ['org/addons/.github/workflows/a@b.yml@refs/heads/main', undefined],
  [`org/addons/.github/workflows/${'a'.repeat(1024)}.yml@refs/heads/main`, undefined],
  ['', undefined],
  [undefined, undefined],
])('the workflow %j is the file %s', (text, expected) => {
  expect(readEvent({ ...environment, GITHUB_WORKFLOW_REF: text }, { repository }, now).workflowFile).toBe(expected)
})

test('without a repository there is no file of a workflow', () => {
  expect(
    readEvent({ GITHUB_WORKFLOW_REF: '/.github/workflows/build.yml@x' }, undefined, now).workflowFile,
  ).toBeUndefined()
})

test('a pull request has its head, its base and its labels', () => {
  expect(pull(pullPayload(own)).pullRequest).toEqual({
    number: 7,
    headSha: 'h'.repeat(40),
    baseSha: 'b'.repeat(40),
    baseRef: 'main',
    headRef: 'topic',
    fork: false,
    labels: ['size-ok', 'bug'],
  })
})

test.each([
  ['another repository', pullPayload({ full_name: 'mallory/addons' }), {}, true],
  ['a fork that was deleted since', pullPayload(null), {}, true],
  ['a run that Dependabot started', pullPayload(own), { GITHUB_ACTOR: 'dependabot[bot]' }, true],
  [
    'a person who pushed to the branch of Dependabot',
    pullPayload(own, { user: { login: 'dependabot[bot]' } }),
    {},
    false,
  ],
  ['the same repository in other letters', pullPayload({ full_name: 'Org/Addons' }), {}, false],
])('%s is detected as a fork or not', (_, payload, more, fork) => {
  expect(pull(payload, more).pullRequest?.fork).toBe(fork)
})

test('a release has its tag and the time of its commit', () => {
  const release = { tag_name: 'v1.2.3', prerelease: true, draft: false, created_at: '2026-01-02T00:00:00Z' }
  const event = readEvent({ ...environment, GITHUB_EVENT_NAME: 'release' }, { repository, release }, now)
  expect(event.release).toEqual({ tag: 'v1.2.3', prerelease: true, draft: false })
  expect(event.timestamp).toBe(Date.parse('2026-01-02T00:00:00Z'))
})

test('a merge queue builds on its base', () => {
  const payload = {
    repository,
    merge_group: { base_sha: 'd'.repeat(40), head_commit: { timestamp: '2026-01-02T00:00:00Z' } },
  }
  expect(readEvent({ ...environment, GITHUB_EVENT_NAME: 'merge_group' }, payload, now)).toMatchObject({
    before: 'd'.repeat(40),
    timestamp: Date.parse('2026-01-02T00:00:00Z'),
  })
})

test('a workflow_run is not a pull request, even if its payload lists one', () => {
  const payload = { repository, workflow_run: { head_sha: 'e'.repeat(40), pull_requests: [{ number: 7 }] } }
  const event = readEvent({ ...environment, GITHUB_EVENT_NAME: 'workflow_run' }, payload, now)
  expect(event.pullRequest).toBeUndefined()
  expect(whyReadOnly(event)).toContain('workflow_run')
})

test('without GitHub there is a local event and no address', () => {
  expect(readEvent({}, undefined, now)).toMatchObject({
    name: 'local',
    sha: '',
    runUrl: '',
    repository: '',
    timestamp: now,
  })
})

test.each([
  [undefined],
  [null],
  [7],
  ['text'],
  [[]],
  [{ pull_request: 'no' }],
  [{ release: null }],
  [{ head_commit: { timestamp: 'soon' } }],
])('a payload with another structure (%j) is not an error', (payload) => {
  expect(readEvent(environment, payload, now)).toMatchObject({ name: 'push', timestamp: now })
})

test('Gitea counts runs by number in its addresses', () => {
  const event = readEvent({ ...environment, GITEA_ACTIONS: 'true', GITHUB_SERVER_URL: 'https://git.example/' }, {}, now)
  expect(event.runUrl).toBe('https://git.example/org/addons/actions/runs/7')
})

describe('whether a comment can be written', () => {
  test('yes on a pull request of the repository', () => {
    expect(whyReadOnly(pull(pullPayload(own)))).toBeUndefined()
  })
  test('no on that of a fork, and the way out is named', () => {
    expect(whyReadOnly(pull(pullPayload({ full_name: 'mallory/addons' })))).toContain('workflow_run')
  })
  test('yes on that of a fork when the base repository runs it', () => {
    const event = pull(pullPayload({ full_name: 'mallory/addons' }), { GITHUB_EVENT_NAME: 'pull_request_target' })
    expect(whyReadOnly(event)).toBeUndefined()
  })
  test('no when Dependabot started it, even then', () => {
    const event = pull(pullPayload(own), { GITHUB_EVENT_NAME: 'pull_request_target', GITHUB_ACTOR: 'dependabot[bot]' })
    expect(whyReadOnly(event)).toContain('Dependabot')
  })
})
