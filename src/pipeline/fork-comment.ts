import { isAbsolute, join } from 'node:path'
import { error, Failure, notice } from '../core/diagnostics.ts'
import type { Host } from '../core/host.ts'
import { clientOf } from '../github/open-client.ts'
import type { Options } from '../inputs/options.ts'
import { readArtifact } from '../report/artifact.ts'
import type { ActionOutputs } from './deliver-report.ts'

type ForkOptions = Pick<Options, 'results' | 'githubToken' | 'comment' | 'commentKey'>

/** `mode: publish` on `workflow_run`: the run of a fork has ended, and this one, of the base repository, may write what it could not. */
export const isForkComment = ({ mode, results }: Pick<Options, 'mode' | 'results'>, host: Host): boolean =>
  mode === 'publish' && host.event.name === 'workflow_run' && results !== undefined

/**
 * Writes the comment from the report that the fork's run left as an artifact. Nothing is checked out and nothing is built.
 * Throws a Failure (`artifact`) when there is no report.
 */
export async function postFork(options: ForkOptions, host: Host, outputs: ActionOutputs): Promise<void> {
  const folder = options.results ?? ''
  const file = join(isAbsolute(folder) ? '' : host.workspace, folder, 'report.json')
  const { largestReport, unreadableReport } = await import('../report/model/read.ts')
  const report = await readArtifact(file, largestReport)
  if (report === undefined) {
    throw new Failure('artifact', [
      error(
        'publish/no-report',
        `There is no report at ${file}.`,
        'Download the artifact of the run that ended into the folder that "results" names; docs/examples/comment-from-fork.yml shows how.',
      ),
    ])
  }
  if ('refused' in report) {
    const { message, remedy } = unreadableReport(report.refused).diagnostic
    host.log.report(notice('report/no-comment', `No comment was written: ${message}`, remedy))
    return
  }
  const { postFromArtifact } = await import('./comment-from-artifact.ts')
  const result = await postFromArtifact({
    client: await clientOf(options, host),
    payload: host.payload,
    report: report.text,
    key: options.commentKey ?? host.event.workflow,
    policy: options.comment,
  })
  if ('skipped' in result) {
    host.log.report(notice('report/no-comment', `No comment was written: ${result.skipped}`, ''))
    return
  }
  host.log.info(`Comment ${result.action}: ${result.url}`)
  outputs.output('comment-url', result.url)
}
