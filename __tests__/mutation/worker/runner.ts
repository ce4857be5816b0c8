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
    const known = new Set(idsOf(base))
    const changed = testFilter?.find((id) => !known.has(id))
    if (changed !== undefined) throw new Error(`A test has another name each time it is loaded: ${changed}`)
    this.#context.hitLimit = hitLimit
    this.#context.hitCount = hitLimit === undefined ? undefined : 0
    this.#context.activeMutant = activeMutant.id
    try {
      const how = { bail: !disableBail, durations: readDurations() }
      const isStatic = mutantActivation === 'static'
      const tests = await (isStatic
        ? this.#runAnew(base, sandboxFileName, how)
        : this.#runLoaded(base, sandboxFileName, testFilter ?? idsOf(base), how))
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

  async #runLoaded(
    files: readonly TestFile[],
    mutated: string,
    reaching: readonly string[],
    how: HowToRun,
  ): Promise<TestResult[]> {
    const filter = choose(reaching, mutated)
    const first = new Set(this.#noticed.get(mutated)?.filter((id) => filter.has(id)))
    const tests = await this.#run(files, { ...how, filter: first })
    return tests.some(isFailed) ? tests : this.#run(files, { ...how, filter })
  }

  /**
   * Loads the file of the mutant, and what imports it, again; only test files among these can notice the mutant. Those that noticed others of its
   * file, or are named after it, come first, then those that are nearest to it. Once some are known there is an end after a few, as to load one
   * takes longer than to run it.
   */
  async #runAnew(files: readonly TestFile[], mutated: string, how: HowToRun): Promise<TestResult[]> {
    const stale = graph.renew(pathToFileURL(mutated).href)
    const noticed = new Set(this.#noticed.get(mutated))
    const rank = (file: TestFile): number =>
      idsOf([file]).some((id) => noticed.has(id)) ? 0 : file.path.includes(nameOf(mutated)) ? 1 : 2
    const byDistance = new Map([...stale].map((url, index) => [url, index]))
    const chosen = files
      .filter(({ url }) => stale.has(url))
      .toSorted((a, b) => (byDistance.get(a.url) ?? 0) - (byDistance.get(b.url) ?? 0))
      .toSorted((a, b) => rank(a) - rank(b))
      .slice(0, noticed.size > 0 ? mostLoadedAnew : Number.POSITIVE_INFINITY)
    const filter = choose(idsOf(chosen), mutated, noticed.size > 0 ? budgetMs : Number.POSITIVE_INFINITY)
    const results: TestResult[] = []
    for (const { path, url } of chosen) {
      results.push(...(await runTestFile(await loadTestFile(path, url, this.#options.leftOut), { ...how, filter })))
      if (how.bail && results.some(isFailed)) break
    }
    return results
  }

  /** Runs the selected tests; with `bail` the files with the quickest tests first, as one failure is enough. */
  async #run(files: readonly TestFile[], how: HowToRun): Promise<TestResult[]> {
    const results: TestResult[] = []
    for (const file of files.toSorted((a, b) => costOf(a, how) - costOf(b, how))) {
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

/** Test files; to load one with what it imports takes up to half a second. */
const mostLoadedAnew = 8

const idsOf = (files: readonly TestFile[]): readonly string[] => files.flatMap(({ tests }) => tests.map(({ id }) => id))

/** Milliseconds that the selected tests of a file take without a mutant. */
const costOf = ({ tests }: TestFile, { filter, durations }: HowToRun): number =>
  tests.reduce((sum, { id }) => sum + (filter?.has(id) === false ? 0 : (durations?.[id] ?? 0)), 0)

/** As in the path of a test file that is named after a source file. */
const nameOf = (sourceFile: string): string => `/${basename(sourceFile, '.ts')}`

/** Of the tests that reach a mutant: those of the nearest files, then the quickest, as many as the budget allows and one at least. */
function choose(ids: readonly string[], mutated: string, budget = budgetMs): ReadonlySet<string> {
  const durations = readDurations()
  const url = pathToFileURL(mutated).href
  const ranks = new Map<string, number>()
  const rankOf = (id: string): number => {
    const path = id.slice(0, id.indexOf(': '))
    const known = ranks.get(path)
    const importer = pathToFileURL(join(process.cwd(), path)).href
    const rank = known ?? (path.includes(nameOf(mutated)) ? 0 : graph.imports(importer, url) ? 1 : 2)
    ranks.set(path, rank)
    return rank
  }
  const costs = new Map(ids.map((id) => [id, rankOf(id) * 1e6 + (durations[id] ?? 0)]))
  let left = budget
  const chosen = ids
    .toSorted((a, b) => (costs.get(a) ?? 0) - (costs.get(b) ?? 0))
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
