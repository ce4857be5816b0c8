import type { SourceLocation } from '../../core/diagnostics.ts'
import { count, trimEndChars } from '../../core/text.ts'
import { iconOf } from '../headline.ts'
import type { Gate, Reason, Report } from '../model/report.ts'
import { isActionable, shortMessage } from '../rows.ts'
import { code, folded, link, prose } from './markdown.ts'

const names: Partial<Record<Gate, string>> = {
  smoke: 'smoke test',
  measure: 'measuring',
  publish: 'publishing',
}
/** A gate as it is shown. */
export const gateName = (gate: Gate): string => names[gate] ?? gate

/** A reason that several images share. */
export interface SharedReason {
  readonly gate: Gate
  readonly message: string
  readonly where?: SourceLocation
  /** Only for gates whose remedy differs from case to case and is a page to open. */
  readonly remedy?: string
  readonly names: readonly string[]
}

/** Figures that differ from image to image and carry no meaning for the reason: times, memory sizes, numbers of probes, emulation. */
const measures = /\b(?:\d+ min )?\d+(?:\.\d+)? (?:ms|s|min|MiB)\b|\b\d+(?= probes?\b)/g
export const withoutMeasures = (message: string): string =>
  message.replace(measures, '…').replace('… probe,', '… probes,').replace(' (emulated)', '')

export function sharedReasons(reasons: readonly Reason[], several: boolean): readonly SharedReason[] {
  const groups = Map.groupBy(reasons, (reason) =>
    JSON.stringify([
      reason.gate,
      withoutMeasures(shortMessage(reason)),
      several ? reason.addon : undefined,
      reason.where && placeOf(reason.where),
    ]),
  )
  return [...groups.values()].flatMap(([first, ...others]) => {
    if (!first) return []
    const all = [first, ...others]
    return {
      gate: first.gate,
      message: sharedMessage(all.map(shortMessage)),
      ...(first.where && { where: first.where }),
      ...(first.gate === 'pull' && first.remedy !== undefined && { remedy: first.remedy }),
      names: all.map((reason) => imageName(reason, several)).filter((name) => name !== ''),
    }
  })
}

/** One message for several that differ only in their measures: those become `…`. */
export const sharedMessage = ([first = '', ...others]: readonly string[]): string =>
  others.every((message) => message === first) ? first : withoutMeasures(first)

/** `my-addon/config.yaml:3`. */
export const placeOf = ({ file, line }: SourceLocation): string => `${file}:${line}`

/** `aarch64`, or with several add-ons `addon/aarch64`; empty for a reason of the whole run. */
export const imageName = ({ addon, architecture }: Reason, several: boolean): string =>
  [several ? addon : undefined, architecture].filter((part) => part !== undefined).join('/')

/** Why the run failed or warns, most important first. */
export function reasonList({ verdict }: Report, several: boolean, most: number): string {
  const lines = [
    ...sharedReasons(verdict.reasons, several).map((reason) => `- ${iconOf('failed')} ${reasonLine(reason)}`),
    ...sharedReasons(verdict.warnings.filter(isActionable), several).map(
      (reason) => `- ${iconOf('warned')} ${reasonLine(reason)}`,
    ),
  ]
  const rest = lines.length - most
  return [...lines.slice(0, most), ...(rest > 0 ? [`- … and ${rest} more`] : [])].join('\n')
}

/** Warnings of smoke checks that did not fail, collapsed. Findings of the audit have their own table. */
export function smokeWarnings({ verdict }: Report, several: boolean, most = 30): string | undefined {
  const remarks = sharedReasons(
    verdict.warnings.filter((reason) => !isActionable(reason) && reason.gate !== 'audit'),
    several,
  )
  if (remarks.length === 0) return undefined
  const lines = remarks.slice(0, most).map((reason) => `- ${reasonLine(reason)}`)
  return folded(`Smoke test: ${count(remarks.length, 'warning')}`, lines.join('\n'))
}

function reasonLine({ gate, message, where, remedy, names }: SharedReason): string {
  const images =
    names.length === 0
      ? ''
      : `${names.slice(0, 6).map(code).join(' ')}${names.length > 6 ? ` and ${names.length - 6} more` : ''} `
  const place = where ? ` (${code(placeOf(where))})` : ''
  return `${images}${gateName(gate)}: ${prose(message.length > 600 ? `${message.slice(0, 600)}…` : message)}${place}${remedy === undefined ? '' : ` ${renderWords(remedy, prose, (url) => link(code(url), url))}`}`
}

/** Each word of a text of our own, rendered as text or as a link, with spaces between them. A full stop after an address is not part of it. */
export const renderWords = (text: string, word: (text: string) => string, address: (url: string) => string): string =>
  text
    .split(' ')
    .map((one) => {
      if (!/^https?:\/\//.test(one)) return word(one)
      const url = trimEndChars(one, '.,')
      return `${address(url)}${one.slice(url.length)}`
    })
    .join(' ')
