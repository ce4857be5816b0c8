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

/** Grafana fills its own variables in before it asks; any range will do to ask Prometheus the same. */
export const asPrometheusTakesIt = (expression: string) =>
  expression.replaceAll('$__rate_interval', '1m').replaceAll('$__range', '1h')

/** Names of series in an expression: what is followed by a selector, or stands where no function, label or keyword can. */
export function seriesOf(expression: string): string[] {
  const bare = expression
    .replace(/"[^"]*"/g, '""')
    .replace(/\{[^}]*\}/g, '')
    .replace(/\[[^\]]*\]/g, '')
    .replace(/\b(by|without|on|ignoring)\s*\([^)]*\)/g, '')
  const words = bare.matchAll(/[a-z_:][\w:]*(?=(\s*\()?)/gi)
  const keywords = new Set(['and', 'or', 'unless', 'bool', 'by', 'without', 'on', 'ignoring'])
  return [...words].filter((word) => word[1] === undefined && !keywords.has(word[0])).map((word) => word[0])
}
