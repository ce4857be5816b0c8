import { basename } from 'node:path'

/** How many tests passed, failed and were skipped. */
export interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

export const nothing: Counts = { passed: 0, failed: 0, skipped: 0 }
export const onePassed: Counts = { ...nothing, passed: 1 }
export const oneFailed: Counts = { ...nothing, failed: 1 }

export const sum = (all: readonly Counts[]): Counts => ({
  passed: all.reduce((total, { passed }) => total + passed, 0),
  failed: all.reduce((total, { failed }) => total + failed, 0),
  skipped: all.reduce((total, { skipped }) => total + skipped, 0),
})

/** The last line of `npm test`. */
export const describeCounts = ({ passed, failed, skipped }: Counts): string =>
  `${passed} passed, ${failed} failed, ${skipped} skipped`

/** The fields of the output of `jest --json` that are used here. */
interface JestResult {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly numRuntimeErrorTestSuites: number
  readonly success?: boolean
  readonly testResults: readonly {
    /** The path of the file. */
    readonly name: string
    readonly status: string
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[]
  }[]
}

/** Counts, and the names of the tests that were skipped and that failed. */
export interface Outcome {
  readonly counts: Counts
  readonly skipped: readonly string[]
  readonly failed: readonly string[]
}

/**
 * Pure: the outcome of a jest run. A file that could not be run counts as a failed test; so does a run that failed without a failed test.
 */
export function readJestResult(text: string, exitCode: number): Outcome {
  const result = JSON.parse(text) as JestResult
  const failed = result.numFailedTests + result.numRuntimeErrorTestSuites
  return {
    counts: {
      passed: result.numPassedTests,
      failed: exitCode !== 0 && failed === 0 ? 1 : failed,
      skipped: result.numPendingTests + result.numTodoTests,
    },
    skipped: result.testResults.flatMap(({ assertionResults }) =>
      assertionResults
        .filter(({ status }) => status === 'pending' || status === 'todo')
        .map(({ fullName }) => fullName),
    ),
    failed: result.testResults.flatMap(({ name, status, assertionResults }) => {
      const tests = assertionResults.filter((one) => one.status === 'failed')
      if (tests.length === 0) return status === 'failed' ? [`${basename(name)} could not be run`] : []
      return tests.map(({ fullName }) => `${basename(name)}: ${fullName}`)
    }),
  }
}
