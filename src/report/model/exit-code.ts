import type { Reason, Report } from './report.ts'

const codes: Readonly<Record<Reason['gate'], number>> = {
  build: 1,
  smoke: 1,
  size: 1,
  audit: 1,
  measure: 1,
  input: 2,
  artifact: 2,
  environment: 3,
  publish: 3,
  cancelled: 130,
}

// An add-on that fails a gate fails it on every machine, so that comes before faults of this machine.
const order = [2, 1, 3, 130]

/** 0: passed, 1: a gate or check failed, 2: bad input, 3: the environment failed, 130: cancelled without another failure. */
export function exitCodeOf({ verdict }: Pick<Report, 'verdict'>): number {
  if (verdict.passed) return 0
  const found = new Set(verdict.reasons.map(({ gate }) => codes[gate]))
  return order.find((code) => found.has(code)) ?? 1
}
