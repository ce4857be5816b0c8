import type { Severity } from '../core/diagnostics.ts'
import type { Finding } from './finding.ts'
import { readIgnores } from './ignore.ts'
import { mergeFindings } from './other-tools.ts'
import type { Rule, RuleInput } from './rule.ts'
import { rules } from './rules.ts'

export interface AuditInput extends RuleInput {
  /** Findings of other tools: BuildKit's checks, hadolint. */
  readonly foreign?: readonly Finding[]
  /** Rules that the user switched off. */
  readonly ignore?: readonly string[]
}

const order: readonly Severity[] = ['error', 'warning', 'notice']

/**
 * All findings about one target: the most severe first, then those that save most.
 * A finding without a location is reported at the FROM of the built stage, so that it can be shown and ignored there.
 */
export function auditTarget(input: AuditInput, list: readonly Rule[] = rules): readonly Finding[] {
  const { dockerfile, foreign = [], ignore = [] } = input
  const stage = dockerfile?.chain.at(-1)
  const fallback = dockerfile && stage ? { where: { file: dockerfile.file, line: stage.line, column: 1 } } : {}
  const own = list.flatMap(({ id, severity, link, check }) =>
    check(input).map((violation): Finding => ({ rule: id, severity, link, ...fallback, ...violation })),
  )
  const ignores = readIgnores(dockerfile?.text ?? '')
  const off = new Set([...ignore, ...ignores.file])
  const isIgnored = ({ rule, where }: Finding): boolean =>
    off.has(rule) ||
    (where !== undefined && where.file === dockerfile?.file && ignores.lines.get(where.line)?.has(rule) === true)
  return mergeFindings(own, foreign)
    .filter((finding) => !isIgnored(finding))
    .toSorted((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity) || (b.bytes ?? 0) - (a.bytes ?? 0))
}
