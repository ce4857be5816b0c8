import { describe } from '@jest/globals'
import { type Facts, type Need, readFacts, whySkipped } from './facts.ts'

/** A `describe` that is skipped, with the missing piece in its name, where the testbed could not prepare what it needs. */
export function describeWith(needs: readonly Need[], name: string, tests: (facts: Facts) => void): void {
  const facts = readFacts()
  const reason = whySkipped(needs, facts)
  if (reason === undefined) describe(name, () => tests(facts))
  else describe.skip(`${name} [${reason}]`, () => tests(facts))
}
