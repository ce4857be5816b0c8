import { readEvent } from '../../../src/platform/event.ts'
import { contextOf, contextVariables, type JobEvent } from '../runner/context.ts'
import { pullRequestEvent, pushEvent, releaseEvent } from './events.ts'
import { type FakeGitHub, startGitHub } from './github.ts'

let github: FakeGitHub
beforeEach(async () => {
  github = await startGitHub()
})
afterEach(() => github.close())

/** As the action sees it. */
const seen = (event: JobEvent) =>
  readEvent(contextVariables(contextOf(event), event.name), (event.payload ?? {}) as Record<string, unknown>, 0)

test('a pull request of a branch and one of a fork', () => {
  const own = github.addPull({ number: 3, labels: ['size/allowed'] })
  const fork = github.addPull({ number: 4, head: { repository: 'mona/aicleaner', ref: 'fix', sha: 'e'.repeat(40) } })
  expect(seen(pullRequestEvent(github, own))).toMatchObject({
    ref: 'refs/pull/3/merge',
    repository: 'octo/aicleaner',
    pullRequest: { number: 3, fork: false, labels: ['size/allowed'], baseRef: 'main', headRef: 'change-3' },
  })
  expect(seen(pullRequestEvent(github, fork)).pullRequest).toMatchObject({ fork: true, headSha: 'e'.repeat(40) })
})

test('a push, and a release', () => {
  const push = pushEvent(github, { before: 'a'.repeat(40), after: 'b'.repeat(40) })
  expect(seen(push)).toMatchObject({ ref: 'refs/heads/main', before: 'a'.repeat(40), sha: 'b'.repeat(40) })
  const release = seen(releaseEvent(github, { tag: 'v1.2.3-rc.1', prerelease: true }))
  expect(release).toMatchObject({ ref: 'refs/tags/v1.2.3-rc.1', release: { tag: 'v1.2.3-rc.1', prerelease: true } })
})
