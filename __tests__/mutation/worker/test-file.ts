import { AsyncLocalStorage } from 'node:async_hooks'
import { type TestResult, TestStatus } from '@stryker-mutator/api/test-runner'
import { addEventHandler, type Event, getState, resetState, run, type State, setState } from 'jest-circus'
import './globals.ts'
import type { CoverageCollector } from './coverage.ts'

type Block = State['rootDescribeBlock']
type Test = Extract<Block['children'][number], { type: 'test' }>

/** A loaded test file: jest-circus' state with its tests, each with an id that is the same whenever it is loaded. */
export interface TestFile {
  readonly path: string
  readonly url: string
  readonly state: State
  readonly tests: readonly { readonly id: string; readonly test: Test; readonly mode: Test['mode'] }[]
}

// As in jest.config.json: the wait of a test, in milliseconds.
const testTimeout = 30_000

/** Imports a test file. Its tests are those that it defines while it loads, without those that `leftOut` names. */
export async function loadTestFile(path: string, url: string, leftOut: readonly string[] = []): Promise<TestFile> {
  resetState()
  const state = getState()
  state.testTimeout = testTimeout
  await import(url)
  const names = new Map<string, number>()
  const tests = testsUnder(state.rootDescribeBlock).map((test) => {
    const name = `${path}: ${fullName(test)}`
    const count = (names.get(name) ?? 0) + 1
    names.set(name, count)
    const mode = leftOut.some((beginning) => name.startsWith(beginning)) ? 'skip' : test.mode
    return { id: count === 1 ? name : `${name} (${count})`, test, mode }
  })
  return { path, url, state, tests }
}

/** Milliseconds of each test, by id, without a mutant. */
export type Durations = Readonly<Record<string, number>>

export interface HowToRun {
  /** No test runs after the first failure. */
  readonly bail: boolean
  /** Ids of the tests to run; all without it. */
  readonly filter?: ReadonlySet<string> | undefined
  readonly collector?: CoverageCollector
  /** With these, a test that takes far longer has failed: most mutants that make a test hang need no new process. */
  readonly durations?: Durations
}

const hookTimeoutWithMutant = 10_000
const timeoutWithMutant = (duration = 0): number => 3000 + 10 * duration

/** Runs the tests of a file. */
export async function runTestFile(file: TestFile, how: HowToRun): Promise<TestResult[]> {
  const { bail, filter, collector, durations } = how
  setState(file.state)
  file.state.unhandledErrors = []
  file.state.hasStarted = false
  if (durations) file.state.testTimeout = hookTimeoutWithMutant
  for (const { id, test, mode } of file.tests) {
    test.mode = filter && !filter.has(id) ? 'skip' : mode
    test.errors = []
    test.status = null
    if (durations) test.timeout = timeoutWithMutant(durations[id])
  }
  const ids = new Map(file.tests.map(({ id, test }) => [test, id]))
  onEvent = (event) => {
    if (event.name === 'test_start') collector?.enterTest(ids.get(event.test) ?? '')
    if (event.name === 'hook_start' && (event.hook.type === 'beforeAll' || event.hook.type === 'afterAll'))
      collector?.enterHook(
        `${file.path}: ${fullName(event.hook.parent)} ${event.hook.type}`,
        testsUnder(event.hook.parent).map((test) => ids.get(test) ?? ''),
      )
    if (event.name === 'test_done' || event.name === 'test_skip') collector?.leave()
    if (event.name === 'test_done' && event.test.errors.length > 0 && bail) skipTheRest(file)
  }
  const started = Symbol(file.path)
  currentRun = started
  try {
    await runs.run(started, run)
    // A rejection without a handler is reported after the microtasks of the test that caused it.
    await new Promise((resolve) => setImmediate(resolve))
  } finally {
    onEvent = () => {}
    collector?.leave()
  }
  return resultsOf(file)
}

let onEvent: (event: Event) => void = () => {}
addEventHandler((event) => onEvent(event as Event))

// jest fails the test during which an error has no handler; Stryker would start the process again. What a test of an
// earlier mutant left behind says nothing about this one.
const runs = new AsyncLocalStorage<symbol>()
let currentRun: symbol | undefined
const note = (error: unknown): void => {
  const origin = runs.getStore()
  if (origin === undefined || origin === currentRun) getState().unhandledErrors.push(error as Error)
}
process.on('uncaughtException', note)
process.on('unhandledRejection', note)

function skipTheRest({ tests }: TestFile): void {
  for (const { test } of tests) if (test.status === null) test.mode = 'skip'
}

function resultsOf({ path, tests, state }: TestFile): TestResult[] {
  const results = tests
    .filter(({ test }) => test.status !== null)
    .map(({ id, test }): TestResult => {
      const common = { id, name: id, fileName: path, timeSpentMs: test.duration ?? 0 }
      if (test.status === 'skip' || test.status === 'todo') return { ...common, status: TestStatus.Skipped }
      const [error] = test.errors
      if (error === undefined) return { ...common, status: TestStatus.Success }
      return { ...common, status: TestStatus.Failed, failureMessage: messageOf(error) }
    })
  const [unhandled] = state.unhandledErrors
  if (unhandled === undefined) return results
  const failureMessage = messageOf(unhandled)
  return [...results, { id: path, name: path, timeSpentMs: 0, status: TestStatus.Failed, failureMessage }]
}

const messageOf = (error: unknown): string => {
  const [first] = Array.isArray(error) ? error.filter((each) => each) : [error]
  return first instanceof Error ? (first.stack ?? first.message) : String(first?.message ?? first)
}

function testsUnder(block: Block): Test[] {
  return block.children.flatMap((child) => (child.type === 'test' ? [child] : testsUnder(child)))
}

function fullName(node: Test | Block): string {
  if (!node.parent) return ''
  return `${fullName(node.parent)} ${node.name}`.trim()
}
