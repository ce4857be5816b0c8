import type { Host } from './host.ts'
import { fieldOf, textOf } from './json-fields.ts'

/**
 * The author of the files of the checkout.
 * `owner`: someone who can push to the repository, or the person at the terminal.
 * `own-pull-request`: a pull request whose branch is in this repository.
 * `untrusted`: a pull request from a fork or from Dependabot, or an event that may have checked one out.
 */
export type Origin = 'owner' | 'own-pull-request' | 'untrusted'

/**
 * Pure. Decides what a run may write and where credentials may go, whatever rights the token of the event has:
 * `pull_request_target`, `workflow_run` and `issue_comment` run with the rights of the base repository.
 */
export function originOf({ event, payload }: Pick<Host, 'event' | 'payload'>): Origin {
  if (event.pullRequest) return event.pullRequest.fork ? 'untrusted' : 'own-pull-request'
  if (event.name === 'workflow_run') return originOfRun(payload, event.repository)
  // The event of a comment does not say where the branch of the pull request is.
  if (event.name === 'issue_comment' && fieldOf(payload, 'issue', 'pull_request') !== undefined) return 'untrusted'
  // A pull request event without its payload: nothing is known about it.
  if (event.name.startsWith('pull_request')) return 'untrusted'
  return 'owner'
}

function originOfRun(payload: unknown, repository: string): Origin {
  const head = textOf(payload, 'workflow_run', 'head_repository', 'full_name')
  if (head === '' || head.toLowerCase() !== repository.toLowerCase()) return 'untrusted'
  return textOf(payload, 'workflow_run', 'event').startsWith('pull_request') ? 'own-pull-request' : 'owner'
}
