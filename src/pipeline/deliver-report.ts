import { isAbsolute, join } from 'node:path'
import { mayWrite } from '../build/cache/decision.ts'
import { untilAborted } from '../core/abort.ts'
import type { Architecture } from '../core/architecture.ts'
import { type Diagnostic, isError, messageOf, notice, warning } from '../core/diagnostics.ts'
import type { Host } from '../core/host.ts'
import { originOf } from '../core/origin.ts'
import { clientOf } from '../github/open-client.ts'
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
import { sizeCache } from './size-cache.ts'

/** Where a report goes besides files. On a terminal there is neither. */
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

/** What a job builds of its targets. */
export interface JobShare {
  /** In the order of architectures. Empty where refused inputs do not tell. */
  readonly architectures: readonly Architecture[]
  /** The targets have architectures that this job does not build. Other jobs of the run may. */
  readonly partial: boolean
}

/**
 * Says what came of a run, in every place where somebody looks: log, annotations, files, job summary, outputs, comment.
 * A place that cannot be written does not keep the others from being written, and never changes the verdict.
 */
export async function deliver(report: Report, options: Delivery, host: Host, outputs: ActionOutputs): Promise<void> {
  for (const line of terminalTable(report).split('\n')) host.log.info(line)
  // What ended the run is shown where it is; the reasons of the verdict would only repeat it without its place.
  for (const diagnostic of report.diagnostics.filter(isError)) host.log.report(diagnostic)
  // A cell of a matrix says why it failed. What it only remarks, and the comment, are for the job that joins all cells.
  const isCell = report.run.mode === 'build'
  const shown = annotations(withoutEnd(report)).filter((diagnostic) => !isCell || isError(diagnostic))
  for (const diagnostic of shown) host.log.report(diagnostic)
  const attempt = async (what: string, work: () => Promise<unknown>): Promise<void> => {
    try {
      await work()
    } catch (thrown) {
      host.log.report(warning('report/not-written', `The ${what} could not be written: ${messageOf(thrown)}.`, ''))
    }
  }
  const key = commentKey(options, host)
  const body = renderComment(report, { key })
  for (const [name, value] of outputsOf(report)) outputs.output(name, value)
  outputs.output('size-table', sizeTable(report))
  await attempt('report', async () => {
    const path = await writeFiles(report, body, options, host)
    if (path !== undefined) outputs.output('report', path)
  })
  await attempt('job summary', () => outputs.summary(renderSummary(report)))
  if (isCell) return
  if (report.verdict.passed) await attempt('baseline', () => keepSizes(report, options, host))
  // A cancelled run has seconds left, and the run that replaces it will write the same comment.
  if (host.signal.aborted) return
  await attempt('comment', async () => {
    const url = await untilAborted(comment(report, body, key, options, host), host.signal)
    if (url !== undefined) outputs.output('comment-url', url)
  })
}

const withoutEnd = (report: Report): Report =>
  report.diagnostics.some(isError)
    ? {
        ...report,
        verdict: { ...report.verdict, reasons: report.verdict.reasons.filter(({ addon }) => addon !== undefined) },
      }
    : report

/** What a branch builds is what its next runs and pull requests are compared with; a run that failed is never that. */
async function keepSizes(report: Report, { baseline }: Delivery, host: Host): Promise<void> {
  // `workflow_run` and `issue_comment` run on the base branch's ref, with its token, and may have built a pull request.
  if (originOf(host) !== 'owner' || !host.event.ref.startsWith('refs/heads/') || baseline === undefined) return
  const cache = await sizeCache({ baseline }, host)
  if (!cache || !mayWrite(host.environment)) return
  const { saveBaseline } = await import('../size/baseline.ts')
  for (const { size, ...target } of report.addons.flatMap(({ targets }) => targets)) {
    if (size) await saveBaseline(target, size.measure, host.event, cache)
  }
}

/** @returns the path of report.json, where it was written. What keeps one file from being written does not keep the others. */
async function writeFiles(report: Report, body: string, options: Delivery, host: Host): Promise<string | undefined> {
  const folder = reportFolder(options, host)
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

async function comment(
  report: Report,
  body: string,
  key: string,
  options: Delivery,
  host: Host,
): Promise<string | undefined> {
  const { event, log } = host
  if (!event.pullRequest || options.comment === 'never') return undefined
  const readOnly = options.githubToken ? whyReadOnly(event) : 'There is no token (input github-token).'
  if (readOnly !== undefined) {
    log.report(noComment(readOnly))
    return undefined
  }
  const [{ upsertComment }, { sharedCommentOf }] = await Promise.all([
    import('../github/comment.ts'),
    import('../report/shared-comment.ts'),
  ])
  const result = await upsertComment({
    client: await clientOf(options, host),
    repository: event.repository,
    number: event.pullRequest.number,
    key,
    body,
    run: { id: report.run.runId, attempt: report.run.runAttempt },
    policy: options.comment,
    ...(options.share && {
      shared: sharedCommentOf(
        { scope: scopeOf(options, host), architectures: options.share.architectures, tier: 'all', report },
        key,
        { partial: options.share.partial, sleep: (ms) => host.clock.sleep(ms, host.signal) },
      ),
    }),
  })
  if ('skipped' in result) {
    log.report(noComment(result.skipped))
    return undefined
  }
  log.info(`Comment ${result.action}: ${result.url}`)
  return result.url
}

const noComment = (reason: string): Diagnostic =>
  notice(
    'report/no-comment',
    `No comment was written: ${reason}`,
    'The job summary and the report files have all of it.',
  )

/** Two steps of one workflow over the same targets would share a comment; a name of their own keeps them apart. */
const commentKey = (options: Delivery, host: Host): string => options.commentKey ?? scopeOf(options, host)

/** Targets are those that are built, whether the input or `args` names them. */
const scopeOf = ({ targets }: Delivery, host: Host): string => [host.event.workflow, ...targets].join(' ')
