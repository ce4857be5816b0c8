import type { Architecture } from '../core/architecture.ts'
import { formatBytes, formatDelta, formatPercent } from '../core/bytes.ts'
import { plain } from '../core/text.ts'
import type { ImageMeasure } from '../image/measure.ts'
import type { Increase, LayeredBudget, PerArchitecture } from '../inputs/options.ts'
import { splitByBase } from './base.ts'
import { isOfBase, wasteText } from './describe.ts'
import type { BudgetVerdict, Change, Comparison } from './result.ts'

/** Both are on download bytes. */
export interface Limits {
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

/** Judges one image. Without a comparison growth is not judged: a first measurement cannot have grown. */
export function judgeSize(
  measure: ImageMeasure,
  comparison: Comparison | undefined,
  budgets: Budgets,
): BudgetVerdict[] {
  // Where several budgets are passed, all would point at the same.
  const said = new Set<string>()
  const once = (text: string): string => {
    if (said.has(text)) return ''
    said.add(text)
    return text
  }
  const whole: Subject = {
    name: '',
    actual: measure.download,
    change: comparison?.download,
    unknown: comparison?.caveats[0] ?? 'The sizes do not compare.',
    firstLook: () => once(firstLook(measure, comparison)),
  }
  const verdicts = judgeLimits(whole, budgets)
  if (!budgets.own) return verdicts
  const own: Subject = {
    name: ' of own layers',
    actual: splitByBase(measure)?.own.download,
    change: comparison && (comparison.own ?? 'unknown'),
    unknown: measure.base
      ? (comparison?.caveats[0] ?? 'Of the baseline it is not known which layers are of its base image.')
      : 'It is not known which layers are of the base image: it could not be read, or the image does not begin with it.',
    firstLook: () => once(firstLook(measure, comparison, true)),
  }
  return [...verdicts, ...judgeLimits(own, budgets.own).map((verdict) => ({ ...verdict, layers: 'own' as const }))]
}

/** What a budget is about. */
interface Subject {
  /** After the name of the budget: ` of own layers`. */
  readonly name: string
  /** Undefined: not known. */
  readonly actual: number | undefined
  /** Undefined: there is nothing to compare with. */
  readonly change: Change | 'unknown' | undefined
  /** Why something is not known. */
  readonly unknown: string
  readonly firstLook: () => string
}

function judgeLimits(subject: Subject, { maxSize, maxIncrease }: Limits): BudgetVerdict[] {
  return [
    ...(maxSize === undefined ? [] : [judgeTotal(subject, maxSize)]),
    ...(maxIncrease && subject.change ? judgeGrowth(subject, subject.change, maxIncrease) : []),
  ]
}

function judgeTotal({ name, actual, unknown, firstLook: look }: Subject, limitBytes: number): BudgetVerdict {
  const limit = formatBytes(limitBytes)
  const budget = { budget: 'max-size', limit } as const
  if (actual === undefined) return notJudged({ ...budget, limitBytes }, name, unknown)
  const over = actual > limitBytes
  const difference = formatBytes(Math.abs(actual - limitBytes))
  const message = over
    ? `${difference} over max-size${name}: ${formatBytes(actual)} to download, ${limit} allowed.${look()}`
    : `${difference} below max-size${name}: ${formatBytes(actual)} to download, ${limit} allowed.`
  return { ...budget, limitBytes, actualBytes: actual, over, message }
}

/** One verdict for bytes and one for percent: over either one is over. Growth below the floor never is. */
function judgeGrowth(
  { name, unknown, firstLook: look }: Subject,
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
    const said = `${formatDelta(grown)} to download, ${limit}${limit.endsWith('%') ? ` (${formatBytes(limitBytes)})` : ''} allowed`
    const message = over
      ? `${formatBytes(grown - limitBytes)} over max-increase${name}: ${said}.${look()}`
      : `Within max-increase${name}: ${said}${grown > limitBytes ? `; growth below ${formatBytes(increase.floorBytes ?? 0)} does not count` : ''}.`
    return { ...budget, limitBytes, actualBytes: grown, over, message }
  })
}

/** Unknown is never within a budget: whoever set one has to hear that nobody watched it. */
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

/** What a person would look at first: what grew most, else what is stored for nothing, else what is heaviest. */
function firstLook(measure: ImageMeasure, comparison: Comparison | undefined, own = false): string {
  const grown = comparison?.changes.find((change) => change.startsWith('+') && !(own && isOfBase(change)))
  if (grown) return ` Look first at ${grown}.`
  const first = own ? (measure.base?.layers ?? 0) : 0
  const waste = measure.contents?.waste.find(({ writtenBy }) => writtenBy >= first)
  if (waste && waste.bytes > measure.download / 20)
    return ` Look first at ${formatBytes(waste.bytes)} stored but hidden: ${wasteText(waste, measure)}.`
  const heaviest = measure.contents?.packages.find(({ layer = 0 }) => layer >= first)
  if (heaviest)
    return ` Look first at the heaviest package: ${plain(heaviest.name)} with ${formatBytes(heaviest.bytes)}.`
  return ''
}
