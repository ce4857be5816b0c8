import type { SmokeCheck } from './check.ts'

export const network: SmokeCheck = {
  name: 'network',
  defaultGate: 'warn',
  furtherRun: { manner: 'without internet access', internalNetwork: true },
}
