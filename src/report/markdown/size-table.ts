import { type TextColumn, textColumns } from '../columns.ts'
import { bar, none, share } from '../figures.ts'
import { iconOf } from '../headline.ts'
import type { Report } from '../model/report.ts'
import { limitOf, type Row, rowsOf, usedOf } from '../rows.ts'
import { code, prose, table } from './markdown.ts'

/** The `size-table` output: every image of the run, as a Markdown table. */
export const sizeTable = (report: Report): string => tableOf(rowsOf(report), report.addons.length > 1)

/** Rows as a table; `several` adds the name of the add-on in front. Columns without content are left out. */
export function tableOf(rows: readonly Row[], several: boolean): string {
  const columns = textColumns(rows, several)
  return table(
    columns.map(({ title, right = false }) => (title === 'Budget' ? budgetTitle(rows) : { title, right })),
    rows.map((row) => columns.map((column) => cellOf(column, row, rows))),
  )
}

function cellOf({ title, text, strong, right }: TextColumn, row: Row, rows: readonly Row[]): string {
  if (title === 'Add-on') return code(row.addon)
  if (title === 'Architecture') return architectureCell(row)
  if (title === 'Budget') return budgetCell(row, rows)
  const figure = right ? unbroken(text(row)) : text(row)
  return strong?.(row) ? `**${figure}**` : figure
}

/** A figure keeps its unit: a narrow column would break the line between them. */
const unbroken = (figure: string): string => figure.replace(/(?<=\d) (?=[kMGT]?B\b|%)/g, '\u00a0')

function architectureCell({ state, target }: Row): string {
  const name = code(target.architecture)
  return state === 'passed' ? name : `${iconOf(state)} ${name}`
}

/** A limit that all rows share is in the header, to keep the table narrow. */
function budgetTitle(rows: readonly Row[]): string {
  return ['Budget', ...sharedLimit(rows).map(prose)].join(' ')
}

function sharedLimit(rows: readonly Row[]): readonly string[] {
  const limits = new Set(rows.flatMap(({ budget }) => (budget ? [limitOf(budget)] : [])))
  return limits.size === 1 ? [...limits] : []
}

function budgetCell({ budget }: Row, rows: readonly Row[]): string {
  if (!budget) return none
  if (budget.unjudged !== undefined) return 'not checked'
  const used = usedOf(budget)
  const figure = used === undefined ? '' : `${bar(used)} ${share(used)}`
  const limit = sharedLimit(rows).length === 0 ? prose(limitOf(budget)) : ''
  const text = [figure, limit].filter((part) => part !== '').join(' of ')
  return budget.over ? `**${text || 'over'}**` : text || 'under'
}
