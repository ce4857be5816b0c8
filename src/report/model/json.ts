import type { Report } from './report.ts'

/** `report.json`: the report itself, described by docs/report.schema.json. Absent values stay absent. */
export const toJson = (report: Report): string => `${JSON.stringify(report, undefined, 2)}\n`

/** JSON that does not depend on the order of fields. */
export const canonicalJson = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
