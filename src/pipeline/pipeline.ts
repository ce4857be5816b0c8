import pLimit from 'p-limit'
import { lacksOciExport } from '../build/classic-store.ts'
import { type Diagnostic, Failure, isError } from '../core/diagnostics.ts'
import type { Host } from '../core/host.ts'
import { openSigner, type Sign } from '../cosign/sign.ts'
import type { Engine } from '../docker/engine.ts'
import type { Login, Options } from '../inputs/options.ts'
import type { Plan, Target } from '../plan/plan.ts'
import { openLogGroups } from '../platform/log/grouped-log.ts'
import type { Registry } from '../registry/client.ts'
import { openRegistry } from '../registry/open.ts'
import { type Findings, makeReport, reasonsOf } from '../report/model/make-report.ts'
import type { Report, Verdict } from '../report/model/report.ts'
import { loggedIn, openBuildSession } from './build-session.ts'
import { joinResults } from './collect-results.ts'
import { openLogins } from './open-logins.ts'
import { buildAndTest, type TargetOutcome } from './process-target.ts'
import { keepImages, leaveResults, publishAll } from './publish-images.ts'
import { decideVerdict } from './verdict.ts'

/** Targets by id, and the registry that they go to. */
interface Built {
  readonly outcomes: ReadonlyMap<string, TargetOutcome>
  readonly registry: Registry
  readonly sign?: Sign
  readonly diagnostics: readonly Diagnostic[]
  readonly made: boolean
}

export interface Run {
  readonly report: Report
  /** Docker holds, or held, something of this run: containers, images, a builder. */
  readonly made: boolean
}

/**
 * Everything after the plan: build → smoke test → measure → gate → publish → report.
 * `engine`: what it is, where that was asked before; it is asked now where it is needed and was not.
 * Never rejects for what the run found out: a failed build, a broken registry and a missing engine are in the report, which is always made.
 */
export async function run(plan: Plan, options: Options, host: Host, engine?: Promise<Engine>): Promise<Run> {
  const startedAt = host.clock.now()
  const finish = (made: boolean, findings: Omit<Findings, 'mode' | 'plan' | 'startedAt' | 'finishedAt'>): Run => ({
    made,
    report: makeReport({ mode: options.mode, plan, startedAt, finishedAt: host.clock.now(), ...findings }, host.event),
  })
  const { logins, diagnostics: ofLogins } = await openLogins(plan, options, host)
  for (const diagnostic of ofLogins) host.log.report(diagnostic)
  try {
    const built =
      options.mode === 'publish'
        ? await join(plan, logins, options, host)
        : await build(plan, logins, options, host, engine)
    const reports = [...built.outcomes.values()].map(({ report }) => report)
    const judged = decideVerdict(reports, options, host.event.pullRequest?.labels)
    const verdict = withProblems(withFailures(judged, built.outcomes), built.diagnostics)
    const publish = options.mode === 'build' ? keepImages : publishAll
    const { reasons, diagnostics = [], ...published } = await publish({ plan, verdict, options, host, ...built })
    return finish(built.made, {
      targets: new Map(reports.map((report) => [`${report.addon}/${report.architecture}`, report])),
      diagnostics: [...ofLogins, ...built.diagnostics, ...diagnostics],
      ...published,
      verdict:
        reasons.length === 0 ? verdict : { ...verdict, passed: false, reasons: [...verdict.reasons, ...reasons] },
    })
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown
    if (options.mode === 'build') await leaveResults({ plan, outcomes: new Map(), options, host }, thrown.message)
    const verdict = { passed: false, reasons: reasonsOf(thrown), warnings: [] }
    const publication = { status: 'not-published', reason: 'The run ended before anything was built.' } as const
    const diagnostics = [...ofLogins, ...thrown.diagnostics]
    return finish(false, { targets: new Map(), diagnostics, verdict, publication })
  }
}

/** Loading takes the processor from whoever starts the builds; none is over before this. */
const untilBuildsRunMs = 40

/** All targets at once, or as many as `parallel` says; the log shows one after the other. */
async function build(
  plan: Plan,
  logins: readonly Required<Login>[],
  options: Options,
  host: Host,
  engine?: Promise<Engine>,
): Promise<Built> {
  const session = await openBuildSession(plan, logins, options, host, engine)
  try {
    for (const diagnostic of session.diagnostics) host.log.report(diagnostic)
    const targets = plan.addons.flatMap((addon) => addon.targets)
    const logGroups = openLogGroups(
      host.log,
      targets.map((target) => titleOf(target, plan.addons.length > 1)),
    )
    // Loaded while the builds run: they are other processes, and it is not needed before the first of them ends.
    const inspection = host.clock
      .sleep(untilBuildsRunMs, host.signal)
      .then(() => import('./inspect-image.ts'))
      .then(({ openInspection }) => openInspection(plan, session, options))
    // Where no build succeeds nobody waits for it.
    inspection.catch(() => {})
    const atOnce = options.parallel ?? Math.max(1, ...plan.addons.map((addon) => addon.targets.length))
    const limit = pLimit(atOnce)
    const outcomes = await Promise.all(
      targets.map((target, index) => limit(() => buildAndTest(target, session, inspection, options, logGroups[index]))),
    )
    const byId = new Map(targets.map(({ id }, index) => [id, outcomes[index]] as const).filter(isThere))
    const { registry, sign, diagnostics, builder } = session
    const made = options.smokeTest || builder.owned || lacksOciExport(builder, session.engine)
    return { outcomes: byId, registry, ...(sign && { sign }), diagnostics, made }
  } finally {
    await session.release()
  }
}

/** What jobs on other runners built and tested. Docker is not needed for this. */
async function join(plan: Plan, logins: readonly Required<Login>[], options: Options, host: Host): Promise<Built> {
  const { outcomes, problems } = await joinResults(plan, options, host)
  const sign = await openSigner(options, [], await loggedIn(logins, host))
  return {
    outcomes,
    registry: openRegistry(logins, [], host),
    ...(sign && { sign }),
    diagnostics: problems,
    made: false,
  }
}

const titleOf = ({ addon, architecture, platform }: Target, several: boolean): string =>
  `${several ? `${addon} ` : ''}${architecture} (${platform})`

const isThere = <K, V>(entry: readonly [K, V | undefined]): entry is readonly [K, V] => entry[1] !== undefined

/** Results that are missing or cannot be trusted: what there is, is told; nothing of it is published. */
function withProblems(verdict: Verdict, diagnostics: readonly Diagnostic[]): Verdict {
  if (!diagnostics.some(isError)) return verdict
  const reasons = reasonsOf(new Failure('artifact', diagnostics))
  return { ...verdict, passed: false, reasons: [...reasons, ...verdict.reasons] }
}

/** An image whose test could not be carried out has not passed it. */
function withFailures(verdict: Verdict, outcomes: ReadonlyMap<string, TargetOutcome>): Verdict {
  const more = [...outcomes.values()].flatMap(({ failure, report: { addon, architecture, build } }) =>
    failure && build.status === 'built' ? reasonsOf(failure).map((reason) => ({ ...reason, addon, architecture })) : [],
  )
  return more.length === 0 ? verdict : { ...verdict, passed: false, reasons: [...verdict.reasons, ...more] }
}
