import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { reportFolder } from './deliver.ts'
import { type Diagnostic, error, Failure } from './diagnostics.ts'
import type { Host } from './host.ts'
import type { Options } from './options.ts'
import type { Plan, Target } from './plan/plan.ts'
import { type ResultFile, readResultFile } from './report/result-file.ts'
import { budgetsFor, judgeSize } from './size/budget.ts'
import type { TargetOutcome } from './target.ts'

type JoinOptions = Pick<Options, 'results' | 'reportPath' | 'maxSize' | 'maxIncrease' | 'smokeTest'>

export interface Joined {
  /** By target id, as far as there is a result that can be used. */
  readonly outcomes: ReadonlyMap<string, TargetOutcome>
  /** Every file that is missing, broken, of another commit or there twice: half a set is never published. */
  readonly problems: readonly Diagnostic[]
}

/** Where `mode: build` puts its result files, and `mode: publish` looks for all of them. */
export const resultsFolder = ({ results, reportPath }: Pick<Options, 'results' | 'reportPath'>, host: Host): string =>
  reportFolder({ reportPath: results ?? reportPath }, host)

/** The outcomes of all targets of the plan, from the result files that the `mode: build` jobs left. */
export async function joinResults(plan: Plan, options: JoinOptions, host: Host): Promise<Joined> {
  const folder = resultsFolder(options, host)
  const read = await Promise.all(
    (await resultFiles(folder)).map(async (file) =>
      readResultFile(relative(folder, file), await readFile(file, 'utf8')),
    ),
  )
  const problems: Diagnostic[] = read.filter((one): one is Diagnostic => !('kind' in one))
  const byId = Map.groupBy(
    read.filter((one): one is ResultFile => 'kind' in one),
    ({ id }) => id,
  )
  const outcomes = new Map<string, TargetOutcome>()
  for (const target of plan.addons.flatMap(({ targets }) => targets)) {
    const result = theOne(byId.get(target.id) ?? [], target.id, folder, host.event.sha)
    if ('kind' in result) outcomes.set(target.id, outcomeOf(result, target, options))
    else problems.push(result)
  }
  return { outcomes, problems }
}

/** The result that counts, or what is wrong with those that there are. */
function theOne(results: readonly ResultFile[], id: string, folder: string, sha: string): ResultFile | Diagnostic {
  const [first, ...others] = latestOfRun(results)
  if (!first) {
    return error(
      'publish/missing-result',
      `There is no result file for ${id} in ${folder}.`,
      'Run "mode: build" for every entry of the matrix, and download all of its artifacts before "mode: publish". A job that failed leaves its file, too; one that was ended from outside (a time limit, a lost runner) does not: run it again.',
    )
  }
  const foreign = [first, ...others].find((result) => result.sha !== sha)
  if (foreign) {
    return error(
      'publish/other-commit',
      `A result for ${id} is of commit ${foreign.sha.slice(0, 7)}, this run is of ${sha.slice(0, 7)}.`,
      'Download the artifacts of this run only.',
    )
  }
  if (others.length > 0) {
    return error(
      'publish/two-results',
      `There are ${others.length + 1} results for ${id} that differ.`,
      'Download the artifacts of one run only, each once.',
    )
  }
  return first
}

/** A job that ran again leaves a second artifact where it does not overwrite the first: of one run, the last attempt counts. */
function latestOfRun(results: readonly ResultFile[]): readonly ResultFile[] {
  const last = results.filter(
    (one) => !results.some(({ run }) => run.id !== '' && run.id === one.run.id && run.attempt > one.run.attempt),
  )
  return [...new Map(last.map((one) => [JSON.stringify(one), one])).values()]
}

/** Names, tags and limits are decided here, from this job's own inputs: those in the file came through an artifact. */
function outcomeOf({ report, failure, notPushed }: ResultFile, target: Target, options: JoinOptions): TargetOutcome {
  const { addon, architecture, platform, image, tags } = target
  const { size, published: _, ...rest } = report
  const budgets = budgetsFor(options, architecture)
  const untested = options.smokeTest && report.build.status === 'built' && !report.smoke && !failure
  return {
    report: {
      ...rest,
      ...(size && {
        size:
          Object.keys(budgets).length === 0
            ? size
            : { ...size, budgets: judgeSize(size.measure, size.comparison, budgets) },
      }),
      ...{ addon, architecture, platform, image, tags },
    },
    ...(failure && { failure: new Failure(failure.kind, failure.diagnostics) }),
    ...(untested && { failure: new Failure('input', [notTested]) }),
    ...(notPushed !== undefined && { notPushed }),
  }
}

const notTested = error(
  'publish/not-tested',
  'The job that built this image did not test it.',
  'Set "smoke-test" to the same value for "mode: build" and "mode: publish".',
)

/** `actions/download-artifact` puts each artifact into a folder of its own, unless it is told to merge them. */
async function resultFiles(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.result.json'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}
