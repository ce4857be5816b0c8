import type { Report } from './report.ts'

/** `report.json`: the report itself, described by docs/report.schema.json. Absent values stay absent. */
export const toJson = (report: Report): string => `${JSON.stringify(report, undefined, 2)}\n`
