import type { Host } from '../core/host.ts'
import { docker } from '../docker/containers.ts'
import type { Options } from '../inputs/options.ts'
import { checks as allChecks } from './checks/all.ts'
import type { ContainerContext, OutcomeContext, SmokeCheck } from './checks/check.ts'
import { checkFurtherRuns } from './checks/further-run.ts'
import { createContainerRun } from './container/container-run.ts'
import { createMonitor, type Monitor } from './container/monitor.ts'
import { grantHint } from './container/policy.ts'
import { isSupervised } from './container/processes.ts'
import { createSmokeContext, type SmokeContext, type SmokeSubject } from './context.ts'
import { collectEvidence, evidenceWithoutContainer } from './evidence.ts'
import { throwIfCancelled } from './failures.ts'
import { type CheckOutcome, checkResult, type Gates } from './gates.ts'
import { openTestNetwork, type TestNetwork } from './network/test-network.ts'
import { maskSecrets } from './options/secrets.ts'
import { staysUp } from './readiness/readiness.ts'
import { lacksOnlyInferredSignals, type WaitOutcome } from './readiness/wait.ts'
import type { CheckResult, SmokeResult } from './result.ts'
import { verdictOf, withHint } from './verdict.ts'

export { describeSmoke } from './describe.ts'

/** What the test found, before it becomes a result. */
interface PartialResult
  extends Partial<Pick<SmokeResult, 'readiness' | 'timeToHealthyMs' | 'peakMemoryBytes' | 'evidence'>> {
  readonly checks: readonly CheckResult[]
}

/**
 * Starts an image as the Supervisor would, and reports whether it works. Everything that it creates has the label of the run and is removed
 * before it returns.
 * @param sharedNetwork network for all tests of a run, removed by the caller. Without it, the test creates and removes its own.
 * @throws Failure `cancelled` if the run is cancelled, `environment` if Docker fails; never because of a bad image.
 */
export async function smokeTest(
  subject: SmokeSubject,
  options: Options,
  host: Host,
  sharedNetwork?: () => Promise<TestNetwork>,
): Promise<SmokeResult> {
  const began = host.clock.now()
  throwIfCancelled(host)
  const context = await createSmokeContext(subject, options, host)
  // Defaults are not masked: everybody can read them in config.yaml.
  maskSecrets(options, subject.target.run.schema, host.log)
  const result = (partial: PartialResult): SmokeResult => resultOf(partial, context, host.clock.now() - began)

  const early = new CheckRunner(options.smokeChecks)
  await early.run((check) => check.beforeCreate?.(context))
  if (early.failed) return result({ checks: early.results, evidence: evidenceWithoutContainer(context, early.results) })

  const network = await (sharedNetwork?.() ?? openTestNetwork(host))
  try {
    const partial = await testContainer(context, network, early)
    throwIfCancelled(host)
    return result(partial)
  } finally {
    await removeVolumes(context)
    if (!sharedNetwork) await network.release()
  }
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

/** The first run, as the Supervisor would start it; then, if it went well, the further runs. */
async function testContainer(context: SmokeContext, network: TestNetwork, checks: CheckRunner): Promise<PartialResult> {
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
    const outcome = await run.start(() => monitor.start())
    if (outcome.kind === 'not-started') {
      await checks.run((check) => check.notStarted?.(created, outcome.detail))
      return await failure(outcome.detail)
    }
    const observed: OutcomeContext = { ...created, outcome }
    await checks.run((check) => check.afterWait?.(observed))
    if (!checks.failed && context.target.run.startup !== 'once') await checkRunning(observed, checks)
    await checks.run((check) => check.afterRun?.(observed))
    const measured = measuredBy(outcome, monitor)
    // Evidence comes first: stopping the container would overwrite its exit code.
    if (checks.failed) return { ...measured, ...(await failure()) }
    await monitor.stop()
    const state = await run.observer.inspect()
    if (state?.running) await checks.run((check) => check.stop?.(observed))
    if (checks.failed) return { ...measured, checks: checks.results, evidence: await collectEvidence(context, run) }
    const further = await checkFurtherRuns(allChecks, observed)
    const evidence = further.find((one) => one.evidence)?.evidence
    return {
      ...measured,
      checks: [...checks.results, ...further.map(({ result }) => result)],
      ...(evidence && { evidence }),
    }
  } finally {
    await monitor.stop()
    await run.close()
  }
}

async function checkRunning(context: OutcomeContext, checks: CheckRunner): Promise<void> {
  const { host, run, monitor } = context
  const settledMs = await settle(monitor, host)
  throwIfCancelled(host)
  const state = await run.observer.inspect()
  const settled = { ...context, settledMs, state }
  await checks.run((check) => check.afterSettling?.(settled))
  if (state?.running) await checks.run((check) => check.whileRunning?.({ ...settled, state }))
}

const minSettleMs = 3000
const maxSettleMs = 20_000
/** A crash loop under a process supervisor shows after this many samples. On a busy machine the samples take longer. */
const samplesIfSupervised = 6

/** Lets the container run on. Resolves with how long that took. */
async function settle(monitor: Monitor, { clock, signal }: Host): Promise<number> {
  const began = clock.now()
  await clock.sleep(minSettleMs, signal)
  for (;;) {
    const { samples } = monitor
    const tookMs = clock.now() - began
    const isEnough = samples.length >= samplesIfSupervised || !samples.some(isSupervised)
    if (isEnough || tookMs >= maxSettleMs || signal.aborted) return tookMs
    await clock.sleep(500, signal)
  }
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
  { host, readiness, problems }: SmokeContext,
  durationMs: number,
): SmokeResult {
  const { redact } = host.log
  const { evidence, ...measured } = partial
  const checks = partial.checks.map((check) => ({ ...check, reason: redact(check.reason) }))
  const { failed, reason } = verdictOf(checks)
  return {
    readiness,
    ...measured,
    ...{ status: failed ? 'failed' : 'passed', reason, durationMs, checks },
    ...(failed && evidence && { evidence }),
    ...(problems.length > 0 && {
      diagnostics: problems.map((problem) => ({ ...problem, message: redact(problem.message) })),
    }),
  }
}

async function removeVolumes({ prefix, host: { processes } }: SmokeContext): Promise<void> {
  const { stdout } = await docker(processes, ['volume', 'ls', '--quiet', '--filter', `name=^${prefix}`])
  const names = stdout.split('\n').filter((name) => name.startsWith(prefix))
  if (names.length > 0) await docker(processes, ['volume', 'rm', '--force', ...names])
}
