// A process that runs test files, one at a time.
import { pathToFileURL } from 'node:url'
import { addEventHandler, getState, resetState, run } from 'jest-circus'
import { formatResultsErrors } from 'jest-message-util'
import { expect } from './globals.mjs'

addEventHandler((event) => {
  if (event.name === 'test_start') expect.setState({ currentTestName: event.test.name, suppressedErrors: [] })
  if (event.name === 'test_done') event.test.errors.push(...(expect.getState().suppressedErrors ?? []))
})

// As in jest, an unhandled error fails the test that is running.
const note = (error) => getState().unhandledErrors.push(error)
process.on('uncaughtException', note)
process.on('unhandledRejection', note)

// If a test exited the process, the remaining files of this worker would have no result.
process.exit = (code) => {
  throw new Error(`A test called process.exit(${code}).`)
}

export async function runFile({ path, testNamePattern, config, globalConfig }) {
  const start = Date.now()
  resetState()
  const state = getState()
  state.testTimeout = config.testTimeout ?? 240_000
  state.testNamePattern = testNamePattern ? new RegExp(testNamePattern, 'i') : null
  expect.setState({ testPath: path })
  await import(pathToFileURL(path).href)
  const { testResults, unhandledErrors } = await run()
  const assertions = testResults.map((result) => {
    const ancestorTitles = result.testPath.filter((name) => name !== 'ROOT_DESCRIBE_BLOCK')
    const title = ancestorTitles.pop() ?? ''
    return {
      ...{ ancestorTitles, title, fullName: [...ancestorTitles, title].join(' ') },
      ...{ duration: result.duration, failureDetails: [], failureMessages: result.errors, numPassingAsserts: 0 },
      ...{ invocations: result.invocations, location: null, status: statusOf(result) },
    }
  })
  const of = (status) => assertions.filter((one) => one.status === status).length
  const end = Date.now()
  const [unhandled] = unhandledErrors
  const failures = formatResultsErrors(assertions, config, globalConfig, path)
  return {
    leaks: false,
    openHandles: [],
    console: undefined,
    skipped: false,
    failureMessage: unhandled ? `${path}: ${unhandled}\n${failures ?? ''}` : failures,
    ...{ numFailingTests: of('failed') + (unhandled ? 1 : 0), numPassingTests: of('passed') },
    ...{ numPendingTests: of('pending'), numTodoTests: of('todo') },
    perfStats: { start, end, runtime: end - start, slow: end - start > 5000 },
    snapshot: { added: 0, fileDeleted: false, matched: 0, unchecked: 0, uncheckedKeys: [], unmatched: 0, updated: 0 },
    testFilePath: path,
    testResults: assertions,
  }
}

function statusOf({ status, errors }) {
  if (status === 'skip') return 'pending'
  if (status === 'todo') return 'todo'
  return errors.length > 0 ? 'failed' : 'passed'
}
