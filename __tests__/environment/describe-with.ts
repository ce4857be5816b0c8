import { describe, test } from '@jest/globals'
import { type Facts, type Need, readFacts, whySkipped } from './facts.ts'

// The one place where tests are skipped. In CI that is a failure, except for what stands in `suite/skips.ts`.

/** A `describe` that is skipped, with the missing piece in its name, where the test environment could not prepare what it needs. */
export function describeWith(needs: readonly Need[], name: string, tests: (facts: Facts) => void): void {
  const facts = readFacts()
  const reason = whySkipped(needs, facts)
  if (reason === undefined) describe(name, () => tests(facts))
  else describe.skip(`${name} [${reason}]`, () => tests(facts))
}

/** The same for a single test. */
export function testWith(needs: readonly Need[], name: string, work: (facts: Facts) => Promise<void>): void {
  const facts = readFacts()
  const reason = whySkipped(needs, facts)
  if (reason === undefined) test(name, () => work(facts))
  else test.skip(`${name} [${reason}]`, () => work(facts))
}
