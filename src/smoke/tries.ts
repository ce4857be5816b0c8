import type { FailedTry, SmokeResult } from './result.ts'

const ordinals = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth']

/** Pure: the result of the last try, with those before it. */
export function withTries(result: SmokeResult, failedTries: readonly FailedTry[], durationMs: number): SmokeResult {
  const { length } = failedTries
  if (length === 0) return result
  if (result.status === 'failed') {
    return { ...result, reason: `${result.reason} (${length + 1} tries failed)`, durationMs, failedTries }
  }
  const passedOn = `passed on the ${ordinals[length]} try`
  // A warning, so that it is not overlooked: on a device there is no second try.
  const checks = result.checks.map((check) =>
    check.name === 'healthy'
      ? { ...check, status: 'warn' as const, reason: `${passedOn}; before: ${failedTries[0]?.reason}` }
      : check,
  )
  return { ...result, reason: `${passedOn}: ${result.reason}`, checks, durationMs, failedTries }
}
