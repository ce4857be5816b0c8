import type { CoverageData, MutantCoverage } from '@stryker-mutator/api/core'
import type { InstrumenterContext } from './runner.ts'

/**
 * Notes which tests reach which mutants. A hook for all tests of a block (`beforeAll`) counts for each test in the block:
 * without that, what it reaches would look as if it ran at import time.
 */
export class CoverageCollector {
  readonly #context: InstrumenterContext
  readonly #hooks = new Map<string, readonly string[]>()

  constructor(context: InstrumenterContext) {
    this.#context = context
    context.mutantCoverage = { static: {}, perTest: {} }
  }

  enterTest(id: string): void {
    this.#context.currentTestId = id
  }

  /** `tests` are the ids of the tests that the hook serves. */
  enterHook(name: string, tests: readonly string[]): void {
    this.#hooks.set(name, tests)
    this.#context.currentTestId = name
  }

  leave(): void {
    this.#context.currentTestId = undefined
  }

  coverage(): MutantCoverage {
    const { static: atImport, perTest } = this.#context.mutantCoverage ?? { static: {}, perTest: {} }
    const merged: Record<string, CoverageData> = {}
    const add = (test: string, hits: CoverageData): void => {
      merged[test] ??= {}
      for (const [mutant, count] of Object.entries(hits)) merged[test][mutant] = (merged[test][mutant] ?? 0) + count
    }
    for (const [id, hits] of Object.entries(perTest)) for (const test of this.#hooks.get(id) ?? [id]) add(test, hits)
    return { static: atImport, perTest: merged }
  }
}
