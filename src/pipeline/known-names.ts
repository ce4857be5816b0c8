import type { InputContext } from '../inputs/read-inputs.ts'

/** The names that inputs may use for smoke checks and audit rules. They are loaded only if an input names one. */
export const knownNames: Pick<InputContext, 'smokeChecks' | 'auditRules'> = {
  smokeChecks: async () => (await import('../smoke/checks/all.ts')).checkNames,
  auditRules: async () => (await import('../audit/rules.ts')).rules.map(({ id }) => id),
}
