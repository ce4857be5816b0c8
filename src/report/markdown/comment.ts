import { count } from '../../core/text.ts'
import { writeMarker } from '../../github/comment-marker.ts'
import { headlineOf } from '../headline.ts'
import type { Report } from '../model/report.ts'
import { isActionable, isUnchanged, type Row, rowsOf } from '../rows.ts'
import { auditOf } from './audit.ts'
import { buildSection } from './build-times.ts'
import { sharedChanges } from './changes.ts'
import { contextsOf } from './context.ts'
import { detailsOf } from './details.ts'
import { evidenceOf } from './evidence.ts'
import { footer } from './footer.ts'
import { blocks, code, fence, folded, link, prose } from './markdown.ts'
import { reasonList, smokeWarnings } from './reasons.ts'
import { tableOf } from './size-table.ts'

/** GitHub refuses a comment of more characters. */
export const commentLimit = 65_536

export interface CommentOptions {
  /** Distinguishes several comments on one pull request. */
  readonly key: string
  readonly limit?: number
  /** Shown before the footer: where the report comes from. */
  readonly note?: string
}

/** How much is shown: everything; no layers and files; only rows that changed, with short logs; the verdict and a link. */
export type Tier = 'all' | 'no-files' | 'changed' | 'verdict'
export const tiers: readonly Tier[] = ['all', 'no-files', 'changed', 'verdict']

/**
 * The comment of a pull request: the verdict in the first line, the marker in the last.
 * Uses the first tier that fits into the limit; the last one always does.
 */
export function renderComment(report: Report, { key, limit = commentLimit, note }: CommentOptions): string {
  const rows = rowsOf(report)
  for (const tier of tiers) {
    const text = `${renderBody(report, rows, tier, { note })}\n\n${markerOf(report, rows, key)}\n`
    if (text.length <= limit) return text
  }
  throw new RangeError(`The comment does not fit into ${limit} characters.`)
}

/** The last line of a comment. */
export function markerOf(report: Report, rows: readonly Row[], key: string): string {
  const { runId: run, runAttempt: attempt, headSha, sha } = report.run
  return writeMarker({ key, run, attempt, head: headSha ?? sha, notable: isNotable(report, rows) })
}

/** Whether a report has a failure, a warning, a changed size or a first measurement: then `comment: on-change` creates the comment. */
export const isNotable = (report: Report, rows: readonly Row[] = rowsOf(report)): boolean =>
  !report.verdict.passed || report.verdict.warnings.some(isActionable) || rows.some((row) => !isUnchanged(row))

interface Extra {
  readonly note?: string | undefined
  /** Only in the job summary. */
  readonly chart?: string | undefined
  readonly everyBuild?: boolean
}

/** The comment shows build times only if a step took this long. */
const slowStepMs = 30_000

/** The text without the marker. */
export function renderBody(
  report: Report,
  rows: readonly Row[],
  tier: Tier,
  { note, chart, everyBuild }: Extra = {},
): string {
  const { icon, text } = headlineOf(report)
  const title = `### ${icon} ${prose(text.length > 300 ? `${text.slice(0, 300)}…` : text)}`
  const noted = note === undefined ? undefined : `> ${prose(note)}`
  if (tier === 'verdict') {
    const why = 'The report is too long for a comment.'
    return blocks(title, noted, `${why} See the ${link('job summary', report.run.url)}.`)
  }
  const several = report.addons.length > 1
  const short = tier === 'changed'
  return blocks(
    title,
    reasonList(report, several, short ? 20 : 60),
    rows
      .filter(({ state, target }) => state !== 'passed' || target.smoke?.failedTries)
      .slice(0, short ? 3 : 20)
      .flatMap((row) => evidenceOf(row, several, short ? 8 : 20) ?? [])
      .join('\n'),
    sizeSection(rows, several, !short),
    chart,
    changeList(rows, several, short ? 1 : 5),
    short ? undefined : smokeWarnings(report, several),
    short ? undefined : auditOf(report),
    short ? undefined : buildSection(rows, several, everyBuild ? 0 : slowStepMs),
    tier === 'all'
      ? [...rows.flatMap((row) => detailsOf(row, several) ?? []), contextsOf(report) ?? []].flat().join('\n')
      : undefined,
    publicationLine(report),
    short ? undefined : verifySection(report),
    noted,
    footer(report, rows),
  )
}

/** Rows that changed, failed or are new are shown; the rest is collapsed. */
function sizeSection(rows: readonly Row[], several: boolean, showUnchanged: boolean): string | undefined {
  if (rows.length === 0) return undefined
  const unchanged = rows.filter(isUnchanged)
  const changed = rows.filter((row) => !isUnchanged(row))
  const what = several ? 'image' : 'architecture'
  const title = `${count(unchanged.length, what)} ${unchanged.every(({ changeKind }) => changeKind === 'identical') ? 'identical' : 'unchanged'}`
  return blocks(
    changed.length > 0 ? tableOf(changed, several) : undefined,
    unchanged.length === 0 ? undefined : showUnchanged ? folded(title, tableOf(unchanged, several)) : `${title}.`,
  )
}

function changeList(rows: readonly Row[], several: boolean, most: number): string | undefined {
  const lines = sharedChanges(rows, several, { images: 12, most }).map(
    ({ text, names }) => `- ${names.map(code).join(' ')} ${prose(text)}`,
  )
  return lines.length === 0
    ? undefined
    : blocks('**What changed** (size on disk, unless marked “to download”)', lines.join('\n'))
}

/** A pull request is never published, so its footer mentions that instead. */
function publicationLine({ publication, addons, verdict }: Report): string | undefined {
  if (publication.status === 'not-published') {
    return verdict.passed ? undefined : `Nothing was published. ${prose(publication.reason)}`
  }
  const tags = addons.flatMap((addon) => addon.tags ?? [])
  const named = (some: typeof tags): readonly string[] => some.map(({ image, tag }) => `${image}:${tag}`)
  const kept = tags.filter((tag) => tag.kept)
  const moved = tags.filter((tag) => !tag.kept)
  const lists = moved.filter((tag) => tag.multiArch)
  const names = named(lists.length > 0 ? lists : moved)
  return [
    names.length > 0 ? `Published ${someNames(names)}.` : kept.length > 0 ? 'Nothing new was published.' : 'Published.',
    ...(kept.length > 0 ? [`Left as published before: ${someNames(named(kept))}.`] : []),
  ].join(' ')
}

/** The commands that verify the signatures, folded. */
const verifySection = ({ publication }: Report): string | undefined =>
  publication.status === 'published' && publication.verify
    ? folded('Verify the signatures', fence(publication.verify))
    : undefined

const mostNames = 6

const someNames = (names: readonly string[]): string =>
  `${names.slice(0, mostNames).map(code).join(', ')}${names.length > mostNames ? ` and ${names.length - mostNames} more` : ''}`
