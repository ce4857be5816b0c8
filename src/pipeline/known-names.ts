import type { InputContext } from '../inputs/read-inputs.ts'
import { checkNames } from '../smoke/gates.ts'

/** The names that inputs may use for smoke checks and audit rules. The rules are loaded only where an input names one. */
export const knownNames: Pick<InputContext, 'smokeChecks' | 'auditRules'> = {
  smokeChecks: checkNames,
  auditRules: async () => (await import('../audit/rules.ts')).rules.map(({ id }) => id),
}
