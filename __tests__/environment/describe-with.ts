import { describe, test } from '@jest/globals'
import { type Facts, type Need, readFacts, whySkipped } from './facts.ts'

// The only place where tests are skipped. In CI a skip is a failure unless `suite/skips.ts` lists the missing piece.

/** A `describe` that is skipped if a piece that it needs is missing; its name then lists the missing pieces. */
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
