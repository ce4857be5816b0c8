import type { Rule } from '../../src/audit/rule.ts'
import { between, cell, code, table } from './markdown.ts'

/** docs/audit.md with its table of rules, which is between markers. */
export const auditPage = (page: string, rules: readonly Rule[]): string =>
  between(page, 'rules', ruleTable(rules), 'docs/audit.md')

const ruleTable = (rules: readonly Rule[]): string =>
  table(
    ['rule', 'severity', 'why', 'source'],
    rules.map(({ id, severity, reason, source, link }) => [
      code(id),
      severity,
      cell(reason),
      `[${cell(source)}](${link})`,
    ]),
  )
