import pLimit from 'p-limit'
import { Failure, messageOf, unexpected } from '../core/diagnostics.ts'
import type { Host } from '../core/host.ts'
import type { Engine } from '../docker/engine.ts'
import type { Options } from '../inputs/options.ts'
import type { Plan, Target } from '../plan/plan.ts'
import { openLogGroups } from '../platform/log/grouped-log.ts'
import { makeReport, reasonsOf } from '../report/model/make-report.ts'
import { byGate, type Report, type Verdict } from '../report/model/report.ts'
import { openLogins } from './open-logins.ts'
import { processTarget } from './process-target.ts'
import type { PullFindings } from './pull-check.ts'
import type { ChangesOfRun, PublicationResult, PublishRequest, RunContext, Stages, VersionFindings } from './stages.ts'
import { decideVerdict } from './verdict.ts'

interface PlannedRun {
  readonly plan: Plan
  readonly options: Options
  readonly host: Host
  /** Undefined: the engine has not been inspected yet. */
  readonly engine?: Promise<Engine> | undefined
  /** The files that the event changed. Undefined: they cannot be asked for, so versions are not checked. */
  readonly changes?: ChangesOfRun['changes'] | undefined
}

export interface RunResult {
  readonly report: Report
  /** Docker may hold something of this run: containers, images, a builder. */
  readonly leftResources: boolean
}

/**
 * Everything between the plan and the report: build, smoke test, measure, gates, publish.
 * Never rejects: a failed build, a broken registry and a missing engine are in the report, which is always made.
 */
export async function runPipeline({ engine, ...planned }: PlannedRun, stages: Stages): Promise<RunResult> {
  const { plan, options, host } = planned
  const startedAt = host.clock.now()
  const { logins, diagnostics: loginProblems } = await openLogins(plan, options, host)
  for (const diagnostic of loginProblems) host.log.report(diagnostic)
  const context = { ...planned, logins }
  const results = await runStages(context, stages, engine).catch((thrown) => endEarly(thrown, context, stages))
  const { leftResources, ...found } = results
  const diagnostics = [...loginProblems, ...found.diagnostics]
  const times = { startedAt, finishedAt: host.clock.now() }
  return {
    leftResources,
    report: makeReport({ mode: options.mode, plan, ...times, ...found, diagnostics }, host.event),
  }
}

interface StageResults extends Omit<Parameters<typeof makeReport>[0], 'mode' | 'plan' | 'startedAt' | 'finishedAt'> {
  readonly leftResources: boolean
}

/** What every stage gets, and what only the version gate needs. */
type PipelineContext = RunContext & Pick<PlannedRun, 'changes'>

async function runStages(context: PipelineContext, stages: Stages, engine?: Promise<Engine>): Promise<StageResults> {
  const { options, host } = context
  const { versions, ...images } =
    options.mode === 'publish'
      ? await collectImages(context, stages)
      : await buildTestAndMeasure(context, stages, engine)
  const { outcomes, problems, leftResources } = images
  const found = await versions
  for (const line of found?.unknown ?? []) host.log.info(line)
  const labels = host.event.pullRequest?.labels
  const verdict = decideVerdict(outcomes.values(), options, { labels, problems, versions: found?.problems })
  const publish = options.mode === 'build' ? stages.pushByDigest : stages.publishImages
  const { reasons, warnings = [], diagnostics = [], ...publication } = await publish({ ...context, ...images, verdict })
  const pulls = await checkPulls(publication.published, context, stages, engine)
  return {
    ...publication,
    targets: new Map([...outcomes].map(([id, { report }]) => [id, report])),
    verdict: withReasons(verdict, [...reasons, ...pulls.reasons], [...warnings, ...pulls.warnings]),
    diagnostics: [...problems, ...diagnostics],
    leftResources,
  }
}

/** Undefined: versions are not checked. A cell of a matrix leaves that to `mode: publish`, so that each add-on is asked for once. */
function startVersionGate(
  { changes, ...context }: PipelineContext,
  stages: Stages,
  engine?: Promise<Engine>,
): Promise<VersionFindings> | undefined {
  const { options, host } = context
  const applies = options.mode === 'run' || options.mode === 'publish'
  // `pull_request_target` has the base branch checked out, whose version says nothing about the change.
  const isOfChange = host.event.pullRequest !== undefined && host.event.name !== 'pull_request_target'
  if (!applies || !changes || !isOfChange || options.versionGate === 'off') return undefined
  return stages.openVersionGate({ ...context, changes }, engine)
}

