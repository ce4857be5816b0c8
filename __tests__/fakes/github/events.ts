import type { JobEvent } from '../runner/context.ts'
import type { FakeGitHub } from './github.ts'
import { fullRepositoryOf, type Places, userOf } from './repository-shape.ts'
import { mergeShaOf, pullOf } from './shapes.ts'
import type { Pull } from './state.ts'

const placesOf = ({ url, serverUrl }: FakeGitHub): Places => ({ api: url, pages: serverUrl })

const common = (github: FakeGitHub, sender: string) => {
  const repository = github.repositories.find(({ name }) => name === github.repository)
  if (!repository) throw new Error(`${github.repository} is not a repository of the fake.`)
  return { repository: fullRepositoryOf(repository, placesOf(github)), sender: userOf(sender, placesOf(github)) }
}

/** The payload that GitHub sends when a pull request is opened or updated. Source: GitHub, "Webhook events and payloads". */
export function pullRequestEvent(
  github: FakeGitHub,
  pull: Pull,
  changes: Partial<JobEvent> & { readonly action?: string } = {},
): JobEvent {
  const { action = 'synchronize', ...more } = changes
  const shape = { ...pullOf(pull, github, placesOf(github)), merge_commit_sha: mergeShaOf(pull) }
  return {
    name: 'pull_request',
    payload: { action, number: pull.number, pull_request: shape, ...common(github, pull.author) },
    ...more,
  }
}

/** `ref`: `refs/heads/main`, `refs/tags/v1`. `before` is all zeros for a new one. */
export function pushEvent(
  github: FakeGitHub,
  push: { readonly ref?: string; readonly before?: string; readonly after: string },
  changes: Partial<JobEvent> = {},
): JobEvent {
  const { ref = 'refs/heads/main', before = '0'.repeat(40), after } = push
  const created = /^0+$/.test(before)
  return {
    name: 'push',
    payload: {
      ref,
      before,
      after,
      created,
      deleted: false,
      forced: false,
      base_ref: null,
      commits: [],
      ...common(github, 'octocat'),
    },
    ...changes,
  }
}

export function releaseEvent(
  github: FakeGitHub,
  release: { readonly tag: string; readonly prerelease?: boolean; readonly draft?: boolean },
  changes: Partial<JobEvent> = {},
): JobEvent {
  const { tag, prerelease = false, draft = false } = release
  const shape = {
    id: 1,
    tag_name: tag,
    target_commitish: 'main',
    name: tag,
    draft,
    prerelease,
    body: '',
    html_url: `${github.serverUrl}/${github.repository}/releases/tag/${tag}`,
    author: userOf('octocat', placesOf(github)),
    assets: [],
  }
  return { name: 'release', payload: { action: 'published', release: shape, ...common(github, 'octocat') }, ...changes }
}
