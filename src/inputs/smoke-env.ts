import { fitsOnLine, isPossible, isReserved, longestVariable, variableName } from '../core/variables.ts'
import type { InputReader } from './reader.ts'

/** The input `smoke-env`. Values may be secret, so no message has one. */
export function smokeEnvironment(read: InputReader): ReadonlyMap<string, string> {
  const variables = read.assignments('smoke-env', variableName)
  for (const [name, value] of variables) {
    if (!isPossible(name, value)) {
      const problem = `the value of ${name} has a NUL character, or more than ${longestVariable} bytes.`
      read.refuse(
        'smoke-env',
        'bad-variable',
        problem,
        'Put the value into a file of the image or into "smoke-options".',
      )
    } else if (!fitsOnLine(name, value) && isReserved(name)) {
      // Docker takes such a value only from its own environment, where this name has a meaning of its own.
      const problem = `${name} has a value of several lines, and the docker command itself reads a variable of that name.`
      read.refuse('smoke-env', 'bad-variable', problem, 'Give it a value of one line, or another name.')
    }
  }
  return variables
}
