import { duration, none, share, size } from './figures.ts'
import { changeInWords } from './headline.ts'
import { limitOf, type Row, usedOf } from './rows.ts'

/** A column of the table of images in plain text: what terminal and HTML show. */
export interface TextColumn {
  readonly title: string
  readonly right?: boolean
  readonly text: (row: Row) => string
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

const columns: readonly TextColumn[] = [
  { title: 'Architecture', text: ({ target }) => target.architecture },
  { title: 'Before', right: true, text: (row) => size(row.before) },
  { title: 'After', right: true, text: afterText },
  { title: 'Reduction', right: true, text: (row) => changes[row.changeKind](row) },
  { title: 'On disk', right: true, text: (row) => size(row.onDisk), when: (row) => row.onDisk !== undefined },
  { title: 'Update', right: true, text: (row) => size(row.update), when: (row) => row.update !== undefined },
  { title: 'Smoke test', text: smokeText, when: ({ target }) => target.smoke !== undefined },
  { title: 'Budget', text: budgetText, when: (row) => row.budget !== undefined },
]

/** Those columns that have something to say; `several` puts the add-on's name in front. */
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
  const { timeToHealthyMs, durationMs } = smoke
  return timeToHealthyMs === undefined ? `passed in ${duration(durationMs)}` : `healthy in ${duration(timeToHealthyMs)}`
}

function budgetText({ budget }: Row): string {
  if (!budget) return none
  if (budget.unjudged !== undefined) return 'not checked'
  const used = usedOf(budget)
  const part = used === undefined ? '' : `${share(used)} of `
  return `${budget.over ? 'over: ' : ''}${part}${limitOf(budget)}`
}
