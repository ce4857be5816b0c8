import type { Architecture } from '../../src/core/architecture.ts'
import type { Report } from '../../src/report/model/report.ts'
import type { Part } from '../../src/report/parts.ts'

export const scope = 'Build aicleaner'

/** The part of a job that built these architectures of what a report has. Its verdict is that of its own rows. */
export function partOf(report: Report, architectures: readonly Architecture[], changes: Partial<Part> = {}): Part {
  const own = ({ architecture }: { readonly architecture?: Architecture }): boolean =>
    architecture === undefined || architectures.includes(architecture)
  const reasons = report.verdict.reasons.filter(own)
  return {
    scope,
    architectures,
    tier: 'all',
    report: {
      ...report,
      addons: report.addons.map((addon) => ({ ...addon, targets: addon.targets.filter(own) })),
      verdict: { passed: reasons.length === 0, reasons, warnings: report.verdict.warnings.filter(own) },
    },
    ...changes,
  }
}

/** The comment without the line that hides the parts. */
export const visible = (comment: string): string => comment.replace(/\n<!-- aicleaner-build parts=\S+ -->\n/, '\n')
