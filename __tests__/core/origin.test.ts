import { originOf } from '../../src/core/origin.ts'
import { readEvent } from '../../src/platform/event.ts'

const repository = { full_name: 'org/addons' }
const pull = (head: string) => ({
  repository,
  pull_request: { number: 7, head: { repo: { full_name: head } }, base: { repo: repository } },
})
const run = (head: string, event: string) => ({
  repository,
  workflow_run: { event, head_repository: { full_name: head } },
})

const origin = (name: string, payload: unknown, actor = 'octocat') => {
  const environment = { GITHUB_EVENT_NAME: name, GITHUB_REPOSITORY: 'org/addons', GITHUB_ACTOR: actor }
  return originOf({ event: readEvent(environment, payload, 0), payload })
}

test.each([
  ['a push', 'push', { repository }, 'owner'],
  ['a release', 'release', { repository, release: { tag_name: 'v1' } }, 'owner'],
  ['a schedule', 'schedule', {}, 'owner'],
  ['a manual run', 'workflow_dispatch', {}, 'owner'],
  ['the merge queue', 'merge_group', {}, 'owner'],
  ['a terminal', '', undefined, 'owner'],
  ['a pull request of the repository', 'pull_request', pull('org/addons'), 'own-pull-request'],
  ['the same under another spelling', 'pull_request', pull('Org/Addons'), 'own-pull-request'],
  ['a pull request from a fork', 'pull_request', pull('other/addons'), 'stranger'],
  ['a pull request from a deleted fork', 'pull_request', pull(''), 'stranger'],
  ['pull_request_target from a fork', 'pull_request_target', pull('other/addons'), 'stranger'],
  ['pull_request_target of the repository', 'pull_request_target', pull('org/addons'), 'own-pull-request'],
  ['a review of a pull request from a fork', 'pull_request_review', pull('other/addons'), 'stranger'],
  ['a pull request event without a payload', 'pull_request', undefined, 'stranger'],
  ['a comment on a pull request', 'issue_comment', { repository, issue: { pull_request: {} } }, 'stranger'],
  ['a comment on an issue', 'issue_comment', { repository, issue: {} }, 'owner'],
  ['a run that a push started', 'workflow_run', run('org/addons', 'push'), 'owner'],
  ['a run of a pull request of the repository', 'workflow_run', run('org/addons', 'pull_request'), 'own-pull-request'],
  ['a run of a fork', 'workflow_run', run('other/addons', 'pull_request'), 'stranger'],
  ['a run of a push to a fork', 'workflow_run', run('other/addons', 'push'), 'stranger'],
  ['a run without a head repository', 'workflow_run', { repository, workflow_run: {} }, 'stranger'],
])('the files of %s (event "%s")', (_, name, payload, expected) => {
  expect(origin(name, payload)).toBe(expected)
})

test('the files of a pull request of Dependabot are not trusted', () => {
  expect(origin('pull_request', pull('org/addons'), 'dependabot[bot]')).toBe('stranger')
})
