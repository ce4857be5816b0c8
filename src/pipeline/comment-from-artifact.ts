import { fieldOf, numberOf, ownerAndName, textOf } from '../core/json-fields.ts'
import { upsertComment } from '../github/comment.ts'
import type { UpsertOptions, UpsertResult } from '../github/comment-options.ts'
import { type RestClient, RestError } from '../github/rest.ts'
import { renderComment } from '../report/markdown/comment.ts'
import { sanitizeReport } from '../report/model/fork-report.ts'
import { readReport } from '../report/model/read.ts'

export interface ForkCommentOptions {
  readonly client: RestClient
  /** The event that started this run, which is in the base repository: `workflow_run`. */
  readonly payload: unknown
  /** `report.json` from the artifact of the run that ended. Made by code of the fork: see `sanitizeReport`. */
  readonly report: string
  readonly key: string
  readonly policy: UpsertOptions['policy']
}

/** What the event says of the run that ended. GitHub vouches for this. */
interface Ended {
  readonly repository: string
  readonly event: string
  readonly runId: string
  readonly attempt: number
  readonly url: string
  readonly headSha: string
  readonly headBranch: string
  readonly headRepository: string
}

/**
 * Writes the comment of a pull request whose own run may not, from a `workflow_run` that has the right to.
 * Which pull request: never by a number from the artifact, but the open one whose head is the commit that the event names.
 * `pull_requests` of the event is empty for forks, so it is looked up by branch.
 * @see https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows#workflow_run
 */
export async function postFromArtifact(options: ForkCommentOptions): Promise<UpsertResult> {
  const { client, payload, key, policy } = options
  const ended = endedRun(payload)
  if (!ended) return { skipped: 'The event is no workflow_run, so there is nothing to post.' }
  if (ended.event !== 'pull_request')
    return { skipped: `The run that ended was started by ${ended.event}, not by a pull request.` }
  const read = readReport(options.report)
  if ('diagnostic' in read) return { skipped: `${read.diagnostic.message} ${read.diagnostic.remedy}` }
  const found = await pullsOf(client, ended)
  if ('skipped' in found) return found
  const number = chosen(found.numbers, read.report.run.pullRequest)
  if (number === undefined) return { skipped: whyNone(found.numbers, ended) }
  const { repository, runId, attempt, url, headSha } = ended
  const vouched = { repository, runId, runAttempt: attempt, url, headSha, pullRequest: number }
  const body = renderComment(sanitizeReport(read.report, vouched), {
    key,
    note: 'Reported by the run of a fork: figures, names and log lines are as that run made them.',
  })
  return upsertComment({
    client,
    repository,
    number,
    key,
    body,
    run: { id: runId, attempt },
    policy,
  })
}

function endedRun(payload: unknown): Ended | undefined {
  const run = fieldOf(payload, 'workflow_run')
  const id = numberOf(run, 'id')
  const headSha = textOf(run, 'head_sha')
  if (id === undefined || headSha === '') return undefined
  return {
    repository: textOf(run, 'repository', 'full_name') || textOf(payload, 'repository', 'full_name'),
    event: textOf(run, 'event'),
    runId: String(id),
    attempt: numberOf(run, 'run_attempt') ?? 1,
    url: textOf(run, 'html_url'),
    headSha,
    headBranch: textOf(run, 'head_branch'),
    headRepository: textOf(run, 'head_repository', 'full_name'),
  }
}

/** Numbers of the open pull requests whose head is this commit of this repository. */
async function pullsOf(
  client: RestClient,
  ended: Ended,
): Promise<{ readonly numbers: readonly number[] } | { readonly skipped: string }> {
  const [owner = ''] = ended.headRepository.split('/')
  const numbers: number[] = []
  try {
    const route = 'GET /repos/{owner}/{repo}/pulls'
    for await (const page of client.pages(route, {
      ...ownerAndName(ended.repository),
      state: 'open',
      head: `${owner}:${ended.headBranch}`,
    })) {
      for (const pull of page) {
        const number = numberOf(pull, 'number')
        const same =
          textOf(pull, 'head', 'sha') === ended.headSha &&
          textOf(pull, 'head', 'repo', 'full_name').toLowerCase() === ended.headRepository.toLowerCase()
        if (same && number !== undefined) numbers.push(number)
      }
    }
    return { numbers }
  } catch (thrown) {
    if (thrown instanceof RestError) return { skipped: `The pull request could not be looked up: ${thrown.message}` }
    throw thrown
  }
}

/** One head may be offered to several branches. All of them are the fork's own, so here its word may decide. */
const chosen = (numbers: readonly number[], said: number | undefined): number | undefined =>
  numbers.length === 1 ? numbers[0] : numbers.find((number) => number === said)

const whyNone = (numbers: readonly number[], { headRepository, headBranch, headSha }: Ended): string =>
  numbers.length === 0
    ? `No open pull request has ${headSha.slice(0, 7)} of ${headRepository}:${headBranch} as its head: it was closed, or has moved on.`
    : `Several pull requests have ${headSha.slice(0, 7)} as their head, and the report names none of them.`
