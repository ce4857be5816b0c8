import type { Gate, Report } from './report.ts'

/** Exit codes of faults. A failed gate or check has exit code 1. */
const codes: Partial<Record<Gate, number>> = { input: 2, artifact: 2, environment: 3, publish: 3, cancelled: 130 }

// An add-on that fails a gate fails it on every machine, so code 1 comes before faults of this machine.
const order = [2, 1, 3, 130]

/** 0: passed, 1: a gate or check failed, 2: bad input, 3: the environment failed, 130: cancelled without another failure. */
export function exitCodeOf({ verdict }: Pick<Report, 'verdict'>): number {
  if (verdict.passed) return 0
  const found = new Set(verdict.reasons.map(({ gate }) => codes[gate] ?? 1))
  return order.find((code) => found.has(code)) ?? 1
}
