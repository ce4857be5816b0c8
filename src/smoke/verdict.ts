import { count } from '../core/text.ts'
import type { CheckResult } from './result.ts'

/** Pure: failed if any check fails. The reason is the first failure, otherwise how the add-on became ready. */
export function verdictOf(checks: readonly CheckResult[]): { readonly failed: boolean; readonly reason: string } {
  const failure = checks.find(({ status }) => status === 'fail')
  if (failure) return { failed: true, reason: failure.reason }
  const warnings = checks.filter(({ status }) => status === 'warn').length
  const ready = checks.find(({ name }) => name === 'healthy')?.reason ?? 'no problems'
  return { failed: false, reason: warnings > 0 ? `${ready} (${count(warnings, 'warning')})` : ready }
}

/** Pure: the same results. If the add-on did not start or did not stay up, the hint is added to the reason. */
export function withHint(checks: readonly CheckResult[], hint = ''): readonly CheckResult[] {
  const failed = checks.findIndex(({ status }) => status === 'fail')
  return checks.map((check, index) =>
    index === failed && ['starts', 'healthy', 'settles'].includes(check.name)
      ? { ...check, reason: `${check.reason}${hint}` }
      : check,
  )
}
