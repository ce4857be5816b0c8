import { isAbsolute, join } from 'node:path'
import { mayWrite } from '../build/cache/decision.ts'
import { untilAborted } from '../core/abort.ts'
import type { Architecture } from '../core/architecture.ts'
import { isError, messageOf, notice, warning } from '../core/diagnostics.ts'
import type { Host } from '../core/host.ts'
import { originOf } from '../core/origin.ts'
import type { Options } from '../inputs/options.ts'
import { whyReadOnly } from '../platform/event.ts'
import { annotations } from '../report/annotations.ts'
import { renderComment } from '../report/markdown/comment.ts'
import { sizeTable } from '../report/markdown/size-table.ts'
import { renderSummary } from '../report/markdown/summary.ts'
import { toJson } from '../report/model/json.ts'
import { outputsOf } from '../report/model/outputs.ts'
import type { Report } from '../report/model/report.ts'
import { terminalTable } from '../report/terminal.ts'
import { tryToWrite } from '../report/write.ts'
import { commentPolicy } from './comment-policy.ts'
import { type GitHubServices, githubServices } from './github-services.ts'

/** Outputs and summary of the step. In a terminal there are none. */
export interface ActionOutputs {
  output(name: string, value: string): void
  /** Appends Markdown to the job's summary. */
  summary(markdown: string): Promise<void>
}

export interface Delivery
  extends Pick<Options, 'comment' | 'commentKey' | 'githubToken' | 'reportPath' | 'targets'>,
    Partial<Pick<Options, 'baseline'>> {
  readonly share?: JobShare
}

/** The architectures that a job builds. */
export interface JobShare {
  /** In the usual order. Empty if refused inputs do not say. */
  readonly architectures: readonly Architecture[]
  /** The targets have architectures that this job does not build. Other jobs of the run may. */
  readonly partial: boolean
}

/**
 * Reports a run everywhere: log, annotations, files, job summary, outputs, comment.
 * A place that cannot be written does not stop the others, and never changes the verdict.
 */
export async function deliverReport(
  report: Report,
  delivery: Delivery,
  host: Host,
  outputs: ActionOutputs,
  services: GitHubServices = githubServices,
): Promise<void> {
  showReport(report, host)
  const attempt = async (what: string, work: () => Promise<unknown>): Promise<void> => {
    try {
      await work()
    } catch (thrown) {
      host.log.report(warning('report/not-written', `The ${what} could not be written: ${messageOf(thrown)}.`, ''))
    }
  }
  const body = renderComment(report, { key: commentKey(delivery, host) })
  for (const [name, value] of outputsOf(report)) outputs.output(name, value)
  outputs.output('size-table', sizeTable(report))
  await attempt('report', async () => {
    const path = await writeFiles(report, body, delivery, host)
    if (path !== undefined) outputs.output('report', path)
  })
  await attempt('job summary', () => outputs.summary(renderSummary(report)))
  if (isMatrixCell(report)) return
  if (report.verdict.passed) await attempt('baseline', () => keepSizes(report, delivery, host, services))
  // A cancelled run has seconds left, and the run that replaces it will write the same comment.
  if (host.signal.aborted) return
  await attempt('comment', async () => {
    const url = await untilAborted(writeComment(report, body, delivery, host, services), host.signal)
    if (url !== undefined) outputs.output('comment-url', url)
  })
}

/** The job of `mode: publish` writes warnings and the comment for all cells of the matrix. */
const isMatrixCell = ({ run }: Report): boolean => run.mode === 'build'

/** The table, and annotations. The error that ended the run is shown with its location; the reasons of the verdict would only repeat it. */
function showReport(report: Report, { log }: Host): void {
  for (const line of terminalTable(report).split('\n')) log.info(line)
  for (const diagnostic of report.diagnostics.filter(isError)) log.report(diagnostic)
  for (const diagnostic of annotations(withoutEnd(report)))
    if (!isMatrixCell(report) || isError(diagnostic)) log.report(diagnostic)
}

