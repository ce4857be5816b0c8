import fc from 'fast-check'
import type { GitHubEvent } from '../../src/core/host.ts'
import { isTag } from '../../src/core/image-reference.ts'
import { originOf } from '../../src/core/origin.ts'
import { channelOf } from '../../src/plan/channel.ts'
import { readEvent } from '../../src/platform/event.ts'
import { events } from './events.ts'

const { push, tag, release, schedule, manual, pullRequest, pullRequestTarget } = events
const tagged = (name: string): GitHubEvent => ({ ...tag, ref: `refs/tags/${name}` })
const released = (name: string, prerelease = false): GitHubEvent => ({
  ...release,
  ref: `refs/tags/${name}`,
  release: { tag: name, prerelease, draft: false },
})
const ofFork = (event: GitHubEvent): GitHubEvent => ({
  ...event,
  ...(event.pullRequest && { pullRequest: { ...event.pullRequest, fork: true } }),
})

test.each<[string, GitHubEvent, string, string | undefined]>([
  // Releases.
  ['a release', release, '1.2.3', 'stable'],
  ['a release with a calendar version', events.calendar, '2025.12.1', 'stable'],
  ['a release whose version is only a name', released('blue'), 'blue', 'stable'],
  ['a release with a revision', released('v1.2.3-2'), '1.2.3-2', 'stable'],
  ['a release that is marked as a pre-release', released('v1.2.3', true), '1.2.3', 'beta'],
  ['a pre-release', events.prerelease, '1.3.0-rc.1', 'beta'],
  ['a release of a pre-release version', events.beta, '2025.12.0b3', 'beta'],
  ['a release of an add-on whose config.yaml has a pre-release', released('v2'), '1.0b1', 'beta'],
  ['a pre-release of a repository, with the version of config.yaml', released('v2.0-beta.1'), '1.0', 'beta'],
  ['a draft', events.draft, '1.2.3', undefined],
  ['a release event without a release', { ...tag, name: 'release' }, '1.2.3', undefined],
  // Tags.
  ['a pushed tag', tag, '1.2.3', 'stable'],
  ['a pushed tag with a calendar version', tagged('2025.12.1'), '2025.12.1', 'stable'],
  ['a pushed tag with the name of the add-on', tagged('probe-v1.2.3'), '1.2.3', 'stable'],
  ['a pushed tag with the folder of the add-on', tagged('a/1.2.3'), '1.2.3', 'stable'],
  ['a pushed tag of a repository, with the version of config.yaml', tagged('v2.0'), '1.0', 'stable'],
  ['a pushed pre-release', tagged('v1.3.0-rc.1'), '1.3.0-rc.1', 'beta'],
  ['a pushed beta of Home Assistant', tagged('2025.12.0b3'), '2025.12.0b3', 'beta'],
  ['a pushed pre-release with the name of the add-on', tagged('probe-v1.3.0-rc.1'), '1.3.0-rc.1', 'beta'],
  ['a pushed pre-release of a repository, with the version of config.yaml', tagged('v2.0-beta.1'), '1.0', 'beta'],
  ['a pushed tag that is no version', tagged('nightly'), 'nightly', undefined],
  ['a pushed tag that is no version, with the version of config.yaml', tagged('nightly'), '1.0', undefined],
  ['a pushed tag with an input "version" that is none', tag, 'dev', undefined],
  // Branches.
  ['a push to the default branch', push, '1.2.3', 'edge'],
  ['a push of a pre-release to the default branch', push, '1.2.3-rc.1', 'edge'],
  ['a push of "dev" to the default branch', push, 'dev', 'edge'],
  ['a push to another branch', events.branch, '1.2.3', undefined],
  ['a push to a branch that begins like the default', { ...push, ref: 'refs/heads/main2' }, '1.2.3', undefined],
  ['a push to a branch that ends like the default', { ...push, ref: 'refs/heads/x/main' }, '1.2.3', undefined],
  ['a pushed tag that is called like the default branch', tagged('main'), '1.2.3', undefined],
  ['a push if the default branch is unknown', { ...push, defaultBranch: '' }, '1.2.3', undefined],
  ['a push without a ref if the default branch is unknown', { ...push, ref: '', defaultBranch: '' }, '1', undefined],
  ['a schedule', schedule, '1.2.3', 'edge'],
  ['a schedule whose event does not name the default branch', { ...schedule, defaultBranch: '' }, '1.2.3', 'edge'],
  ['a manual run on the default branch', { ...manual, ref: 'refs/heads/main' }, '1.2.3', 'edge'],
  ['a manual run on another branch', manual, '1.2.3', undefined],
  ['a manual run on a tag', { ...manual, ref: 'refs/tags/v1.2.3' }, '1.2.3', undefined],
  ['a repository_dispatch', { ...push, name: 'repository_dispatch' }, '1.2.3', 'edge'],
  ['the merge queue', { ...push, name: 'merge_group', ref: 'refs/heads/gh-readonly-queue/main/pr-7' }, '1', undefined],
  // Pull requests, and events that may have checked one out.
  ['a pull request', pullRequest, '1.2.3', 'pr-7'],
  ['a pull request from a fork', ofFork(pullRequest), '1.2.3', 'pr-7'],
  ['pull_request_target, whose ref is the default branch', pullRequestTarget, '1.2.3', 'pr-7'],
  ['pull_request_target from a fork', ofFork(pullRequestTarget), '1.2.3', 'pr-7'],
  ['a review, whose event has the pull request', { ...pullRequest, name: 'pull_request_review' }, '1.2.3', 'pr-7'],
  ['a pull request without its payload', { ...push, name: 'pull_request' }, '1.2.3', undefined],
  ['pull_request_target without its payload', { ...push, name: 'pull_request_target' }, '1.2.3', undefined],
  ['workflow_run', { ...push, name: 'workflow_run' }, '1.2.3', undefined],
  ['a comment', { ...push, name: 'issue_comment' }, '1.2.3', undefined],
  // A terminal.
  ['a terminal', events.local, '1.2.3', undefined],
  ['a terminal on the default branch', { ...push, name: 'local' }, '1.2.3', undefined],
])('%s of version %j', (_, event, version, expected) => {
  expect(channelOf(event, version, {})).toBe(expected)
  expect(channelOf(event, version, { channel: 'nightly' })).toBe('nightly')
})

