import type { Size } from '../core/bytes.ts'
import type { BudgetVerdict, Change } from '../size/result.ts'
import type { Reason, Report, TargetReport } from './model/report.ts'

type RowState = 'passed' | 'warned' | 'failed'

/** One image as every table shows it. Comment, summary, terminal and HTML all use it, so that they never disagree. */
export interface Row {
  readonly addon: string
  readonly addonName: string
  readonly target: TargetReport
  readonly state: RowState
  /** Download size. */
  readonly before?: Size
  readonly after?: Size
  readonly change?: Change
  readonly onDisk?: Size
  readonly update?: Size
  readonly budget?: BudgetVerdict
  readonly changeKind: ChangeKind
}

/** How the size of an image relates to its baseline. `unchanged`: any difference is below `noticeableBytes`. */
type ChangeKind = 'not-measured' | 'first' | 'identical' | 'unchanged' | 'changed' | 'not-comparable'

/** Bytes. A smaller change would show as 0.0 MB. */
export const noticeableBytes = 50_000

export function rowsOf(report: Report): readonly Row[] {
  return report.addons.flatMap((addon) =>
    addon.targets.map((target) => rowOf(report, addon.name || addon.slug, target)),
  )
}

function rowOf({ verdict }: Report, addonName: string, target: TargetReport): Row {
  // A reason of the whole add-on is shown once, above the table; a row fails by its own reasons only.
  const own = ({ addon, architecture }: Reason): boolean =>
    addon === target.addon && architecture === target.architecture
  const failed = verdict.reasons.some(own) || target.build.status !== 'built'
  const warned =
    verdict.warnings.some((reason) => own(reason) && isActionable(reason)) ||
    target.smoke?.status === 'failed' ||
    target.sizeError !== undefined
  const { size } = target
  const budget = tightest(size?.budgets ?? [])
  return {
    addon: target.addon,
    addonName,
    target,
    state: failed ? 'failed' : warned ? 'warned' : 'passed',
    ...(size && { after: { bytes: size.measure.download }, onDisk: size.measure.onDisk }),
    ...(size?.comparison && {
      before: size.comparison.download.before,
      change: size.comparison.download,
      update: size.comparison.update,
    }),
    ...(budget && { budget }),
    changeKind: changeKindOf(target),
  }
}

/**
 * A warning that belongs to this change. Warnings of the audit and of smoke checks repeat in every run until they are fixed: a verdict that
 * showed them each time would soon be ignored.
 */
export const isActionable = ({ gate }: Reason): boolean => gate !== 'audit' && gate !== 'smoke'

function changeKindOf({ size }: TargetReport): ChangeKind {
  if (!size) return 'not-measured'
  const { comparison } = size
  if (!comparison) return 'first'
  if (comparison.identical) return 'identical'
  const { download, onDisk } = comparison
  if (download.bytes === undefined) return 'not-comparable'
  const small = (bytes: number | undefined): boolean => bytes === undefined || Math.abs(bytes) < noticeableBytes
  return small(download.bytes) && small(onDisk.bytes) ? 'unchanged' : 'changed'
}

/** The row passed and its size is the same as before. */
export const isUnchanged = (row: Row): boolean =>
  row.state === 'passed' && (row.changeKind === 'identical' || row.changeKind === 'unchanged')

export const usedOf = ({ actualBytes, limitBytes }: BudgetVerdict): number | undefined =>
  limitBytes === undefined || limitBytes <= 0 ? undefined : actualBytes / limitBytes

/** The limit of a budget in few words: `120.0 MB`, `+5 %`, `+2.0 MB own layers`. */
export const limitOf = ({ budget, limit, layers }: BudgetVerdict): string =>
  `${budget === 'max-increase' ? '+' : ''}${limit}${layers === 'own' ? ' own layers' : ''}`

/** The budget that is exceeded, else one that could not be checked, else the one nearest to its limit. */
function tightest(budgets: readonly BudgetVerdict[]): BudgetVerdict | undefined {
  const used = (budget: BudgetVerdict): number =>
    (budget.over ? 1e9 : budget.unjudged === undefined ? 0 : 1e6) + (usedOf(budget) ?? 0)
  return [...budgets].sort((a, b) => used(b) - used(a))[0]
}

/** The message without a leading add-on or architecture, which tables and lists already name. */
export function shortMessage({ addon, architecture, message }: Reason): string {
  let text = message
  for (const prefix of [`${addon}/${architecture}`, addon, architecture]) {
    if (prefix !== undefined && text.startsWith(`${prefix}: `)) text = text.slice(prefix.length + 2)
  }
  return text
}
