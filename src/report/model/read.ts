import { type Diagnostic, error, messageOf } from '../../core/diagnostics.ts'
import type { Report } from './report.ts'
import { reportSchema } from './schema.ts'
import { checkAgainst } from './schema-parts.ts'

/** Bytes of a `report.json`: more than one of a hundred images with their trees, and few enough to be parsed in the memory of a small machine. */
export const largestReport = 16 * 1024 * 1024

/**
 * The text of a `report.json` that somebody else wrote, checked: every field that is known has the type that it should have.
 * What it says need not be true, and its texts are hostile.
 */
export function readReport(text: string): { readonly report: Report } | { readonly diagnostic: Diagnostic } {
  if (text.length > largestReport) return refused(`it has more than ${largestReport} characters`)
  try {
    const value: unknown = JSON.parse(text)
    const wrong = checkAgainst(reportSchema, reportSchema.$defs, value)
    return wrong.length === 0 ? { report: value as Report } : refused(wrong.join('; '))
  } catch (thrown) {
    // The schema is followed as deep as the report goes.
    return refused(thrown instanceof RangeError ? 'it is nested too deeply' : messageOf(thrown).replace(/\.$/, ''))
  }
}

export const refused = (why: string): { readonly diagnostic: Diagnostic } => ({
  diagnostic: error(
    'report/unreadable',
    `The report cannot be used: ${why}.`,
    'It has to be the report.json of a run with the same major version of aicleaner-build.',
  ),
})