/** Nothing was published, or the run has no time left: nothing is pulled. */
async function checkPulls(
  published: PublicationResult['published'],
  context: RunContext,
  stages: Stages,
  engine?: Promise<Engine>,
): Promise<PullFindings> {
  const { options, host } = context
  if (!published || options.pullCheck === 'off' || host.signal.aborted) return { reasons: [], warnings: [] }
  return stages.checkPulls(published, context, engine)
}

/** The results of a run that ended before its targets were processed. */
async function endEarly(thrown: unknown, context: RunContext, stages: Stages): Promise<StageResults> {
  const { mode } = context.options
  const failure = thrown instanceof Failure ? thrown : unexpected(thrown)
  if (mode === 'build') await stages.writeResults({ ...context, outcomes: new Map(), notPushed: failure.message })
  return {
    targets: new Map(),
    verdict: { passed: false, reasons: reasonsOf(failure), warnings: [] },
    publication: { status: 'not-published', reason: 'The run ended before anything was built.' },
    diagnostics: failure.diagnostics,
    // A stage that ends with a Failure has removed what it made.
    leftResources: failure !== thrown && mode !== 'publish',
  }
}

/** The outcome of every target, and what publishing needs. */
interface ProcessedImages extends Pick<PublishRequest, 'outcomes' | 'problems' | 'registry' | 'sign'> {
  readonly leftResources: boolean
  readonly versions: Promise<VersionFindings | undefined> | undefined
}

/** Delay before the inspector and the version gate are loaded, so that loading does not slow down the start of builds. No build ends before it. */
const untilBuildsRunMs = 40

/** At most `parallel` targets at once; default: as many as the add-on with the most architectures has. The log shows one after the other. */
async function buildTestAndMeasure(
  context: PipelineContext,
  stages: Stages,
  engine: Promise<Engine> | undefined,
): Promise<ProcessedImages> {
  const { plan, options, host } = context
  const session = await stages.openBuildSession(context, engine)
  const network = stages.shareTestNetwork(session.host)
  try {
    for (const diagnostic of session.diagnostics) host.log.report(diagnostic)
    const targets = plan.addons.flatMap((addon) => addon.targets)
    const titles = targets.map((target) => titleOf(target, plan.addons.length > 1))
    const logGroups = openLogGroups(host.log, titles)
    // Opened while the builds run in other processes: it is not needed before the first build ends.
    const buildsRun = host.clock.sleep(untilBuildsRunMs, host.signal)
    const inspector = buildsRun.then(() => stages.openInspector(context, session, network))
    const versions = buildsRun.then(() => startVersionGate(context, stages, engine))
    // Not awaited if all builds fail; a rejection must not count as unhandled.
    for (const started of [inspector, versions]) started.catch(() => {})
    const limit = pLimit(options.parallel ?? Math.max(1, ...plan.addons.map((addon) => addon.targets.length)))
    const outcomes = await Promise.all(
      targets.map(async (target, index) => {
        const logGroup = logGroups[index] ?? noLogGroup
        const outcome = await limit(() => processTarget(target, { session, inspector, options, logGroup }))
        return [target.id, outcome] as const
      }),
    )
    const { registry, sign, diagnostics: problems, leavesResources: leftResources } = session
    return { outcomes: new Map(outcomes), problems, registry, ...(sign && { sign }), leftResources, versions }
  } finally {
    await release(network, host)
    await release(session, host)
  }
}

/** The images that jobs on other runners have built and tested. Needs no Docker. */
async function collectImages(context: PipelineContext, stages: Stages): Promise<ProcessedImages> {
  const versions = startVersionGate(context, stages)
  const collected = await stages.collectResults(context)
  return { ...collected, ...(await stages.openPublication(context)), leftResources: false, versions }
}

/** Ignores a failure, which must not change the result: the end of the run tries again to remove everything. */
async function release(shared: { release(): Promise<void> }, { log }: Host): Promise<void> {
  await shared.release().catch((thrown: unknown) => log.debug(`Not removed yet: ${messageOf(thrown)}`))
}

const noLogGroup = { line: () => {}, close: () => {} }

const titleOf = ({ addon, architecture, platform }: Target, several: boolean): string =>
  `${several ? `${addon} ` : ''}${architecture} (${platform})`

const withReasons = (verdict: Verdict, reasons: Verdict['reasons'], warnings: Verdict['warnings']): Verdict => ({
  passed: verdict.passed && reasons.length === 0,
  reasons: [...verdict.reasons, ...reasons],
  warnings: [...verdict.warnings, ...warnings].toSorted(byGate),
})
