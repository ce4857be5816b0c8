import type { Severity } from '../core/diagnostics.ts'
import type { Finding } from './finding.ts'
import { withoutDoubles } from './foreign.ts'
import { readIgnores } from './ignore.ts'
import type { Rule, Subject } from './rule.ts'
import { rules } from './rules.ts'

export interface AuditInput extends Subject {
  /** Findings of other tools: BuildKit's checks, hadolint. */
  readonly foreign?: readonly Finding[]
  /** Rules that the user switched off. */
  readonly ignore?: readonly string[]
}

const order: readonly Severity[] = ['error', 'warning', 'notice']

/**
 * Everything that the rules have to say of one target, gravest first, among equals by bytes. Pure.
 * What has no place of its own stands at the FROM of the built stage, so that it can be shown and ignored there.
 */
export function auditTarget(input: AuditInput, list: readonly Rule[] = rules): readonly Finding[] {
  const { dockerfile, foreign = [], ignore = [] } = input
  const final = dockerfile?.chain.at(-1)
  const standard = dockerfile && final ? { file: dockerfile.file, line: final.line, column: 1 } : undefined
  const own = list.flatMap((rule) =>
    rule.check(input).map((remark): Finding => {
      const where = remark.where ?? standard
      return {
        rule: rule.id,
        severity: remark.severity ?? rule.severity,
        message: remark.message,
        fix: remark.fix,
        link: rule.link,
        ...(where && { where }),
        ...(remark.bytes !== undefined && { bytes: remark.bytes }),
      }
    }),
  )
  const ignores = readIgnores(dockerfile?.text ?? '')
  const off = new Set([...ignore, ...ignores.file])
  const isIgnored = ({ rule, where }: Finding): boolean =>
    off.has(rule) ||
    (where !== undefined && where.file === dockerfile?.file && ignores.lines.get(where.line)?.has(rule) === true)
  return withoutDoubles(own, foreign)
    .filter((finding) => !isIgnored(finding))
    .toSorted((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity) || (b.bytes ?? 0) - (a.bytes ?? 0))
}
