import { availableParallelism } from 'node:os'
import pLimit, { type LimitFunction } from 'p-limit'
import type { Host } from '../core/host.ts'
import { docker } from '../docker/containers.ts'
import type { Options } from '../inputs/options.ts'
import { checks as allChecks } from './checks/all.ts'
import type { ContainerContext, OutcomeContext, SmokeCheck } from './checks/check.ts'
import { type FurtherRuns, openFurtherRuns } from './checks/further-run.ts'
import { createContainerRun } from './container/container-run.ts'
import { awaitSamples, createMonitor, type Monitor } from './container/monitor.ts'
import { grantHint } from './container/policy.ts'
import { withoutS6 } from './container/processes.ts'
import { createSmokeContext, type SmokeContext, type SmokeSubject } from './context.ts'
import { collectEvidence, evidenceWithoutContainer } from './evidence.ts'
import { throwIfCancelled } from './failures.ts'
import { type CheckOutcome, checkResult, type Gates } from './gates.ts'
import { openTestNetwork, type TestNetwork } from './network/test-network.ts'
import { maskSecrets } from './options/secrets.ts'
import { staysUp } from './readiness/readiness.ts'
import { lacksOnlyInferredSignals, type WaitOutcome } from './readiness/wait.ts'
import type { CheckResult, FailedTry, SmokeResult } from './result.ts'
import { withTries } from './tries.ts'
import { verdictOf, withHint } from './verdict.ts'

export { describeSmoke } from './describe.ts'

/** What the test found, before it becomes a result. */
interface PartialResult
  extends Partial<Pick<SmokeResult, 'readiness' | 'timeToHealthyMs' | 'peakMemoryBytes' | 'evidence'>> {
  readonly checks: readonly CheckResult[]
}

/** What the smoke tests of a run share. */
interface SmokeResources {
  /** The network of all tests. The first call creates it. */
  openNetwork(): Promise<TestNetwork>
  /** Limits how many containers run at once. */
  readonly containers: LimitFunction
}

/**
 * Starts an image as the Supervisor would, and reports whether it works. Everything that it creates has the label of the run and is removed
 * before it returns.
 * @param shared removed by the caller. Without it, the test creates and removes its own network.
 * @throws Failure `cancelled` if the run is cancelled, `environment` if Docker fails; never because of a bad image.
 */
export async function smokeTest(
  subject: SmokeSubject,
  options: Options,
  host: Host,
  shared?: SmokeResources,
): Promise<SmokeResult> {
  if (!shared) {
    const own = ownResources(options, host)
    return smokeTest(subject, options, host, own).finally(own.release)
  }
  const began = host.clock.now()
  const failedTries: FailedTry[] = []
  for (;;) {
    const { result, mayDiffer } = await tryOnce(subject, options, host, shared, failedTries.length > 0)
    const { status, reason, evidence } = result
    if (status !== 'failed' || !mayDiffer || failedTries.length >= options.smokeRetries) {
      return withTries(result, failedTries, host.clock.now() - began)
    }
    failedTries.push({ reason, ...(evidence && { evidence }) })
  }
}

/** A network that is created when it is needed, and removed by `release`. */
function ownResources(options: Options, host: Host): SmokeResources & { release(): Promise<void> } {
  let network: Promise<TestNetwork> | undefined
  return {
    openNetwork() {
      network ??= openTestNetwork(host)
      return network
    },
    containers: limitContainers(options),
    release: async () => (await network)?.release(),
  }
}

interface TryResult {
  readonly result: SmokeResult
  /** A container was created, so another try may have another result. */
  readonly mayDiffer: boolean
}

