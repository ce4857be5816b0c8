import type { GitHubEvent } from '../../src/core/host.ts'
import { pushToMain } from '../addon/corpus.ts'

const of = (more: Partial<GitHubEvent>): GitHubEvent => ({ ...pushToMain, ...more })
const pull = { number: 7, headSha: 'b', baseSha: 'c', baseRef: 'main', headRef: 'main', fork: false, labels: [] }

export const events = {
  push: of({}),
  branch: of({ ref: 'refs/heads/feature/New Probe!' }),
  tag: of({ ref: 'refs/tags/v1.2.3' }),
  release: of({
    name: 'release',
    ref: 'refs/tags/v1.2.3',
    release: { tag: 'v1.2.3', prerelease: false, draft: false },
  }),
  prerelease: of({
    name: 'release',
    ref: 'refs/tags/v1.3.0-rc.1',
    release: { tag: 'v1.3.0-rc.1', prerelease: true, draft: false },
  }),
  beta: of({
    name: 'release',
    ref: 'refs/tags/2025.12.0b3',
    release: { tag: '2025.12.0b3', prerelease: false, draft: false },
  }),
  calendar: of({
    name: 'release',
    ref: 'refs/tags/2025.12.1',
    release: { tag: '2025.12.1', prerelease: false, draft: false },
  }),
  draft: of({ name: 'release', ref: 'refs/tags/v1.2.3', release: { tag: 'v1.2.3', prerelease: false, draft: true } }),
  pullRequest: of({ name: 'pull_request', ref: 'refs/pull/7/merge', pullRequest: pull }),
  pullRequestTarget: of({ name: 'pull_request_target', ref: 'refs/heads/main', pullRequest: pull }),
  schedule: of({ name: 'schedule' }),
  manual: of({ name: 'workflow_dispatch', ref: 'refs/heads/dev' }),
  local: of({ name: 'local', ref: '', sha: '', repository: '', owner: '', repositoryUrl: '' }),
} as const satisfies Readonly<Record<string, GitHubEvent>>
