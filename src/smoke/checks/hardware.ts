import { describeDenied } from '../container/policy.ts'
import { type CheckOutcome, skip } from '../gates.ts'
import type { ContainerContext, SmokeCheck } from './check.ts'

/** Lists the privileges and devices that the add-on requests and the test does not grant. */
export const hardware: SmokeCheck = {
  name: 'hardware',
  defaultGate: 'warn',
  notStarted: reportDenied,
  afterRun: reportDenied,
}

function reportDenied({ run: { denied } }: ContainerContext): CheckOutcome | undefined {
  return denied.length > 0 ? skip(describeDenied(denied)) : undefined
}