const withoutEnd = (report: Report): Report =>
  report.diagnostics.some(isError)
    ? {
        ...report,
        verdict: { ...report.verdict, reasons: report.verdict.reasons.filter(({ addon }) => addon !== undefined) },
      }
    : report

/** Saves the sizes of a branch for later runs and for pull requests. */
async function keepSizes(
  report: Report,
  { baseline }: Delivery,
  host: Host,
  { openSizeCache }: GitHubServices,
): Promise<void> {
  // `workflow_run` and `issue_comment` run on the base branch's ref, with its token, and may have built a pull request.
  if (originOf(host) !== 'owner' || !host.event.ref.startsWith('refs/heads/') || baseline === undefined) return
  const cache = await openSizeCache({ baseline }, host)
  if (!cache || !mayWrite(host.environment)) return
  const { saveBaseline } = await import('../size/baseline.ts')
  for (const { size, ...target } of report.addons.flatMap(({ targets }) => targets)) {
    if (size) await saveBaseline(target, size.measure, host.event, cache)
  }
}

/** Writes each file even if another cannot be written. Returns the path of report.json if it was written. */
async function writeFiles(report: Report, body: string, delivery: Delivery, host: Host): Promise<string | undefined> {
  const folder = reportFolder(delivery, host)
  const { renderHtml } = await import('../report/html/render.ts')
  const audited = report.addons.some(({ targets }) => targets.some(({ audit }) => audit !== undefined))
  const write = async (name: string, text: string): Promise<boolean> => {
    const refused = await tryToWrite(host.workspace, join(folder, name), text)
    if (refused) host.log.report(refused)
    return refused === undefined
  }
  const [written] = await Promise.all([
    write('report.json', toJson(report)),
    write('report.md', body),
    write('report.html', renderHtml(report)),
    audited && import('../report/sarif.ts').then(({ renderSarif }) => write('report.sarif', renderSarif(report))),
  ])
  return written ? join(folder, 'report.json') : undefined
}

export function reportFolder({ reportPath }: { readonly reportPath?: string | undefined }, host: Host): string {
  if (reportPath === undefined) return join(host.environment.RUNNER_TEMP ?? host.workspace, 'aicleaner-build')
  return isAbsolute(reportPath) ? reportPath : join(host.workspace, reportPath)
}

/** Returns the address of the comment; undefined if none was written, which is logged with the reason. */
async function writeComment(
  report: Report,
  body: string,
  delivery: Delivery,
  host: Host,
  services: GitHubServices,
): Promise<string | undefined> {
  const { event, log, clock, signal } = host
  if (!event.pullRequest || delivery.comment === 'never') return undefined
  const skip = (reason: string): undefined => {
    const remedy = 'The job summary and the report files contain all results.'
    log.report(notice('report/no-comment', `No comment was written: ${reason}`, remedy))
  }
  const readOnly = delivery.githubToken ? whyReadOnly(event) : 'There is no token (input github-token).'
  if (readOnly !== undefined) return skip(readOnly)
  const key = commentKey(delivery, host)
  const { share } = delivery
  const { sharedCommentOf } = await import('../report/shared-comment.ts')
  const shared = share && {
    shared: sharedCommentOf(
      { scope: scopeOf(delivery, host), architectures: share.architectures, tier: 'all', report },
      key,
      { partial: share.partial, sleep: (ms) => clock.sleep(ms, signal) },
    ),
  }
  const result = await services.upsertComment(
    {
      repository: event.repository,
      number: event.pullRequest.number,
      key,
      body,
      run: { id: report.run.runId, attempt: report.run.runAttempt },
      policy: commentPolicy(report, delivery.comment),
      ...shared,
    },
    delivery,
    host,
  )
  if ('skipped' in result) return skip(result.skipped)
  log.info(`Comment ${result.action}: ${result.url}`)
  return result.url
}

/** Two steps of one workflow with the same targets share a comment unless they set `comment-key`. */
const commentKey = (delivery: Delivery, host: Host): string => delivery.commentKey ?? scopeOf(delivery, host)

/** The workflow and the targets that are built, whether the input or `args` names them. */
const scopeOf = ({ targets }: Delivery, host: Host): string => [host.event.workflow, ...targets].join(' ')
