import type { Size } from '../../core/bytes.ts'
import type { Report } from '../model/report.ts'
import { type Row, rowsOf } from '../rows.ts'
import { renderBody, tiers } from './comment.ts'
import { visible } from './markdown.ts'

/** GitHub accepts 1 MiB of summary for each step. In bytes, with room for the output of other steps. */
const summaryLimit = 1_000_000

/** The job summary: the comment with a chart and a higher limit. */
export function renderSummary(report: Report, { limit = summaryLimit }: { limit?: number } = {}): string {
  const rows = rowsOf(report)
  for (const tier of tiers) {
    const text = `${renderBody(report, rows, tier, { chart: chart(rows), everyBuild: true })}\n`
    if (Buffer.byteLength(text) <= limit) return text
  }
  throw new RangeError(`The summary does not fit into ${limit} bytes.`)
}

/** Overlapping bars are unreadable, so after is a bar and before is a line. Undefined for one image: a single bar compares nothing. */
export function chart(rows: readonly Row[], most = 12): string | undefined {
  const measured = rows.filter(({ after }) => after && 'bytes' in after)
  const several = new Set(measured.map(({ addon }) => addon)).size > 1
  const shown = [...measured]
    .sort((a, b) => Math.abs(b.change?.bytes ?? 0) - Math.abs(a.change?.bytes ?? 0))
    .slice(0, most)
    // The selected rows in the order of the table.
    .sort((a, b) => rows.indexOf(a) - rows.indexOf(b))
  if (shown.length < 2) return undefined
  const after = shown.flatMap((row) => megabytes(row.after))
  const before = shown.flatMap((row) => megabytes(row.before))
  const isCompared = before.length === shown.length
  const top = Math.ceil(Math.max(1, ...after, ...before) * 1.1)
  const names = shown.map(({ addon, target }) => label(`${several ? `${addon} ` : ''}${target.architecture}`))
  return [
    '```mermaid',
    'xychart-beta',
    `  title "Download in MB${isCompared ? ': bar after, line before' : ''}"`,
    `  x-axis [${names.join(', ')}]`,
    `  y-axis "MB" 0 --> ${top}`,
    `  bar [${after.join(', ')}]`,
    ...(isCompared ? [`  line [${before.join(', ')}]`] : []),
    '```',
  ].join('\n')
}

const megabytes = (size: Size | undefined): readonly number[] =>
  size && 'bytes' in size ? [Number((size.bytes / 1e6).toFixed(1))] : []

/** Mermaid has no escape in a quoted label: special characters become a dash. */
const label = (text: string): string =>
  `"${visible(text)
    .replace(/[^\p{L}\p{N} ._/-]/gu, '-')
    .slice(0, 40)}"`
