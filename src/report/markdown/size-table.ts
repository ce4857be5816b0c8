import { bar, duration, none, share, size } from '../figures.ts'
import { changeInWords, iconOf } from '../headline.ts'
import type { Report } from '../model/report.ts'
import { limitOf, type Row, rowsOf, usedOf } from '../rows.ts'
import { type Column, code, prose, table } from './markdown.ts'

interface Shown {
  readonly column: Column
  readonly cell: (row: Row, rows: readonly Row[]) => string
  /** The column is left out when no row has anything for it. */
  readonly when?: (row: Row) => boolean
}

/** Before, after and reduction stand first and in this order, as in the AICleaner guide. They are download sizes. */
const columns: readonly Shown[] = [
  { column: { title: 'Architecture' }, cell: architectureCell },
  { column: { title: 'Before', align: 'right' }, cell: (row) => size(row.before) },
  { column: { title: 'After', align: 'right' }, cell: afterCell },
  { column: { title: 'Reduction', align: 'right' }, cell: reductionCell },
  {
    column: { title: 'On disk', align: 'right' },
    cell: (row) => size(row.onDisk),
    when: (row) => row.onDisk !== undefined,
  },
  {
    column: { title: 'Update', align: 'right' },
    cell: (row) => size(row.update),
    when: (row) => row.update !== undefined,
  },
  { column: { title: 'Smoke test' }, cell: smokeCell, when: ({ target }) => target.smoke !== undefined },
  { column: { title: 'Budget' }, cell: budgetCell, when: (row) => row.budget !== undefined },
]

/** The `size-table` output: every image of the run, as a Markdown table. */
export const sizeTable = (report: Report): string => tableOf(rowsOf(report), report.addons.length > 1)

/** Rows as a table; `several` puts the add-on's name in front. Columns without content are left out. */
export function tableOf(rows: readonly Row[], several: boolean): string {
  const shown = columns.filter(({ when }) => !when || rows.some(when))
  const addon: readonly Shown[] = several ? [{ column: { title: 'Add-on' }, cell: (row) => code(row.addon) }] : []
  const all = [...addon, ...shown]
  return table(
    all.map(({ column }) => (column.title === 'Budget' ? budgetColumn(rows) : column)),
    rows.map((row) => all.map(({ column, cell }) => (column.align ? unbroken(cell(row, rows)) : cell(row, rows)))),
  )
}

/** A figure keeps its unit: in a narrow column it would stand in the next line. */
const unbroken = (figure: string): string => figure.replace(/(?<=\d) (?=[kMGT]?B\b|%)/g, '\u00a0')

function architectureCell({ state, target }: Row): string {
  const name = code(target.architecture)
  return state === 'passed' ? name : `${iconOf(state)} ${name}`
}

function afterCell(row: Row): string {
  const { build, sizeError } = row.target
  if (build.status === 'failed') return '**build failed**'
  if (build.status === 'cancelled') return 'cancelled'
  return row.after ? size(row.after) : sizeError !== undefined ? 'not measured' : none
}

function reductionCell(row: Row): string {
  switch (row.changeKind) {
    case 'not-measured':
      return none
    case 'first':
      return 'first measurement'
    case 'identical':
      return 'identical image'
    case 'not-comparable':
      return 'not comparable'
    case 'unchanged':
      return 'unchanged'
    case 'changed':
      return (row.change?.bytes ?? 0) > 0 ? `**${changeInWords(row)}**` : changeInWords(row)
  }
}

function smokeCell({ target: { smoke } }: Row): string {
  if (!smoke) return none
  if (smoke.status === 'failed') return '**failed**'
  if (smoke.status === 'skipped') return 'skipped'
  return smoke.timeToHealthyMs === undefined
    ? `passed in ${duration(smoke.durationMs)}`
    : `healthy in ${duration(smoke.timeToHealthyMs)}`
}

/** A limit that all rows share stands in the head: the table has to fit beside the sizes. */
function budgetColumn(rows: readonly Row[]): Column {
  const limit = sharedLimit(rows)
  return { title: limit === undefined ? 'Budget' : `Budget ${prose(limit)}` }
}

function sharedLimit(rows: readonly Row[]): string | undefined {
  const limits = new Set(rows.flatMap(({ budget }) => (budget ? [limitOf(budget)] : [])))
  return limits.size === 1 ? [...limits][0] : undefined
}

function budgetCell({ budget }: Row, rows: readonly Row[]): string {
  if (!budget) return none
  if (budget.unjudged !== undefined) return 'not checked'
  const used = usedOf(budget)
  const figure = used === undefined ? '' : `${bar(used)} ${share(used)}`
  const limit = sharedLimit(rows) === undefined ? prose(limitOf(budget)) : ''
  const text = [figure, limit].filter((part) => part !== '').join(' of ')
  return budget.over ? `**${text || 'over'}**` : text || 'under'
}
