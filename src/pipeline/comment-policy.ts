import type { UpsertOptions } from '../github/comment-options.ts'
import type { Options } from '../inputs/options.ts'
import type { Report } from '../report/model/report.ts'

/**
 * When the comment of a report is written. If there was nothing to build, no pull request gets a first comment about that, except with `comment: always`. A
 * comment that exists is updated: it may show an earlier commit. Pure.
 */
export const commentPolicy = (report: Report, wanted: Options['comment']): UpsertOptions['policy'] =>
  isEmpty(report) && wanted !== 'always' && wanted !== 'never' ? 'update' : wanted

/** A run that failed before it had images is not empty: its comment has the reason. */
const isEmpty = ({ verdict, addons }: Report): boolean =>
  verdict.passed && addons.every(({ targets }) => targets.length === 0)
