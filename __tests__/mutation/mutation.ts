// npm run mutation [-- [--survivors] PART... [FILE...]]: changes the sources in small ways, one at a time, and counts how
// many of these mutants the unit tests notice. Needs no network and no Docker.
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import type { MutantResult, PartialStrykerOptions } from '@stryker-mutator/api/core'
import { installPackages } from '../environment/bootstrap.mjs'
import { leftOut, type Part, partNames, readPart } from './parts.ts'
import { lineOf, percentage, type Score, scoreOf, tableOf } from './table.ts'

/** Of 100, what each part has to reach. */
const required = 85
const root = resolve(import.meta.dirname, '..', '..')

interface Wanted {
  readonly parts: readonly Part[]
  readonly survivors: boolean
}

/** Parts by name, all without a name; with files only these, of the parts named or of the part that has them. */
function readArguments(args: readonly string[]): Wanted {
  const survivors = args.includes('--survivors')
  const words = args.filter((arg) => arg !== '--survivors')
  const unknown = words.find((word) => !partNames.includes(word) && !/^src\/.*\.ts(:\d+-\d+)?$/.test(word))
  if (unknown !== undefined)
    throw new Error(
      `"${unknown}" is neither a part (${partNames.join(', ')}) nor a file such as src/pipeline/verdict.ts.`,
    )
  const files = words.filter((word) => !partNames.includes(word))
  const named = words.filter((word) => partNames.includes(word))
  const all = (named.length > 0 ? named : partNames).map((name) => readPart(name, root) as Part)
  if (files.length === 0) return { parts: all, survivors }
  const parts = all
    .map((part) => ({ ...part, mutate: files.filter((file) => part.mutate.includes(file.replace(/:.*/, ''))) }))
    .filter(({ mutate }) => mutate.length > 0)
  const lost = files.find((file) => !parts.some(({ mutate }) => mutate.includes(file)))
  if (lost !== undefined) throw new Error(`No part has the file ${lost}. See __tests__/mutation/parts.ts.`)
  return { parts, survivors }
}

function strykerOptions(part: Part, temporary: string): PartialStrykerOptions {
  return {
    mutate: [...part.mutate],
    testRunner: 'circus',
    plugins: [new URL('./worker/runner.ts', import.meta.url).href],
    circus: { testFiles: part.tests, leftOut },
    testRunnerNodeArgs: ['--import', new URL('./worker/hooks.ts', import.meta.url).href],
    coverageAnalysis: 'perTest',
    concurrency: Number(process.env.MUTATION_CONCURRENCY) || availableParallelism(),
    // A test that waits for ever fails by itself; this is for loops that never end. The tests of one mutant take about a second.
    timeoutMS: 8_000,
    // Modules that were loaded again stay in memory for as long as the process lives.
    maxTestRunnerReuse: 500,
    tempDirName: temporary,
    cleanTempDir: 'always',
    // Stryker reads tsconfig.json with TypeScript's old interface, and Node needs none.
    ignorePatterns: ['tsconfig*.json', '/dist', '/build', '.cache', 'coverage'],
    disableTypeChecks: false,
    reporters: [process.stdout.isTTY ? 'progress' : 'progress-append-only'],
    warnings: false,
    logLevel: 'error',
  } as PartialStrykerOptions
}

/** The part of Stryker that is used here. */
type StrykerClass = new (options: PartialStrykerOptions) => { runMutationTest(): Promise<readonly MutantResult[]> }

/** Stryker has packages of its own: nothing else needs them, and with them the project's would take much longer to install. */
async function loadStryker(): Promise<StrykerClass> {
  installPackages(import.meta.dirname, 'Stryker')
  const name = '@stryker-mutator/core'
  return ((await import(name)) as { readonly Stryker: StrykerClass }).Stryker
}

/** Runs the mutants of one part, one after the other in each process. */
async function runPart(Stryker: StrykerClass, part: Part, survivors: boolean): Promise<Score> {
  const temporary = mkdtempSync(join(realpathSync(tmpdir()), 'aicleaner-mutation-'))
  const clean = (): void => rmSync(temporary, { recursive: true, force: true })
  process.once('exit', clean)
  try {
    const results = await new Stryker(strykerOptions(part, temporary)).runMutationTest()
    if (survivors) for (const line of linesOf(results)) console.log(line)
    return scoreOf(part.name, results)
  } finally {
    clean()
    process.off('exit', clean)
  }
}

function linesOf(results: readonly MutantResult[]): readonly string[] {
  return results
    .filter(({ status }) => status !== 'Killed' && status !== 'Timeout')
    .sort((a, b) => a.fileName.localeCompare(b.fileName) || a.location.start.line - b.location.start.line)
    .map((mutant) => lineOf(mutant, relative(root, mutant.fileName), readFileSync(mutant.fileName, 'utf8')))
}

async function main(args: readonly string[]): Promise<void> {
  process.chdir(root)
  const { parts, survivors } = readArguments(args)
  const Stryker = await loadStryker()
  const scores: Score[] = []
  for (const part of parts) {
    const score = await runPart(Stryker, part, survivors)
    scores.push(score)
    if (parts.length > 1) console.log(`${score.part}: ${percentage(score).toFixed(1)} %`)
  }
  console.log(`\n${tableOf(scores)}`)
  const low = scores.filter((score) => percentage(score) < required).map(({ part }) => part)
  if (low.length === 0) return
  console.error(`\nUnder ${required} %: ${low.join(', ')}. Run with --survivors to see what no test notices.`)
  process.exitCode = 1
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  console.error(`mutation: ${(error as Error).message}`)
  process.exitCode = 2
}
