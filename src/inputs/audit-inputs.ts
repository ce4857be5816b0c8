import type { AuditOptions } from './options.ts'
import type { InputReader } from './reader.ts'
import { auditRule } from './values.ts'

/** @param rulesOf returns the names of the rules, if the caller knows them. Called only if `audit-ignore` is given. */
export async function auditInputs(
  read: InputReader,
  rulesOf: (() => Promise<readonly string[]>) | undefined,
): Promise<AuditOptions> {
  const rules = read.text('audit-ignore') === undefined ? undefined : await rulesOf?.()
  return {
    audit: read.choice('audit', ['off', 'warn', 'fail'], 'warn'),
    auditIgnore: read.items('audit-ignore', 'unknown-rule', (item) => auditRule(item, rules)) ?? [],
  }
}
