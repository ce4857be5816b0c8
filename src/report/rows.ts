import type { Size } from '../core/digest.ts'
import type { BudgetVerdict, Change } from '../size/result.ts'
import type { Reason, Report, TargetReport } from './model/report.ts'

export type RowState = 'passed' | 'warned' | 'failed'

/** One image as every table shows it. Comment, summary, terminal and HTML stand on this, so that they never disagree. */
export interface Row {
  readonly addon: string
  readonly addonName: string
  readonly target: TargetReport
  readonly state: RowState
  readonly reasons: readonly Reason[]
  readonly warnings: readonly Reason[]
  /** Download size. */
  readonly before?: Size
  readonly after?: Size
  readonly change?: Change
  readonly onDisk?: Size
  readonly update?: Size
  readonly budget?: BudgetVerdict
  readonly news: News
}

/** What there is to say of a size. `unchanged`: the same bytes but for what compression makes of a time stamp. */
export type News = 'not-measured' | 'first' | 'identical' | 'unchanged' | 'changed' | 'not-comparable'

/** Less than this in every measure shows as 0.0 MB. */
export const noise = 50_000

export function rowsOf(report: Report): readonly Row[] {
  return report.addons.flatMap((addon) =>
    addon.targets.map((target) => rowOf(report, addon.name || addon.slug, target)),
  )
}

function rowOf({ verdict }: Report, addonName: string, target: TargetReport): Row {
  // A reason of the whole add-on is shown once, above the table; a row fails by its own reasons only.
  const own = ({ addon, architecture }: Reason): boolean =>
    addon === target.addon && architecture === target.architecture
  const reasons = verdict.reasons.filter(own)
  const warnings = verdict.warnings.filter((reason) => own(reason) && isLoud(reason))
  const failed = reasons.length > 0 || target.build.status !== 'built'
  const warned = warnings.length > 0 || target.smoke?.status === 'failed' || target.sizeError !== undefined
  const { size } = target
  const budget = tightest(size?.budgets ?? [])
  return {
    addon: target.addon,
    addonName,
    target,
    state: failed ? 'failed' : warned ? 'warned' : 'passed',
    reasons,
    warnings,
    ...(size && { after: { bytes: size.measure.download }, onDisk: size.measure.onDisk }),
    ...(size?.comparison && {
      before: size.comparison.download.before,
      change: size.comparison.download,
      update: size.comparison.update,
    }),
    ...(budget && { budget }),
    news: newsOf(target),
  }
}

/**
 * A warning that belongs to this change. What audit and smoke checks remark is true of every run until somebody mends it:
 * a verdict that shows it each time would soon not be read.
 */
export const isLoud = ({ gate }: Reason): boolean => gate !== 'audit' && gate !== 'smoke'

function newsOf({ size }: TargetReport): News {
  if (!size) return 'not-measured'
  const { comparison } = size
  if (!comparison) return 'first'
  if (comparison.identical) return 'identical'
  const { download, onDisk } = comparison
  if (download.bytes === undefined) return 'not-comparable'
  const small = (bytes: number | undefined): boolean => bytes === undefined || Math.abs(bytes) < noise
  return small(download.bytes) && small(onDisk.bytes) ? 'unchanged' : 'changed'
}

/** Nothing in this row asks for a look. */
export const isQuiet = (row: Row): boolean =>
  row.state === 'passed' && (row.news === 'identical' || row.news === 'unchanged')

export const usedOf = ({ actualBytes, limitBytes }: BudgetVerdict): number | undefined =>
  limitBytes === undefined || limitBytes <= 0 ? undefined : actualBytes / limitBytes

/** `120.0 MB`, `+5 %`, `own +2.0 MB`: what a budget allows, in few words. */
export const limitOf = ({ budget, limit, layers }: BudgetVerdict): string =>
  `${layers === 'own' ? 'own ' : ''}${budget === 'max-increase' ? '+' : ''}${limit}`

/** The one that is over, else one that nobody could judge, else the one that is nearest to its limit. */
function tightest(budgets: readonly BudgetVerdict[]): BudgetVerdict | undefined {
  const used = (budget: BudgetVerdict): number =>
    (budget.over ? 1e9 : budget.unjudged === undefined ? 0 : 1e6) + (usedOf(budget) ?? 0)
  return [...budgets].sort((a, b) => used(b) - used(a))[0]
}

/** The message of a reason without the architecture or add-on that it may begin with: tables and lists name them already. */
export function messageOf({ addon, architecture, message }: Reason): string {
  let text = message
  for (const prefix of [`${addon}/${architecture}`, addon, architecture]) {
    if (prefix !== undefined && text.startsWith(`${prefix}: `)) text = text.slice(prefix.length + 2)
  }
  return text
}
