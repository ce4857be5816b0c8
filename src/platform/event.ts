import type { GitHubEvent } from '../core/host.ts'
import { fieldOf, listOf, numberOf, textOf } from '../core/json-fields.ts'
import { textBefore, trimEndChars } from '../core/text.ts'

type Environment = Readonly<Record<string, string | undefined>>

const dependabot = 'dependabot[bot]'

/**
 * The event, from the environment and the JSON at `GITHUB_EVENT_PATH`; `local` without `GITHUB_EVENT_NAME`.
 * @param now in ms, for events without the time of a commit. @see https://docs.github.com/webhooks/webhook-events-and-payloads
 */
export function readEvent(environment: Environment, payload: unknown, now: number): GitHubEvent {
  const name = environment.GITHUB_EVENT_NAME || 'local'
  const repository = environment.GITHUB_REPOSITORY || textOf(payload, 'repository', 'full_name')
  const server = trimEndChars(environment.GITHUB_SERVER_URL || 'https://github.com', '/')
  const repositoryUrl = textOf(payload, 'repository', 'html_url') || (repository ? `${server}/${repository}` : '')
  const runId = environment.GITHUB_RUN_ID ?? ''
  const pullRequest = pullRequestOf(environment, payload, repository)
  const release = releaseOf(payload)
  const before = beforeOf(name, payload)
  const workflowFile = workflowFileOf(environment, repository)
  return {
    name,
    ref: environment.GITHUB_REF ?? '',
    sha: environment.GITHUB_SHA ?? '',
    repository,
    owner: environment.GITHUB_REPOSITORY_OWNER || repository.split('/')[0] || '',
    repositoryUrl,
    defaultBranch: textOf(payload, 'repository', 'default_branch'),
    actor: environment.GITHUB_ACTOR ?? textOf(payload, 'sender', 'login'),
    workflow: environment.GITHUB_WORKFLOW ?? '',
    ...(workflowFile !== undefined && { workflowFile }),
    runId,
    runAttempt: Number(environment.GITHUB_RUN_ATTEMPT) || 1,
    runUrl: runId === '' ? '' : `${server}/${repository}/actions/runs/${runNumber(environment, runId)}`,
    ...(pullRequest && { pullRequest }),
    ...(release && { release }),
    ...(before && { before }),
    timestamp: timestampOf(name, payload) ?? now,
  }
}

/** Gitea's pages count runs of a repository, GitHub's are named by the ID. */
const runNumber = (environment: Environment, runId: string): string =>
  (environment.GITEA_ACTIONS === 'true' && environment.GITHUB_RUN_NUMBER) || runId

/**
 * The path in `OWNER/NAME/PATH@REF`. A pull request from a fork decides the name of its workflow, which is used as a
 * pattern, so names with characters of patterns are not accepted.
 */
function workflowFileOf({ GITHUB_WORKFLOW_REF: text = '' }: Environment, repository: string): string | undefined {
  const path = textBefore(text, '@')
  if (repository === '' || path.length > longestWorkflowFile) return undefined
  const [owner, name, ...parts] = path.split('/')
  const file = parts.join('/')
  const isHere = `${owner}/${name}`.toLowerCase() === repository.toLowerCase()
  return isHere && /^\.(?:github|gitea|forgejo)\/workflows\/[^\p{Cc}\\/!?*+|()[\]{}]+\.ya?ml$/u.test(file)
    ? file
    : undefined
}

/** Characters of the name of a repository and the path of a workflow. */
const longestWorkflowFile = 1024

function pullRequestOf(environment: Environment, payload: unknown, repository: string): GitHubEvent['pullRequest'] {
  const number = numberOf(payload, 'pull_request', 'number')
  if (number === undefined) return undefined
  const pull = fieldOf(payload, 'pull_request')
  const base = textOf(pull, 'base', 'repo', 'full_name') || repository
  // A deleted fork has no repository.
  const elsewhere = textOf(pull, 'head', 'repo', 'full_name').toLowerCase() !== base.toLowerCase()
  const sender = environment.GITHUB_ACTOR || textOf(payload, 'sender', 'login') || textOf(pull, 'user', 'login')
  return {
    number,
    headSha: textOf(pull, 'head', 'sha'),
    baseSha: textOf(pull, 'base', 'sha'),
    baseRef: textOf(pull, 'base', 'ref'),
    headRef: textOf(pull, 'head', 'ref'),
    // GitHub restricts runs that Dependabot started: a run of a person who pushes to Dependabot's branch is not restricted.
    fork: elsewhere || sender === dependabot,
    labels: listOf(pull, 'labels').flatMap((label) => textOf(label, 'name') || []),
  }
}

function releaseOf(payload: unknown): GitHubEvent['release'] {
  const tag = textOf(payload, 'release', 'tag_name')
  if (tag === '') return undefined
  return {
    tag,
    prerelease: fieldOf(payload, 'release', 'prerelease') === true,
    draft: fieldOf(payload, 'release', 'draft') === true,
  }
}

/** The commit before a push; in a merge queue, the base commit. */
const beforeOf = (name: string, payload: unknown): string | undefined =>
  (name === 'merge_group' ? textOf(payload, 'merge_group', 'base_sha') : textOf(payload, 'before')) || undefined

/** Time of the commit if the event has it. A release's `created_at` is that of its commit. */
function timestampOf(name: string, payload: unknown): number | undefined {
  const text =
    textOf(payload, 'head_commit', 'timestamp') ||
    textOf(payload, 'merge_group', 'head_commit', 'timestamp') ||
    textOf(payload, 'workflow_run', 'head_commit', 'timestamp') ||
    (name === 'release' ? textOf(payload, 'release', 'created_at') : '')
  const time = Date.parse(text)
  return Number.isNaN(time) ? undefined : time
}

/** Why the token of this event cannot write a comment; undefined: it can. `pull_request_target` has the permissions of the base repository. */
export function whyReadOnly(event: GitHubEvent): string | undefined {
  const { pullRequest } = event
  if (!pullRequest) return `A ${event.name} event has no pull request to comment on.`
  if (event.actor === dependabot)
    return 'Runs that Dependabot starts get a read-only token. The report is in the job summary.'
  if (pullRequest.fork && event.name !== 'pull_request_target') {
    return 'A pull request from a fork gets a read-only token. The report is in the job summary; the workflow_run example posts it as a comment.'
  }
  return undefined
}
