import { type Diagnostic, error, messageOf } from '../../core/diagnostics.ts'
import { check } from '../../core/schema.ts'
import type { Report } from './report.ts'
import { reportSchema } from './schema.ts'

/**
 * Limit for a `report.json`: bytes of the file, and characters of its text, which has no more of them. A report of a hundred images with their trees is
 * smaller, and a small machine has the memory to parse it.
 */
export const largestReport = 16 * 1024 * 1024

/**
 * Reads a `report.json` from an untrusted source. Every field of the result has its type, unknown fields are dropped and long texts are cut.
 * The values can be false, and the texts hostile.
 */
export function readReport(text: string): { readonly report: Report } | { readonly diagnostic: Diagnostic } {
  if (text.length > largestReport) return unreadableReport(`it has more than ${largestReport} characters`)
  try {
    const read = check(reportSchema, JSON.parse(text))
    return 'value' in read ? { report: read.value } : unreadableReport(read.problems.join('; '))
  } catch (thrown) {
    return unreadableReport(messageOf(thrown).replace(/\.$/, ''))
  }
}

/** The diagnostic for a report that cannot be used. `why` is the rest of a sentence. */
export const unreadableReport = (why: string): { readonly diagnostic: Diagnostic } => ({
  diagnostic: error(
    'report/unreadable',
    `The report cannot be used: ${why}.`,
    'Use the report.json of a run with the same major version of aicleaner-build.',
  ),
})