async function tryOnce(
  subject: SmokeSubject,
  options: Options,
  host: Host,
  resources: SmokeResources,
  keepsEvidence: boolean,
): Promise<TryResult> {
  const began = host.clock.now()
  throwIfCancelled(host)
  const context = await createSmokeContext(subject, options, host)
  // Defaults are not masked: everybody can read them in config.yaml.
  maskSecrets(options, subject.target.run.schema, host.log)
  const result = (partial: PartialResult): SmokeResult => resultOf(partial, context, host.clock.now() - began)

  const early = new CheckRunner(options.smokeChecks)
  await early.run((check) => check.beforeCreate?.(context))
  if (early.failed) {
    const evidence = evidenceWithoutContainer(context, early.results)
    return { result: result({ checks: early.results, evidence }), mayDiffer: false }
  }
  const network = await resources.openNetwork()
  try {
    const partial = await testContainer({ ...context, keepsEvidence }, network, early, resources.containers)
    throwIfCancelled(host)
    return { result: result(partial), mayDiffer: true }
  } finally {
    await removeVolumes(context)
  }
}

/** Containers mostly wait, so there can be more of them than processors. `parallel` is for machines that are too small even for that. */
export const limitContainers = ({ parallel }: Pick<Options, 'parallel'>): LimitFunction =>
  pLimit(parallel ?? 2 * availableParallelism())

interface TryContext extends SmokeContext {
  /** Also if it passes: a try before it failed, and the report shows the logs of both. */
  readonly keepsEvidence: boolean
}

type Found = CheckOutcome | readonly CheckResult[] | undefined

/** Collects the results of all checks, moment by moment. A check that has reported is not called again. */
class CheckRunner {
  readonly results: CheckResult[] = []
  readonly #gates: Gates

  constructor(gates: Gates) {
    this.#gates = gates
  }

  get failed(): boolean {
    return verdictOf(this.results).failed
  }

