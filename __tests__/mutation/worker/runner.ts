// A test runner for Stryker: jest-circus in one process for all mutants. Stryker switches a mutant on with a global
// variable, so that test files are loaded once; only mutants in code that runs at import time load modules again.
import { readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { MutantCoverage, StrykerOptions } from '@stryker-mutator/api/core'
import { commonTokens, declareClassPlugin, PluginKind, tokens } from '@stryker-mutator/api/plugin'
import {
  type DryRunOptions,
  type DryRunResult,
  DryRunStatus,
  determineHitLimitReached,
  type MutantRunOptions,
  type MutantRunResult,
  type TestResult,
  type TestRunner,
  TestStatus,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner'
import { CoverageCollector } from './coverage.ts'
import { graph } from './graph.ts'
import { type Durations, type HowToRun, loadTestFile, runTestFile, type TestFile } from './test-file.ts'

/** Stryker's options with those of this runner. */
export interface CircusOptions extends StrykerOptions {
  readonly circus: {
    /** Paths relative to the project. */
    readonly testFiles: readonly string[]
    /** Beginnings of `path: name of the test`: these do not run. */
    readonly leftOut: readonly string[]
  }
}

/** What the instrumented sources read and write, under the name that Stryker gave it. */
export interface InstrumenterContext {
  activeMutant?: string | undefined
  currentTestId?: string | undefined
  mutantCoverage?: MutantCoverage
  hitCount?: number | undefined
  hitLimit?: number | undefined
}

class CircusTestRunner implements TestRunner {
  static inject = tokens(commonTokens.options)
  readonly #options: CircusOptions['circus']
  readonly #context: InstrumenterContext
  /** By source file: the tests that noticed its mutants last. */
  readonly #noticed = new Map<string, readonly string[]>()
  #loaded: readonly TestFile[] | undefined

  constructor(options: StrykerOptions) {
    this.#options = (options as CircusOptions).circus
    // The name is the one that the instrumented sources use.
    const shared = globalThis as { __stryker__?: InstrumenterContext }
    shared.__stryker__ ??= {}
    this.#context = shared.__stryker__
  }

  capabilities() {
    return { reloadEnvironment: true }
  }

  async dryRun({ disableBail }: DryRunOptions): Promise<DryRunResult> {
    const collector = new CoverageCollector(this.#context)
    const files = await this.#load()
    const tests = await this.#run(files, { bail: !disableBail, collector })
    writeDurations(tests)
    return { status: DryRunStatus.Complete, tests, mutantCoverage: collector.coverage() }
  }

  async mutantRun(options: MutantRunOptions): Promise<MutantRunResult> {
    const { activeMutant, mutantActivation, testFilter, sandboxFileName, hitLimit, disableBail } = options
    const base = await this.#load()
    const all = base.flatMap(({ tests }) => tests.map(({ id }) => id))
    const filter = choose(testFilter ?? all, sandboxFileName)
    const known = new Set(all)
    const changed = testFilter?.find((id) => !known.has(id))
    if (changed !== undefined) throw new Error(`A test has another name each time it is loaded: ${changed}`)
    this.#context.hitLimit = hitLimit
    this.#context.hitCount = hitLimit === undefined ? undefined : 0
    this.#context.activeMutant = activeMutant.id
    try {
      const files = mutantActivation === 'static' ? await this.#reload(base, sandboxFileName) : base
      const how = { bail: !disableBail, durations: readDurations() }
      const probable = new Set(this.#noticed.get(sandboxFileName)?.filter((id) => filter.has(id)))
      let tests = await this.#run(files, { ...how, filter: probable })
      if (!tests.some(isFailed)) tests = await this.#run(files, { ...how, filter })
      this.#note(sandboxFileName, tests.find(isFailed)?.id)
      const reached = determineHitLimitReached(this.#context.hitCount, hitLimit)
      return toMutantRunResult(reached ?? { status: DryRunStatus.Complete, tests })
    } catch (error) {
      // A module that no longer loads is noticed by whoever runs the code.
      return toMutantRunResult({ status: DryRunStatus.Complete, tests: [failedLoad(error)] })
    } finally {
      this.#context.activeMutant = undefined
      this.#context.hitLimit = undefined
    }
  }

  async #load(): Promise<readonly TestFile[]> {
    if (this.#loaded) return this.#loaded
    const files: TestFile[] = []
    for (const path of this.#options.testFiles) {
      const url = pathToFileURL(join(process.cwd(), path)).href
      files.push(await loadTestFile(path, url, this.#options.leftOut))
    }
    this.#loaded = files
    return files
  }

  /** What notices one mutant of a file most often notices the next one, too: such tests run first. */
  #note(sandboxFileName: string, id: string | undefined): void {
    if (id === undefined) return
    const others = this.#noticed.get(sandboxFileName)?.filter((other) => other !== id) ?? []
    this.#noticed.set(sandboxFileName, [id, ...others].slice(0, 5))
  }

  /** Loads the file of the mutant, and what imports it, again; only test files among these can notice the mutant. */
  async #reload(files: readonly TestFile[], mutated: string): Promise<TestFile[]> {
    const stale = graph.renew(pathToFileURL(mutated).href)
    const again: TestFile[] = []
    for (const { path, url } of files)
      if (stale.has(url)) again.push(await loadTestFile(path, url, this.#options.leftOut))
    return again
  }

  /** Runs the selected tests; with `bail` the files with the quickest tests first, as one failure is enough. */
  async #run(files: readonly TestFile[], how: HowToRun): Promise<TestResult[]> {
    const cost = ({ tests }: TestFile): number =>
      tests.reduce((sum, { id }) => sum + (how.filter?.has(id) === false ? 0 : (how.durations?.[id] ?? 0)), 0)
    const results: TestResult[] = []
    for (const file of files.toSorted((a, b) => cost(a) - cost(b))) {
      if (how.filter && !file.tests.some(({ id }) => how.filter?.has(id))) continue
      results.push(...(await runTestFile(file, how)))
      if (how.bail && results.some(isFailed)) break
    }
    return results
  }
}

/**
 * Milliseconds that the tests of one mutant take together without it. A mutant that nothing notices goes through all of them, and some files are
 * reached by thousands of tests.
 */
const budgetMs = 1000

/** Of the tests that reach a mutant: those that are named after its file, then the quickest, as many as the budget allows and one at least. */
function choose(ids: readonly string[], sourceFile: string): ReadonlySet<string> {
  const durations = readDurations()
  const name = `/${basename(sourceFile, '.ts')}`
  const rank = (id: string): number => (id.includes(name) ? 0 : 1e6) + (durations[id] ?? 0)
  let left = budgetMs
  const chosen = ids
    .toSorted((a, b) => rank(a) - rank(b))
    .filter((id, index) => {
      left -= durations[id] ?? 0
      return left >= 0 || index === 0
    })
  return new Set(chosen)
}

// The process that runs the tests without a mutant tells the others how long each took.
const durationsFile = (): string => join(process.cwd(), 'test-durations.json')

const writeDurations = (results: readonly TestResult[]): void =>
  writeFileSync(
    durationsFile(),
    JSON.stringify(Object.fromEntries(results.map(({ id, timeSpentMs }) => [id, timeSpentMs]))),
  )

let durations: Durations | undefined
const readDurations = (): Durations => {
  durations ??= JSON.parse(readFileSync(durationsFile(), 'utf8')) as Durations
  return durations
}

const isFailed = ({ status }: TestResult): boolean => status === TestStatus.Failed

const failedLoad = (error: unknown): TestResult => ({
  id: 'load',
  name: 'load',
  timeSpentMs: 0,
  status: TestStatus.Failed,
  failureMessage: String(error),
})

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'circus', CircusTestRunner)]
