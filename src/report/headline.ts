import { count, enumerate } from '../core/text.ts'
import { formatBytes, signedBytes, signedPercent } from './figures.ts'
import type { Reason, Report } from './model/report.ts'
import { isActionable, noticeableBytes, type Row, rowsOf } from './rows.ts'

interface Headline {
  readonly state: 'passed' | 'warned' | 'failed' | 'cancelled'
  readonly icon: string
  /** Plain text, one line: `AICleaner v3 1.2.3: 3 architectures passed, 69.3 MB smaller (−27.1 %)`. */
  readonly text: string
}

const icons = { passed: '✅', warned: '⚠️', failed: '❌', cancelled: '⏹️' } as const
export const iconOf = (state: Headline['state']): string => icons[state]

/** The verdict in one line, at the beginning of comment, summary, HTML page and terminal output. */
export function headlineOf(report: Report): Headline {
  const { verdict } = report
  const rows = rowsOf(report)
  const state = verdict.reasons.some(({ gate }) => gate === 'cancelled')
    ? 'cancelled'
    : !verdict.passed
      ? 'failed'
      : verdict.warnings.some(isActionable) || rows.some((row) => row.state === 'warned')
        ? 'warned'
        : 'passed'
  const what = verdict.passed ? passed(report, rows) : failed(report, rows)
  return { state, icon: icons[state], text: `${subject(report)}: ${what}` }
}

/** `AICleaner v3 1.2.3`, or `60 add-ons`. */
export function subject({ addons }: Report): string {
  const [first] = addons
  if (addons.length !== 1 || !first) return addons.length === 0 ? 'aicleaner-build' : count(addons.length, 'add-on')
  return `${first.name || first.slug} ${first.version}`.trim()
}

function passed(report: Report, rows: readonly Row[]): string {
  if (rows.length === 0) return 'nothing to build'
  const images = report.addons.length > 1 ? count(rows.length, 'image') : count(rows.length, 'architecture')
  const warnings = report.verdict.warnings.filter(isActionable).length
  return [`${images} passed`, ...(warnings ? [`with ${count(warnings, 'warning')}`] : []), sizeInWords(rows)]
    .filter((part) => part !== '')
    .join(', ')
}

/** `69.3 MB smaller (−27.1 %)`, `identical images`, `first measurement`. */
export function sizeInWords(rows: readonly Row[]): string {
  const measured = rows.filter(({ changeKind }) => changeKind !== 'not-measured')
  if (measured.length === 0) return ''
  if (measured.every(({ changeKind }) => changeKind === 'first')) return 'first measurement'
  if (measured.every(({ changeKind }) => changeKind === 'identical'))
    return measured.length === 1 ? 'identical image' : 'identical images'
  const compared = measured.filter(({ change }) => change?.bytes !== undefined)
  if (compared.length === 0) return 'sizes not comparable'
  const changed = compared.filter(({ changeKind }) => changeKind === 'changed')
  if (changed.length === 0) return 'no change in size'
  const base = changed.every(inBaseOnly) ? ', all of it in the base image' : ''
  return `${changedNames(changed, measured)}${growth(changed)}${base}`
}

/** Names the images that changed: the architectures if there is one add-on, else the number of images. Empty if all changed. */
function changedNames(changed: readonly Row[], measured: readonly Row[]): string {
  if (changed.length === measured.length) return ''
  const several = new Set(measured.map(({ addon }) => addon)).size > 1
  return several
    ? `${changed.length} of ${count(measured.length, 'image')} `
    : `${enumerate(changed.map(({ target }) => target.architecture))} `
}

/** `3.1 MB larger (+8.4 %)`. A device pulls one image, so of several images this is the largest change, never the sum. */
function growth(changed: readonly Row[]): string {
  const changes = changed.flatMap(({ change }) =>
    change?.bytes === undefined ? [] : [{ ...change, bytes: change.bytes }],
  )
  const sorted = changes.toSorted((a, b) => a.bytes - b.bytes)
  const [least, largest] = [sorted[0], sorted.at(-1)]
  if (!least || !largest) return ''
  if (least.bytes < 0 && largest.bytes > 0) return `${signedBytes(least.bytes)} to ${signedBytes(largest.bytes)}`
  const most = largest.bytes > 0 ? largest : least
  if (most.bytes === 0) return 'same download size, different size on disk'
  const word = most.bytes > 0 ? 'larger' : 'smaller'
  const same = new Set(changes.map(({ bytes }) => formatBytes(Math.abs(bytes)))).size === 1
  const percents = changes.flatMap((one) => one.percent ?? []).sort((a, b) => Math.abs(a) - Math.abs(b))
  // "Each" gives the range of the percentages; "up to" gives that of the largest change.
  const percent = same ? between(percents) : between(most.percent === undefined ? [] : [most.percent])
  const amount = `${same ? '' : 'up to '}${formatBytes(Math.abs(most.bytes))}`
  return `${amount} ${word}${same && changed.length > 1 ? ' each' : ''}${percent}`
}

/** Only the base image changed its size, not the layers of the add-on. */
function inBaseOnly({ target }: Row): boolean {
  const { base, own } = target.size?.comparison ?? {}
  if (base?.bytes === undefined || own?.bytes === undefined) return false
  return Math.abs(base.bytes) >= noticeableBytes && Math.abs(own.bytes) < noticeableBytes
}

/** ` (+8.4 % to +8.5 %)`, of numbers in their order. */
function between(percents: readonly number[]): string {
  const texts = [...new Set([...percents.slice(0, 1), ...percents.slice(-1)].map(signedPercent))]
  return texts.length === 0 ? '' : ` (${texts.join(' to ')})`
}

const phrases: Readonly<Record<Reason['gate'], (names: string) => string>> = {
  input: () => 'invalid input',
  artifact: () => 'an artifact is missing or cannot be used',
  environment: () => 'environment error',
  cancelled: () => 'cancelled',
  build: (names) => `build failed${names && ` for ${names}`}`,
  smoke: (names) => `smoke test failed${names && ` for ${names}`}`,
  measure: (names) => `could not be measured${names && `: ${names}`}`,
  size: (names) => `over the size budget${names && `: ${names}`}`,
  audit: (names) => `audit failed${names && ` for ${names}`}`,
  version: (names) => `needs a new version${names && `: ${names}`}`,
  pull: (names) => `cannot be pulled${names && `: ${names}`}`,
  publish: (names) => `could not be published${names && `: ${names}`}`,
}

function failed(report: Report, rows: readonly Row[]): string {
  const { reasons } = report.verdict
  const several = report.addons.length > 1
  const gates = [...new Set(reasons.map(({ gate }) => gate))]
  const what = gates.map((gate) => {
    const of = reasons.filter((reason) => reason.gate === gate)
    const names = of.flatMap(({ addon, architecture }) => (several ? addon : architecture) ?? [])
    return phrases[gate](enumerate([...new Set(names)], several ? 3 : 5))
  })
  const bad = new Set(rows.filter(({ state }) => state === 'failed').map(({ addon }) => addon))
  const share = several && bad.size > 0 ? `${bad.size} failed, ` : ''
  return `${share}${what.join('; ') || 'failed'}`
}

/** `+23.1 MB (+37.0 %)`; empty if the row was not compared. */
export function changeInWords({ change }: Row): string {
  if (change?.bytes === undefined) return ''
  const percent = change.percent === undefined ? '' : ` (${signedPercent(change.percent)})`
  return `${signedBytes(change.bytes)}${percent}`
}
