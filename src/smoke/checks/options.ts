import { isError, oneLine } from '../../core/diagnostics.ts'
import { checkResult } from '../gates.ts'
import type { SmokeCheck } from './check.ts'

/** The options of the add-on fit its schema. */
export const options: SmokeCheck = {
  name: 'options',
  defaultGate: 'fail',
  beforeCreate({ problems, options: { smokeChecks: gates } }) {
    const fatal = problems.find(isError)
    if (fatal) {
      return checkResult(options, false, `the Supervisor would not start the add-on: ${oneLine(fatal)}`, gates)
    }
    const [problem] = problems
    return problem
      ? { ...checkResult(options, true, oneLine(problem), gates), status: 'warn' }
      : checkResult(options, true, 'the options match the schema', gates)
  },
}
