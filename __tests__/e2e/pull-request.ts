import type { FakeGitHub } from '../fakes/github/github.ts'
import type { Pull } from '../fakes/github/state.ts'
import type { JobEvent } from '../fakes/runner/runner.ts'

/** The event of a pull request as the runner of its first push gets it. */
export function pullRequestEvent(pull: Pull, changes: Partial<JobEvent> = {}): JobEvent {
  const repository = (name: string) => ({
    full_name: name,
    html_url: `https://github.com/${name}`,
    default_branch: 'main',
  })
  return {
    name: 'pull_request',
    ref: `refs/pull/${pull.number}/merge`,
    sha: 'c'.repeat(40),
    payload: {
      action: 'synchronize',
      number: pull.number,
      repository: repository(pull.repository),
      sender: { login: pull.author },
      pull_request: {
        number: pull.number,
        labels: pull.labels.map((name) => ({ name })),
        user: { login: pull.author },
        head: { ref: pull.head.ref, sha: pull.head.sha, repo: repository(pull.head.repository) },
        base: { ref: pull.base.ref, sha: pull.base.sha, repo: repository(pull.base.repository) },
      },
    },
    ...changes,
  }
}

/** What a job needs to find this fake instead of GitHub. */
export const apiOf = (github: FakeGitHub): Readonly<Record<string, string>> => ({ GITHUB_API_URL: github.url })
