import type { Reason } from './report.ts'

/** The order in which reasons are listed: first those that explain why there is no image. */
const gates: readonly Reason['gate'][] = ['environment', 'cancelled', 'build', 'smoke', 'measure', 'size', 'audit']

/** Compares two reasons for `sort`. */
export const byGate = (a: Reason, b: Reason): number => gates.indexOf(a.gate) - gates.indexOf(b.gate)
