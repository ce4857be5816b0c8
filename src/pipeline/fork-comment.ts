import { isAbsolute, join } from 'node:path'
import { error, Failure, notice } from '../core/diagnostics.ts'
import type { Host } from '../core/host.ts'
import { clientOf } from '../github/open-client.ts'
import type { Options } from '../inputs/options.ts'
import { readArtifact } from '../report/artifact.ts'
import type { ActionOutputs } from './deliver-report.ts'

type ForkOptions = Pick<Options, 'results' | 'githubToken' | 'comment' | 'commentKey'>

/**
 * Writes the comment from the report artifact of the fork's run. Checks out and builds nothing.
 * Throws a Failure (`artifact`) if there is no report.
 */
export async function postForkComment(options: ForkOptions, host: Host, outputs: ActionOutputs): Promise<void> {
  const folder = options.results ?? ''
  const file = join(isAbsolute(folder) ? '' : host.workspace, folder, 'report.json')
  const { largestReport, unreadableReport } = await import('../report/model/read.ts')
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
