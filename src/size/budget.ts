import type { Architecture } from '../core/architecture.ts'
import { formatBytes, formatDelta, formatPercent } from '../core/bytes.ts'
import { safeLine } from '../core/text.ts'
import type { ImageMeasure } from '../image/measure.ts'
import type { Increase, LayeredBudget, PerArchitecture } from '../inputs/options.ts'
import { splitByBase } from './base.ts'
import { isOfBase, wasteText } from './describe-changes.ts'
import type { BudgetVerdict, Change, Comparison } from './result.ts'

/** Limits on download bytes. */
interface Limits {
  readonly maxSize?: number
  readonly maxIncrease?: Increase
}

/** The budgets of one architecture: of the whole image, and of the author's own layers. */
export interface Budgets extends Limits {
  readonly own?: Limits
}

/** An exception for the architecture wins over what holds for all. */
export function budgetsFor(
  { maxSize, maxIncrease }: { readonly maxSize: LayeredBudget<number>; readonly maxIncrease: LayeredBudget<Increase> },
  architecture: Architecture,
): Budgets {
  const limits = (size?: PerArchitecture<number>, increase?: PerArchitecture<Increase>): Limits => {
    const most = size?.only.get(architecture) ?? size?.all
    const more = increase?.only.get(architecture) ?? increase?.all
    return { ...(most !== undefined && { maxSize: most }), ...(more && { maxIncrease: more }) }
  }
  const own = limits(maxSize.own, maxIncrease.own)
  return { ...limits(maxSize, maxIncrease), ...(Object.keys(own).length > 0 && { own }) }
}

/** Compares one image with its budgets. Without a comparison `max-increase` is not applied: a first measurement cannot have grown. */
export function judgeSize(
  measure: ImageMeasure,
  comparison: Comparison | undefined,
  budgets: Budgets,
): BudgetVerdict[] {
  // Each hint is given once: several exceeded budgets may have the same one.
  const given = new Set<string>()
  const once = (hint: string): string => {
    if (given.has(hint)) return ''
    given.add(hint)
    return hint
  }
  const whole: Subject = {
    name: '',
    actual: measure.download,
    change: comparison?.download,
    unknown: comparison?.caveats[0] ?? 'The sizes cannot be compared.',
    hintOf: () => once(hint(measure, comparison)),
  }
  const verdicts = judgeLimits(whole, budgets)
  if (!budgets.own) return verdicts
  const own: Subject = {
    name: ' of own layers',
    actual: splitByBase(measure)?.own,
    change: comparison && (comparison.own ?? 'unknown'),
    unknown: measure.base
      ? (comparison?.caveats[0] ?? 'The layers of the base image are not known for the baseline.')
      : 'The layers of the base image are not known: it could not be read, or the image does not begin with its layers.',
    hintOf: () => once(hint(measure, comparison, true)),
  }
  return [...verdicts, ...judgeLimits(own, budgets.own).map((verdict) => ({ ...verdict, layers: 'own' as const }))]
}

/** The sizes that a budget applies to. */
interface Subject {
  /** After the name of the budget: ` of own layers`. */
  readonly name: string
  /** Actual bytes; undefined if not known. */
  readonly actual: number | undefined
  /** Undefined: there is no baseline. */
  readonly change: Change | 'unknown' | undefined
  /** Why something is not known. */
  readonly unknown: string
  readonly hintOf: () => string
}

function judgeLimits(subject: Subject, { maxSize, maxIncrease }: Limits): BudgetVerdict[] {
  return [
    ...(maxSize === undefined ? [] : [judgeTotal(subject, maxSize)]),
    ...(maxIncrease && subject.change ? judgeGrowth(subject, subject.change, maxIncrease) : []),
  ]
}

function judgeTotal({ name, actual, unknown, hintOf }: Subject, limitBytes: number): BudgetVerdict {
  const limit = formatBytes(limitBytes)
  const budget = { budget: 'max-size', limit } as const
  if (actual === undefined) return notJudged({ ...budget, limitBytes }, name, unknown)
  const over = actual > limitBytes
  const difference = formatBytes(Math.abs(actual - limitBytes))
  const message = over
    ? `${difference} over max-size${name}: ${formatBytes(actual)} to download, ${limit} allowed.${hintOf()}`
    : `${difference} below max-size${name}: ${formatBytes(actual)} to download, ${limit} allowed.`
  return { ...budget, limitBytes, actualBytes: actual, over, message }
}

/** One verdict for bytes and one for percent: over either one is over. Growth below the floor never is. */
function judgeGrowth(
  { name, unknown, hintOf }: Subject,
  change: Change | 'unknown',
  increase: Increase,
): BudgetVerdict[] {
  const before = change === 'unknown' ? undefined : change.before
  const grown = change === 'unknown' ? undefined : change.bytes
  const limits = [
    ...(increase.bytes === undefined ? [] : [{ limit: formatBytes(increase.bytes), limitBytes: increase.bytes }]),
    ...(increase.percent === undefined
      ? []
      : [
          {
            limit: formatPercent(increase.percent),
            ...(before && 'bytes' in before && { limitBytes: Math.floor((before.bytes * increase.percent) / 100) }),
          },
        ]),
  ]
  return limits.map(({ limit, limitBytes }): BudgetVerdict => {
    const budget = { budget: 'max-increase', limit } as const
    if (grown === undefined || limitBytes === undefined) return notJudged(budget, name, unknown)
    const over = grown > limitBytes && grown > (increase.floorBytes ?? 0)
    const numbers = `${formatDelta(grown)} to download, ${limit}${limit.endsWith('%') ? ` (${formatBytes(limitBytes)})` : ''} allowed`
    const message = over
      ? `${formatBytes(grown - limitBytes)} over max-increase${name}: ${numbers}.${hintOf()}`
      : `Within max-increase${name}: ${numbers}${grown > limitBytes ? `; growth below ${formatBytes(increase.floorBytes ?? 0)} does not count` : ''}.`
    return { ...budget, limitBytes, actualBytes: grown, over, message }
  })
}

/** For an unknown size, which is never within a budget: the report says that the budget was not applied. */
const notJudged = (
  budget: Pick<BudgetVerdict, 'budget' | 'limit' | 'limitBytes'>,
  name: string,
  why: string,
): BudgetVerdict => ({
  ...budget,
  actualBytes: 0,
  over: false,
  unjudged: why,
  message: `${budget.budget}${name} (${budget.limit}) was not judged. ${why}`,
})

/** Names the largest growth, else the largest hidden files, else the heaviest package. */
function hint(measure: ImageMeasure, comparison: Comparison | undefined, own = false): string {
  const grown = comparison?.changes.find((change) => change.startsWith('+') && !(own && isOfBase(change)))
  if (grown) return ` Look first at ${grown}.`
  const first = own ? (measure.base?.layers ?? 0) : 0
  const waste = measure.contents?.waste.find(({ writtenBy }) => writtenBy >= first)
  if (waste && waste.bytes > measure.download / 20)
    return ` Look first at ${formatBytes(waste.bytes)} stored but hidden: ${wasteText(waste, measure)}.`
  const heaviest = measure.contents?.packages.find(({ layer = 0 }) => layer >= first)
  if (heaviest)
    return ` Look first at the heaviest package: ${safeLine(heaviest.name)} with ${formatBytes(heaviest.bytes)}.`
  return ''
}
