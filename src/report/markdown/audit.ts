import type { Finding } from '../../audit/finding.ts'
import { count } from '../../core/text.ts'
import { formatBytes } from '../figures.ts'
import type { Report, TargetReport } from '../model/report.ts'
import { code, folded, link, prose, right, table } from './markdown.ts'

export interface SharedFinding extends Finding {
  /** Images with this finding: `aicleaner/aarch64`. */
  readonly images: readonly string[]
}

const mostFindings = 20
const order = ['error', 'warning', 'notice'] as const

/** The part of a report with the findings of the images. */
interface Audited {
  readonly addons: readonly { readonly targets: readonly Pick<TargetReport, 'addon' | 'architecture' | 'audit'>[] }[]
}

/** Findings of all images, each once, most severe first. */
export function findingsOf({ addons }: Audited): readonly SharedFinding[] {
  const found = new Map<string, SharedFinding>()
  for (const { targets } of addons) {
    for (const { audit, addon, architecture } of targets) {
      for (const finding of audit ?? []) {
        const key = JSON.stringify([addon, finding.rule, finding.message, finding.where])
        const images = [...(found.get(key)?.images ?? []), `${addon}/${architecture}`]
        // Bytes differ between architectures; the largest is the most that a fix saves.
        const bytes = Math.max(finding.bytes ?? -1, found.get(key)?.bytes ?? -1)
        found.set(key, { ...finding, images, ...(bytes >= 0 && { bytes }) })
      }
    }
  }
  return [...found.values()].sort(
    (a, b) => order.indexOf(a.severity) - order.indexOf(b.severity) || (b.bytes ?? 0) - (a.bytes ?? 0),
  )
}

/** `1 error, 2 warnings`; empty without findings. */
export const countsOf = (findings: readonly Finding[]): string =>
  order
    .map((severity) => [findings.filter((finding) => finding.severity === severity).length, severity] as const)
    .flatMap(([number, severity]) => (number > 0 ? [count(number, severity)] : []))
    .join(', ')

/** The findings of the audit as a collapsed table; undefined if there are none. */
export function auditOf(report: Report): string | undefined {
  const findings = findingsOf(report)
  if (findings.length === 0) return undefined
  const sizes = findings.some(({ bytes }) => bytes !== undefined)
  return folded(
    `Audit: ${countsOf(findings)}`,
    table(
      ['Rule', 'Finding', 'Fix', ...(sizes ? [right('Saves')] : [])],
      findings
        .slice(0, mostFindings)
        .map(({ rule, message, fix, where, bytes, link: address }) => [
          address === undefined ? code(rule) : link(code(rule), address),
          `${prose(message)}${where ? ` ${code(`${where.file}:${where.line}`)}` : ''}`,
          prose(fix),
          ...(sizes ? [bytes === undefined ? '' : formatBytes(bytes)] : []),
        ]),
    ),
  )
}
