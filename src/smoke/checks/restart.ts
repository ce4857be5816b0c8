import type { SmokeCheck } from './check.ts'

export const restart: SmokeCheck = {
  name: 'restart',
  defaultGate: 'warn',
  furtherRun: { manner: 'again on the same /data', sameData: true },
}
