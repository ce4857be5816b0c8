import { formatDuration } from '../core/duration.ts'
import { none, share, size } from './figures.ts'
import { changeInWords } from './headline.ts'
import { limitOf, type Row, usedOf } from './rows.ts'

/** A column of the table of images. Terminal and HTML show its plain text; Markdown adds emphasis. */
export interface TextColumn {
  readonly title: string
  readonly right?: boolean
  readonly text: (row: Row) => string
  /** Whether the cell is emphasized. */
  readonly strong?: (row: Row) => boolean
  /** Whether a row has content for the column. A column without content is left out. */
  readonly when?: (row: Row) => boolean
}

const changes: Readonly<Record<Row['changeKind'], (row: Row) => string>> = {
  'not-measured': () => none,
  first: () => 'first measurement',
  identical: () => 'identical image',
  unchanged: () => 'unchanged',
  'not-comparable': () => 'not comparable',
  changed: changeInWords,
}

/** Before, after and reduction come first and in this order: they answer what most readers ask. They are download sizes. */
const columns: readonly TextColumn[] = [
  { title: 'Architecture', text: ({ target }) => target.architecture },
  { title: 'Before', right: true, text: (row) => size(row.before) },
  { title: 'After', right: true, text: afterText, strong: ({ target }) => target.build.status === 'failed' },
  {
    title: 'Reduction',
    right: true,
    text: (row) => changes[row.changeKind](row),
    strong: ({ changeKind, change }) => changeKind === 'changed' && (change?.bytes ?? 0) > 0,
  },
  { title: 'On disk', right: true, text: (row) => size(row.onDisk), when: (row) => row.onDisk !== undefined },
  { title: 'Update', right: true, text: (row) => size(row.update), when: (row) => row.update !== undefined },
  {
    title: 'Smoke test',
    text: smokeText,
    strong: ({ target }) => target.smoke?.status === 'failed',
    when: ({ target }) => target.smoke !== undefined,
  },
  { title: 'Budget', text: budgetText, when: (row) => row.budget !== undefined },
]

/** The columns that have content for these rows; `several` adds the name of the add-on in front. */
export function textColumns(rows: readonly Row[], several: boolean): readonly TextColumn[] {
  const addon: readonly TextColumn[] = several ? [{ title: 'Add-on', text: (row) => row.addon }] : []
  return [...addon, ...columns.filter(({ when }) => !when || rows.some(when))]
}

function afterText({ target, after }: Row): string {
  if (target.build.status === 'failed') return 'build failed'
  if (target.build.status === 'cancelled') return 'cancelled'
  return after ? size(after) : target.sizeError === undefined ? none : 'not measured'
}

function smokeText({ target: { smoke } }: Row): string {
  if (!smoke) return none
  if (smoke.status !== 'passed') return smoke.status
  const { timeToHealthyMs, durationMs, failedTries = [] } = smoke
  const passed =
    timeToHealthyMs === undefined
      ? `passed in ${formatDuration(durationMs)}`
      : `healthy in ${formatDuration(timeToHealthyMs)}`
  return failedTries.length > 0 ? `${passed} (try ${failedTries.length + 1})` : passed
}

function budgetText({ budget }: Row): string {
  if (!budget) return none
  if (budget.unjudged !== undefined) return 'not checked'
  const used = usedOf(budget)
  return `${budget.over ? 'over: ' : ''}${used === undefined ? '' : `${share(used)} of `}${limitOf(budget)}`
}
