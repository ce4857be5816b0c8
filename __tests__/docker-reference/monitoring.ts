import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { reference } from './docker.ts'

export interface Panel {
  readonly title: string
  readonly datasource: { readonly uid: string }
  readonly targets: readonly { readonly expr: string; readonly datasource: { readonly uid: string } }[]
}

export const read = (path: string) => readFileSync(join(reference, path), 'utf8')

export const dashboard = () =>
  JSON.parse(read('monitoring/grafana/dashboards/aicleaner.json')) as { uid: string; title: string; panels: Panel[] }

/** Replaces the variables of Grafana with a time range. Its length does not matter for the tests. */
export const expandVariables = (expression: string) =>
  expression.replaceAll('$__rate_interval', '1m').replaceAll('$__range', '1h')

/** Names of the series in an expression: identifiers that are not functions, labels or keywords. */
export function seriesIn(expression: string): string[] {
  const bare = expression
    .replace(/"[^"]*"/g, '""')
    .replace(/\{[^}]*\}/g, '')
    .replace(/\[[^\]]*\]/g, '')
    .replace(/\b(by|without|on|ignoring)\s*\([^)]*\)/g, '')
  const words = bare.matchAll(/[a-z_:][\w:]*(?=(\s*\()?)/gi)
  const keywords = new Set(['and', 'or', 'unless', 'bool', 'by', 'without', 'on', 'ignoring'])
  return [...words].filter((word) => word[1] === undefined && !keywords.has(word[0])).map((word) => word[0])
}
