import { isError, oneLine } from '../../core/diagnostics.ts'
import { pass, unmet } from '../gates.ts'
import type { SmokeCheck } from './check.ts'

/** The options of the add-on fit its schema. */
export const options: SmokeCheck = {
  name: 'options',
  defaultGate: 'fail',
  beforeCreate({ problems }) {
    const fatal = problems.find(isError)
    if (fatal) return unmet(`the Supervisor would not start the add-on: ${oneLine(fatal)}`)
    const [problem] = problems
    return problem ? { status: 'warn', reason: oneLine(problem) } : pass('the options match the schema')
  },
}