const pull = (head: string) => ({ number: 7, head: { repo: { full_name: head } }, base: { repo: repository } })
const repository = { full_name: 'org/addons', default_branch: 'main' }

test('an event that may build the files of a fork has no channel of the repository', () => {
  const payloads = [
    { repository, pull_request: pull('other/addons'), release: { tag_name: 'v1' } },
    { repository, pull_request: pull('org/addons'), sender: { login: 'dependabot[bot]' } },
    {
      repository,
      workflow_run: { event: 'push', head_repository: { full_name: 'other/addons' }, head_branch: 'main' },
    },
    { repository, issue: { number: 7, pull_request: {} } },
    { repository },
    undefined,
  ]
  const names = ['pull_request', 'pull_request_target', 'pull_request_review', 'workflow_run', 'issue_comment']
  let untrusted = 0
  fc.assert(
    fc.property(
      fc.constantFrom(...names, 'push', 'release', 'schedule', 'workflow_dispatch'),
      fc.constantFrom(...payloads),
      fc.constantFrom('refs/heads/main', 'refs/tags/v1.2.3', 'refs/pull/7/merge', ''),
      fc.constantFrom('1.2.3', '1.2.3-rc.1', 'dev'),
      (name, payload, ref, version) => {
        const environment = { GITHUB_EVENT_NAME: name, GITHUB_REPOSITORY: 'org/addons', GITHUB_REF: ref }
        const event = readEvent(environment, payload, 0)
        const channel = channelOf(event, version, {})
        if (channel !== undefined) expect(isTag(channel)).toBe(true)
        if (originOf({ event, payload }) !== 'untrusted') return
        untrusted += 1
        expect(channel === undefined || channel === 'pr-7').toBe(true)
      },
    ),
  )
  expect(untrusted).toBeGreaterThan(0)
})
