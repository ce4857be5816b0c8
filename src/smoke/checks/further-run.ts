import pLimit from 'p-limit'
import { messageOf } from '../../core/diagnostics.ts'
import { formatDuration } from '../../core/duration.ts'
import { type ContainerRun, createContainerRun, type StartResult } from '../container/container-run.ts'
import { describeExit } from '../container/exit.ts'
import { quoteExplanation } from '../container/explanation.ts'
import { collectEvidence } from '../evidence.ts'
import { throwIfCancelled } from '../failures.ts'
import { checkResult, gateOf, pass, skip, unmet } from '../gates.ts'
import type { ReadinessSignal } from '../readiness/readiness.ts'
import { lacksOnlyInferredSignals } from '../readiness/wait.ts'
import type { CheckResult, Evidence } from '../result.ts'
import type { FurtherRun, OutcomeContext, SmokeCheck } from './check.ts'

type FurtherCheck = SmokeCheck & { readonly furtherRun: FurtherRun }

interface FurtherResult {
  readonly result: CheckResult
  /** Only if the check fails the test. */
  readonly evidence?: Evidence
}

/** Add-ons that start more slowly are not started again. */
const maxFirstStartMs = 20_000
const staysUpMs = 4000
const concurrency = 2

/**
 * Starts the image again for each check that has a `furtherRun`, and reports whether it becomes ready. Under emulation, or if a start takes long,
 * only the checks that `smoke-checks` names run.
 */
export async function checkFurtherRuns(
  checks: readonly SmokeCheck[],
  context: OutcomeContext,
): Promise<readonly FurtherResult[]> {
  const further = checks.filter((check): check is FurtherCheck => check.furtherRun !== undefined)
  const limit = pLimit(concurrency)
  return Promise.all(further.map((check) => limit(() => checkFurtherRun(check, context))))
}

async function checkFurtherRun(check: FurtherCheck, context: OutcomeContext): Promise<FurtherResult> {
  const { host, network, outcome: first, options, prefix } = context
  throwIfCancelled(host)
  const why = reasonToSkip(check, context)
  if (why) return { result: checkResult(check, skip(why), options.smokeChecks) }
  const { manner, sameData, internalNetwork, changeSpec } = check.furtherRun
  const began = host.clock.now()
  let run: ContainerRun | undefined
  try {
    run = await createContainerRun(context, network, {
      suffix: `-${check.name}`,
      dataVolume: `${prefix}${sameData ? '' : `-${check.name}`}-data`,
      deadlineMs: Math.min(context.deadlineMs, 3 * first.afterMs + 5000),
      signals: context.signals.map(withShorterStay),
      ...(changeSpec && { changeSpec }),
      ...(internalNetwork && { internalNetwork: await network.internal() }),
    })
    const outcome = await run.start()
    const met = outcome.kind === 'ready' || (outcome.kind !== 'not-started' && lacksOnlyInferredSignals(outcome))
    const finding = met
      ? pass(`starts ${manner}`, host.clock.now() - began)
      : unmet(
          `does not start ${manner}: ${describeOutcome(outcome)}${quoteExplanation(run.output, { orLast: true })}`,
          host.clock.now() - began,
        )
    const result = checkResult(check, finding, options.smokeChecks)
    if (result.status !== 'fail') return { result }
    const startError = outcome.kind === 'not-started' ? outcome.detail : undefined
    return { result, evidence: await collectEvidence(context, run, startError) }
  } catch (thrown) {
    if (host.signal.aborted) throw thrown
    return { result: checkResult(check, skip(`could not be tested: ${messageOf(thrown)}`), options.smokeChecks) }
  } finally {
    await run?.close()
  }
}

function reasonToSkip(check: SmokeCheck, { options, emulated, outcome }: OutcomeContext): string | undefined {
  const gates = options.smokeChecks
  if (gateOf(check, gates) === 'off') return 'disabled'
  if (gates.has(check.name)) return undefined
  const unless = `not tested unless smoke-checks names "${check.name}"`
  if (emulated) return `emulated: ${unless}`
  return outcome.afterMs > maxFirstStartMs ? `a start takes ${formatDuration(outcome.afterMs)}: ${unless}` : undefined
}

const withShorterStay = (signal: ReadinessSignal): ReadinessSignal =>
  signal.kind === 'stays-up' ? { ...signal, ms: Math.min(signal.ms, staysUpMs) } : signal

function describeOutcome(outcome: StartResult): string {
  switch (outcome.kind) {
    case 'not-started':
      return outcome.detail
    case 'not-ready':
      return `not ready within ${formatDuration(outcome.afterMs)} (${outcome.detail})`
    case 'stop-requested':
      return outcome.reason ?? 'it asked the Supervisor to stop it'
    default:
      return `ended after ${formatDuration(outcome.afterMs)}, ${describeExit(outcome.state?.exitCode ?? 0)}`
  }
}
