import type { LimitFunction } from 'p-limit'
import { messageOf } from '../../core/diagnostics.ts'
import { formatDuration } from '../../core/duration.ts'
import { type ContainerRun, createContainerRun, type StartResult } from '../container/container-run.ts'
import { describeExit } from '../container/exit.ts'
import { quoteExplanation } from '../container/explanation.ts'
import type { SmokeContext } from '../context.ts'
import { collectEvidence } from '../evidence.ts'
import { throwIfCancelled } from '../failures.ts'
import { checkResult, gateOf, pass, skip, unmet } from '../gates.ts'
import type { TestNetwork } from '../network/test-network.ts'
import type { ReadinessSignal } from '../readiness/readiness.ts'
import { lacksOnlyInferredSignals } from '../readiness/wait.ts'
import type { CheckResult, Evidence } from '../result.ts'
import type { SessionState } from '../supervisor/session-state.ts'
import type { FurtherRun, SmokeCheck } from './check.ts'

type FurtherCheck = SmokeCheck & { readonly furtherRun: FurtherRun }

interface FurtherResult {
  readonly result: CheckResult
  /** Only if the check fails the test. */
  readonly evidence?: Evidence
}

/** The further runs of one image. Their results are in the order of the checks. */
export interface FurtherRuns {
  /** Starts those with data of their own, once. @param firstStartMs how long the first container took to become ready, as far as is known */
  begin(firstStartMs: number): void
  /** The first container has ended: starts those with its data, and those that are not started yet. @param state what it has set through the API */
  beginAfterStop(firstStartMs: number, state: SessionState | undefined): void
  results(): Promise<readonly FurtherResult[]>
  /** Ends those that are still running. Resolves when their containers are removed. */
  close(): Promise<void>
}

interface FurtherSettings {
  readonly context: SmokeContext
  readonly network: TestNetwork
  /** Limits how many containers run at once. */
  readonly containers: LimitFunction
}

/** Add-ons that start more slowly are not started again. */
const maxFirstStartMs = 20_000
const staysUpMs = 2500

/**
 * Starts the image again for each check that has a `furtherRun`, and reports whether it becomes ready. Under emulation, or if a start takes long,
 * only the checks that `smoke-checks` names run.
 */
export function openFurtherRuns(checks: readonly SmokeCheck[], settings: FurtherSettings): FurtherRuns {
  const { context, network, containers } = settings
  const further = checks.filter((check): check is FurtherCheck => check.furtherRun !== undefined)
  const closed = new AbortController()
  const host = { ...context.host, signal: AbortSignal.any([context.host.signal, closed.signal]) }
  const running = new Map<FurtherCheck, Promise<FurtherResult>>()
  let stateOfFirst: SessionState | undefined
  const begin = (which: readonly FurtherCheck[], firstStartMs: number): void => {
    for (const check of which) {
      if (running.has(check)) continue
      const result = checkFurtherRun(
        check,
        { context: { ...context, host }, network, containers },
        { startMs: firstStartMs, state: stateOfFirst },
      )
      // If the first run fails, the result is not awaited.
      result.catch(() => {})
      running.set(check, result)
    }
  }
  return {
    begin: (firstStartMs) =>
      begin(
        further.filter(({ furtherRun }) => !furtherRun.sameData),
        firstStartMs,
      ),
    beginAfterStop(firstStartMs, state) {
      stateOfFirst = state
      begin(further, firstStartMs)
    },
    results: () => Promise.all(further.flatMap((check) => running.get(check) ?? [])),
    async close() {
      closed.abort()
      await Promise.allSettled(running.values())
    },
  }
}

/** What is known of the first run. */
interface FirstRun {
  /** How long it took to become ready. */
  readonly startMs: number
  readonly state: SessionState | undefined
}

async function checkFurtherRun(
  check: FurtherCheck,
  { context, network, containers }: FurtherSettings,
  first: FirstRun,
): Promise<FurtherResult> {
  const { options } = context
  const why = reasonToSkip(check, context, first.startMs)
  if (why) return { result: checkResult(check, skip(why), options.smokeChecks) }
  return containers(() => startAgain(check, context, network, first))
}

async function startAgain(
  check: FurtherCheck,
  context: SmokeContext,
  network: TestNetwork,
  first: FirstRun,
): Promise<FurtherResult> {
  const { host, options, prefix } = context
  throwIfCancelled(host)
  const { manner, sameData, internalNetwork, changeSpec } = check.furtherRun
  const began = host.clock.now()
  let run: ContainerRun | undefined
  try {
    run = await createContainerRun(context, network, {
      suffix: `-${check.name}`,
      dataVolume: `${prefix}${sameData ? '' : `-${check.name}`}-data`,
      ...(sameData && { sameData, state: first.state }),
      deadlineMs: Math.min(context.deadlineMs, 3 * first.startMs + 8000),
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

function reasonToSkip(
  check: SmokeCheck,
  { options, emulated }: SmokeContext,
  firstStartMs: number,
): string | undefined {
  const gates = options.smokeChecks
  if (gateOf(check, gates) === 'off') return 'disabled'
  if (gates.has(check.name)) return undefined
  const unless = `not tested unless smoke-checks names "${check.name}"`
  if (emulated) return `emulated: ${unless}`
  return firstStartMs > maxFirstStartMs ? `a start takes ${formatDuration(firstStartMs)}: ${unless}` : undefined
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
