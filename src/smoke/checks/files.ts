import { isError, oneLine } from '../../core/diagnostics.ts'
import { unmet } from '../gates.ts'
import type { SmokeCheck } from './check.ts'

/** The files of the repository for mapped folders can be used. Says nothing if there are none, or nothing is wrong. */
export const files: SmokeCheck = {
  name: 'files',
  defaultGate: 'fail',
  beforeCreate({ fileProblems }) {
    const problem = fileProblems.find(isError) ?? fileProblems[0]
    if (!problem) return undefined
    return isError(problem) ? unmet(oneLine(problem)) : { status: 'warn', reason: oneLine(problem) }
  },
}
