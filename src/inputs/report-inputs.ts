import type { ReportOptions } from './options.ts'
import { type InputReader, sliceOf } from './reader.ts'
import { commentKey } from './values.ts'

const policies = ['auto', 'always', 'on-change', 'never'] as const

export function reportInputs(read: InputReader): ReportOptions {
  const written = read.text('comment')?.toLowerCase()
  const comment =
    written === 'false' ? 'never' : written === 'true' ? 'always' : read.choice('comment', policies, 'auto')
  const githubToken = read.text('github-token')
  if (comment === 'always' && githubToken === undefined) {
    read.refuse(
      'comment',
      'missing-token',
      '"always" needs a token, but "github-token" is empty.',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of GitHub, to be copied.
      'Remove "github-token: \'\'", or set it to "${{ github.token }}" and give the job "pull-requests: write".',
    )
  }
  return sliceOf<ReportOptions>({
    comment,
    commentKey: read.one('comment-key', 'bad-name', commentKey),
    githubToken,
    reportPath: read.text('report-path'),
    results: read.text('results'),
  })
}
