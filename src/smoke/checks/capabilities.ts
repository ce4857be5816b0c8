import type { SmokeCheck } from './check.ts'

export const capabilities: SmokeCheck = {
  name: 'capabilities',
  defaultGate: 'warn',
  furtherRun: {
    manner: 'with all capabilities dropped and no new privileges',
    changeSpec: (spec) => ({
      ...spec,
      capAdd: [],
      capDrop: ['ALL'],
      securityOptions: [...(spec.securityOptions ?? []), 'no-new-privileges'],
    }),
  },
}
