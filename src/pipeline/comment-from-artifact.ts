import { isAbsolute, join } from 'node:path'
import { error, Failure, notice } from '../core/diagnostics.ts'
import type { Host } from '../core/host.ts'
import { fieldOf, numberOf, ownerAndName, textOf } from '../core/json-fields.ts'
import { upsertComment } from '../github/comment.ts'
import type { UpsertResult } from '../github/comment-options.ts'
import { clientOf } from '../github/open-client.ts'
import { type RestClient, RestError } from '../github/rest.ts'
import type { Options } from '../inputs/options.ts'
import { readArtifact } from '../report/artifact.ts'
import { renderComment } from '../report/markdown/comment.ts'
import { sanitizeReport } from '../report/model/fork-report.ts'
import { largestReport, readReport, unreadableReport } from '../report/model/read.ts'
import { commentPolicy } from './comment-policy.ts'
import type { ActionOutputs } from './deliver-report.ts'

type ForkOptions = Pick<Options, 'results' | 'githubToken' | 'comment' | 'commentKey'>

/**
 * Writes the comment from the report artifact of the fork's run. Checks out and builds nothing.
 * Throws a Failure (`artifact`) if there is no report.
 */
export async function postForkComment(options: ForkOptions, host: Host, outputs: ActionOutputs): Promise<void> {
  const folder = options.results ?? ''
  const file = join(isAbsolute(folder) ? '' : host.workspace, folder, 'report.json')
  const report = await readArtifact(file, largestReport)
  if (report === undefined) {
    throw new Failure('artifact', [
      error(
        'publish/no-report',
        `There is no report at ${file}.`,
        'Download the artifact of the finished run into the folder in "results", as in docs/examples/comment-from-fork.yml.',
      ),
    ])
  }
  const skip = (reason: string, remedy = ''): void =>
    host.log.report(notice('report/no-comment', `No comment was written: ${reason}`, remedy))
  if ('refused' in report) {
    const { message, remedy } = unreadableReport(report.refused).diagnostic
    return skip(message, remedy)
  }
  const result = await postFromArtifact({
    client: await clientOf(options, host),
    payload: host.payload,
    report: report.text,
    key: options.commentKey ?? host.event.workflow,
    policy: options.comment,
  })
  if ('skipped' in result) return skip(result.skipped)
  host.log.info(`Comment ${result.action}: ${result.url}`)
  outputs.output('comment-url', result.url)
}

export interface ForkCommentOptions {
  readonly client: RestClient
  /** The event that started this run, which is in the base repository: `workflow_run`. */
  readonly payload: unknown
  /** `report.json` from the artifact of the finished run. Made by code of the fork: see `sanitizeReport`. */
  readonly report: string
  readonly key: string
  readonly policy: Options['comment']
}

/**
 * Writes the comment of a pull request whose own run may not, from a `workflow_run` with a token that may.
 * The pull request is the open one whose head is the commit in the event, never a number from the artifact.
 * `pull_requests` of the event is empty for forks, so it is looked up by branch.
 * @see https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows#workflow_run
 */
export async function postFromArtifact(options: ForkCommentOptions): Promise<UpsertResult> {
  const { client, payload, key, policy } = options
  const finished = finishedRun(payload)
  if (!finished) return { skipped: 'The event is not workflow_run, so there is no comment to write.' }
  if (finished.event !== 'pull_request')
    return { skipped: `The finished run was started by ${finished.event}, not by a pull request.` }
  const read = readReport(options.report)
  if ('diagnostic' in read) return { skipped: `${read.diagnostic.message} ${read.diagnostic.remedy}` }
  const found = await pullsOf(client, finished)
  if ('skipped' in found) return found
  const number = chosen(found.numbers, read.report.run.pullRequest)
  if (number === undefined) return { skipped: whyNone(found.numbers, finished) }
  const { repository, runId, attempt, url, headSha } = finished
  const vouched = { repository, runId, runAttempt: attempt, url, headSha, pullRequest: number }
  const body = renderComment(sanitizeReport(read.report, vouched), {
    key,
    note: 'Reported by the run of a fork. Figures, names and log lines are not verified.',
  })
  return upsertComment({
    client,
    repository,
    number,
    key,
    body,
    run: { id: runId, attempt },
    policy: commentPolicy(read.report, policy),
  })
}

type FinishedRun = NonNullable<ReturnType<typeof finishedRun>>

/** The finished run, as GitHub's event describes it. */
function finishedRun(payload: unknown) {
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
  finished: FinishedRun,
): Promise<{ readonly numbers: readonly number[] } | { readonly skipped: string }> {
  const [owner = ''] = finished.headRepository.split('/')
  const numbers: number[] = []
  try {
    const route = 'GET /repos/{owner}/{repo}/pulls'
    for await (const page of client.pages(route, {
      ...ownerAndName(finished.repository),
      state: 'open',
      head: `${owner}:${finished.headBranch}`,
    })) {
      for (const pull of page) {
        const number = numberOf(pull, 'number')
        const same =
          textOf(pull, 'head', 'sha') === finished.headSha &&
          textOf(pull, 'head', 'repo', 'full_name').toLowerCase() === finished.headRepository.toLowerCase()
        if (same && number !== undefined) numbers.push(number)
      }
    }
    return { numbers }
  } catch (thrown) {
    if (thrown instanceof RestError) return { skipped: `The pull request could not be looked up: ${thrown.message}` }
    throw thrown
  }
}

/** One head may have pull requests to several branches. All belong to the fork, so its report may decide. */
const chosen = (numbers: readonly number[], reported: number | undefined): number | undefined =>
  numbers.length === 1 ? numbers[0] : numbers.find((number) => number === reported)

const whyNone = (numbers: readonly number[], { headRepository, headBranch, headSha }: FinishedRun): string =>
  numbers.length === 0
    ? `No open pull request has ${headSha.slice(0, 7)} of ${headRepository}:${headBranch} as its head: it was closed, or has new commits.`
    : `Several pull requests have ${headSha.slice(0, 7)} as their head, and the report names none of them.`