  async run(call: (check: SmokeCheck) => Found | Promise<Found>): Promise<void> {
    for (const check of allChecks) {
      if (this.results.some(({ name }) => name === check.name)) continue
      const found = [(await call(check)) ?? []].flat()
      this.results.push(...found.map((one) => ('name' in one ? one : checkResult(check, one, this.#gates))))
    }
  }
}

/**
 * The first run, as the Supervisor would start it, and the further runs. Those with data of their own start as soon as the first container is
 * ready; `restart` follows the stop. If the first run fails, the results of the others are dropped.
 */
async function testContainer(
  context: TryContext,
  network: TestNetwork,
  checks: CheckRunner,
  containers: LimitFunction,
): Promise<PartialResult> {
  const furtherRuns = openFurtherRuns(allChecks, { context, network, containers })
  try {
    const first = await containers(() => testFirstRun(context, network, checks, furtherRuns))
    if (checks.failed) return first
    const further = await furtherRuns.results()
    const evidence = further.find((one) => one.evidence)?.evidence
    return {
      ...first,
      checks: [...first.checks, ...further.map(({ result }) => result)],
      ...(evidence && { evidence }),
    }
  } finally {
    await furtherRuns.close()
  }
}

async function testFirstRun(
  context: TryContext,
  network: TestNetwork,
  checks: CheckRunner,
  furtherRuns: FurtherRuns,
): Promise<PartialResult> {
  const { host, deadlineMs, signals, prefix } = context
  const run = await createContainerRun(context, network, {
    ...{ suffix: '', dataVolume: `${prefix}-data`, deadlineMs, signals },
  })
  const monitor = createMonitor(run.observer.inspector, host)
  const created: ContainerContext = { ...context, network, run, monitor }
  const failure = async (startError?: string): Promise<PartialResult> => ({
    checks: withHint(checks.results, grantHint(run.denied)),
    evidence: await collectEvidence(context, run, startError),
  })
  try {
    await checks.run((check) => check.beforeStart?.(created))
    const waiting = run.start(() => monitor.start())
    // While it must only stay up, the others can start.
    if (signals.every(({ kind }) => kind === 'stays-up')) {
      const early = await Promise.race([waiting, host.clock.sleep(beforeOthersMs, host.signal)])
      if (!early) furtherRuns.begin(beforeOthersMs)
    }
    const outcome = await waiting
    if (outcome.kind === 'not-started') {
      await checks.run((check) => check.notStarted?.(created, outcome.detail))
      return await failure(outcome.detail)
    }
    const observed: OutcomeContext = { ...created, outcome }
    await checks.run((check) => check.afterWait?.(observed))
    if (!checks.failed) furtherRuns.begin(outcome.afterMs)
    if (!checks.failed && outcome.state?.running) await checkRunning(observed, checks)
    await checks.run((check) => check.afterRun?.(observed))
    const measured = measuredBy(outcome, monitor)
    // Evidence comes first: stopping the container would overwrite its exit code.
    if (checks.failed) return { ...measured, ...(await failure()) }
    const log = context.keepsEvidence ? { evidence: await collectEvidence(context, run) } : {}
    await monitor.stop()
    const state = await run.observer.inspect()
    if (state?.running) await checks.run((check) => check.stop?.(observed))
    if (checks.failed) return { ...measured, checks: checks.results, evidence: await collectEvidence(context, run) }
    furtherRuns.beginAfterStop(outcome.afterMs, run.session?.state)
    return { ...measured, ...log, checks: checks.results }
  } finally {
    await monitor.stop()
    await run.close()
  }
}

async function checkRunning(context: OutcomeContext, checks: CheckRunner): Promise<void> {
  const { host, run } = context
  const settledMs = await settle(context)
  throwIfCancelled(host)
  const state = await run.observer.inspect()
  const settled = { ...context, settledMs, state }
  await checks.run((check) => check.afterSettling?.(settled))
  if (state?.running) await checks.run((check) => check.whileRunning?.({ ...settled, state }))
}

/** How long the first container must have been running before others start, if there is no sign that it is ready. */
const beforeOthersMs = 1000
/** How long a container runs on after it became ready, at least. */
const minSettleMs = 2500

/** Lets the container run on. Resolves with how long that took. To have stayed up counts as settled. */
async function settle({ outcome, monitor, run, host }: OutcomeContext): Promise<number> {
  const { clock, signal } = host
  const hasStayedUp = outcome.kind === 'ready' && outcome.signals.some(({ kind }) => kind === 'stays-up')
  const began = clock.now()
  if (!hasStayedUp) await clock.sleep(minSettleMs, signal)
  // s6 has its own records.
  await awaitSamples(monitor, run.observer, withoutS6, host)
  return clock.now() - began + (hasStayedUp ? outcome.afterMs : 0)
}

function measuredBy(outcome: WaitOutcome, { peakMemoryBytes }: Monitor): Omit<PartialResult, 'checks'> {
  return {
    ...(outcome.kind === 'ready' && { timeToHealthyMs: Math.round(outcome.afterMs) }),
    // The inferred signals did not come: the add-on passed because it stayed up.
    ...(lacksOnlyInferredSignals(outcome) && { readiness: staysUp(outcome.afterMs).title }),
    ...(peakMemoryBytes !== undefined && { peakMemoryBytes }),
  }
}

function resultOf(
  partial: PartialResult,
  { host, readiness, problems, fileProblems }: SmokeContext,
  durationMs: number,
): SmokeResult {
  const { redact } = host.log
  const diagnostics = [...problems, ...fileProblems]
  const { evidence, ...measured } = partial
  const checks = partial.checks.map((check) => ({ ...check, reason: redact(check.reason) }))
  const { failed, reason } = verdictOf(checks)
  return {
    readiness,
    ...measured,
    ...{ status: failed ? 'failed' : 'passed', reason, durationMs, checks },
    ...(evidence && { evidence }),
    ...(diagnostics.length > 0 && {
      diagnostics: diagnostics.map((problem) => ({ ...problem, message: redact(problem.message) })),
    }),
  }
}

async function removeVolumes({ prefix, host: { processes } }: SmokeContext): Promise<void> {
  const { stdout } = await docker(processes, ['volume', 'ls', '--quiet', '--filter', `name=^${prefix}`])
  const names = stdout.split('\n').filter((name) => name.startsWith(prefix))
  if (names.length > 0) await docker(processes, ['volume', 'rm', '--force', ...names])
}
