import { readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { type Diagnostic, error, Failure } from '../core/diagnostics.ts'
import type { Host } from '../core/host.ts'
import { sha256Hex } from '../core/sha256.ts'
import { count, escapeControls } from '../core/text.ts'
import type { Options } from '../inputs/options.ts'
import type { Plan, Target } from '../plan/plan.ts'
import { readArtifact } from '../report/artifact.ts'
import { badResult, largestResult, type ResultFile } from '../report/model/result-file.ts'
import { budgetsFor, judgeSize } from '../size/budget.ts'
import { reportFolder } from './deliver-report.ts'
import { identityOf, outcomeOf, type TargetOutcome } from './target-outcome.ts'

type CollectOptions = Pick<Options, 'results' | 'reportPath' | 'maxSize' | 'maxIncrease' | 'smokeTest'>

export interface CollectedResults {
  /** By target id; targets without a usable result are missing. */
  readonly outcomes: ReadonlyMap<string, TargetOutcome>
  /** Every file that is missing, broken, of another commit or duplicated: an incomplete set is never published. */
  readonly problems: readonly Diagnostic[]
}

/** Where `mode: build` writes its result files, and `mode: publish` reads all of them. */
export const resultsFolder = ({ results, reportPath }: Pick<Options, 'results' | 'reportPath'>, host: Host): string =>
  reportFolder({ reportPath: results ?? reportPath }, host)

/** A result, and a hash to find duplicates. */
interface Read {
  readonly result: ResultFile
  readonly hash: string
}

/** The outcomes of all targets of the plan, from the result files of the `mode: build` jobs. */
export async function collectResults(plan: Plan, options: CollectOptions, host: Host): Promise<CollectedResults> {
  const folder = resultsFolder(options, host)
  const targets = plan.addons.flatMap((addon) => addon.targets)
  const byId = new Map<string, readonly Read[]>(targets.map(({ id }) => [id, []]))
  const { files, problems } = await resultFiles(folder)
  // One after the other, and only usable results are kept: memory must not grow with the number of files.
  for (const file of files) {
    const read = await readOne(folder, file)
    if ('code' in read) {
      problems.push(read)
      continue
    }
    const others = byId.get(read.result.id)
    if (others) byId.set(read.result.id, withResult(others, read, host.event))
  }
  const outcomes = new Map<string, TargetOutcome>()
  for (const target of targets) {
    const results = (byId.get(target.id) ?? []).map(({ result }) => result)
    const result = selectResult(results, target.id, folder, host.event)
    if ('kind' in result) outcomes.set(target.id, readOutcome(result, target, options))
    else problems.push(result)
  }
  return { outcomes, problems: atMost(problems, folder) }
}

/** Maximum problems in the report; the others are only counted. */
const mostProblems = 50

const atMost = (problems: readonly Diagnostic[], folder: string): readonly Diagnostic[] =>
  problems.length <= mostProblems
    ? problems
    : [
        ...problems.slice(0, mostProblems),
        badResult(folder, `has ${count(problems.length - mostProblems, 'more problem')}`),
      ]

async function readOne(folder: string, file: string): Promise<Read | Diagnostic> {
  const name = nameOf(folder, file)
  const artifact = await readArtifact(file, largestResult)
  if (artifact === undefined) return badResult(name, 'was removed')
  if ('refused' in artifact) return badResult(name, `cannot be used: ${artifact.refused}`)
  const { readResultFile } = await import('../report/model/read-result-file.ts')
  const result = readResultFile(name, artifact.text)
  if (!('kind' in result)) return result
  return { result, hash: sha256Hex(artifact.text) }
}

/** The name of a file comes from an artifact, so it is not trusted. */
const nameOf = (folder: string, file: string): string => escapeControls(relative(folder, file)).slice(-200)

/** Maximum different results that are kept of one image. Two are already an error. */
const mostKept = 10

/**
 * The last attempt of a run counts: a job that ran again leaves a second artifact unless it overwrites the first. An attempt that this
 * run has not reached never replaces another result.
 */
function withResult(others: readonly Read[], read: Read, { runId, runAttempt }: Host['event']): readonly Read[] {
  if (others.some(({ hash }) => hash === read.hash)) return others
  const all = [...others, read]
  // In a terminal there is no run.
  const possible = all.map(({ result }) => result.run).filter(({ attempt }) => !runId || attempt <= runAttempt)
  const isReplaced = ({ result: { run } }: Read): boolean =>
    possible.some(({ id, attempt }) => id !== '' && id === run.id && attempt > run.attempt)
  return all.filter((one) => !isReplaced(one)).slice(0, mostKept)
}

/** The result that counts, or the problem with the results. */
function selectResult(
  results: readonly ResultFile[],
  id: string,
  folder: string,
  { sha, runId, runAttempt }: Host['event'],
): ResultFile | Diagnostic {
  const [first, ...others] = results
  if (!first) {
    return error(
      'publish/missing-result',
      `There is no result file for ${id} in ${folder}.`,
      'Run "mode: build" for every entry of the matrix, and download all artifacts before "mode: publish". A failed job also writes its file. A job that was killed (time limit, lost runner) does not: run it again.',
    )
  }
  const foreign = results.find((result) => result.sha !== sha)
  if (foreign) {
    return error(
      'publish/other-commit',
      `A result for ${id} is from commit ${escapeControls(foreign.sha.slice(0, 7))}, but this run is for ${sha.slice(0, 7)}.`,
      'Download the artifacts of this run only.',
    )
  }
  // Only results of jobs of this run are accepted. In a terminal there is no run.
  const otherRun = runId ? results.find(({ run }) => run.id !== runId) : undefined
  if (otherRun) {
    return error(
      'publish/other-run',
      `A result for ${id} is from run "${escapeControls(otherRun.run.id.slice(0, 20))}", but this is run ${runId}.`,
      'Download the artifacts of this run only.',
    )
  }
  // A wrong attempt matters only if there are several results, because it decides between them.
  const later = runId && others.length > 0 ? results.find(({ run }) => run.attempt > runAttempt) : undefined
  if (later) {
    return error(
      'publish/other-run',
      `One of several results for ${id} is from attempt ${later.run.attempt}, but this is attempt ${runAttempt} of the run.`,
      'No job of this run can have written it. Check what uploads artifacts in this workflow.',
    )
  }
  if (others.length > 0) {
    return error(
      'publish/two-results',
      `There are ${others.length + 1} different results for ${id}.`,
      'Download the artifacts of one run only, each once.',
    )
  }
  return first
}

/** Names, tags and limits are those of this job's own inputs: the file came through an artifact. */
function readOutcome(
  { report, failure, notPushed, pushed }: ResultFile,
  target: Target,
  options: CollectOptions,
): TargetOutcome {
  const { size, published: _, ...rest } = report
  const budgets = budgetsFor(options, target.architecture)
  const isUntested = options.smokeTest && report.build.status === 'built' && !report.smoke
  const error = failure
    ? new Failure(failure.kind, failure.diagnostics)
    : isUntested
      ? new Failure('artifact', [notTested])
      : undefined
  const sizeWithBudgets = size && { ...size, budgets: judgeSize(size.measure, size.comparison, budgets) }
  const sized = Object.keys(budgets).length === 0 ? size : sizeWithBudgets
  return outcomeOf({
    report: { ...rest, ...(sized && { size: sized }), ...identityOf(target) },
    ...(error && { error: { stage: isUntested ? 'smoke-test' : 'attest', failure: error } }),
    upload: { ...(notPushed !== undefined && { notPushed }), ...(pushed && { pushed }) },
  })
}

const notTested = error(
  'publish/not-tested',
  'The job that built this image did not test it.',
  'Set "smoke-test" to the same value for "mode: build" and "mode: publish".',
)

/** Maximum files and folders that are read: enough for the artifacts of a thousand jobs. */
const mostEntries = 10_000

/** `actions/download-artifact` puts each artifact into its own folder, or merges them into one. Links are not followed. */
async function resultFiles(folder: string) {
  const files: string[] = []
  const problems: Diagnostic[] = []
  const folders = [folder]
  let seen = 0
  for (let at = folders.pop(); at !== undefined; at = folders.pop()) {
    const entries = await readdir(at, { withFileTypes: true }).catch(() => [])
    seen += entries.length
    if (seen > mostEntries) {
      problems.push(badResult(folder, `contains more than ${mostEntries} files and folders`))
      break
    }
    for (const entry of entries) {
      const path = join(at, entry.name)
      if (entry.isDirectory()) folders.push(path)
      else if (!entry.name.endsWith('.result.json')) continue
      else if (entry.isFile()) files.push(path)
      else problems.push(badResult(nameOf(folder, path), 'is not a regular file'))
    }
  }
  return { files: files.sort(), problems }
}
