import { formatDuration } from '../../core/duration.ts'
import type { Host } from '../../core/host.ts'
import { count } from '../../core/text.ts'
import { docker } from '../../docker/containers.ts'
import type { ContainerObserver } from '../container/observer.ts'
import type { ContainerState } from '../container/state.ts'
import type { ProbeResult, Prober } from './probe.ts'
import type { ReadinessSignal } from './readiness.ts'

/** How the wait ended. `afterMs` counts from the start of the container. */
export type WaitOutcome = { readonly afterMs: number; readonly state: ContainerState | undefined } & (
  | { readonly kind: 'ready'; readonly signals: readonly ReadinessSignal[] }
  | { readonly kind: 'ended' | 'out-of-memory' | 'restarting' | 'gone' | 'stop-requested'; readonly reason?: string }
  | {
      readonly kind: 'not-ready'
      readonly missing: readonly ReadinessSignal[]
      /** The last result of each missing signal. */
      readonly detail: string
      /** Set if the deadline had not passed: `smoke-command` failed this often after everything else had passed. */
      readonly attempts?: number
    }
)

interface WaitOptions {
  readonly signals: readonly ReadinessSignal[]
  /** Address of the container in the network that probes come from. */
  readonly address: string | undefined
  readonly prober: Prober
  /** When the container started, in milliseconds since the epoch. */
  readonly startedAt: number
  readonly deadlineMs: number
  /** An ingress port may respond with 403, because the probe does not come from the Supervisor's address. */
  readonly mayBeRefused: boolean
  /** Why the add-on is to be stopped, if it has asked the Supervisor for it. */
  readonly stopRequest: () => string | undefined
}

const pollMs = 1000
/** A container that reports that it is healthy may need a moment more until `smoke-command` succeeds in it. */
export const commandAttempts = 10
/** The longest time between two probes. The first ones follow each other more quickly. */
const betweenProbesMs = 500
const probeTimeoutMs = 10_000

/**
 * Waits until a started container is ready by every signal, has ended, is out of memory, or the deadline has passed. The command is not retried
 * until the deadline if everything else has passed, see `commandAttempts`.
 * Events only shorten the wait: the state is always requested, so a lost event delays the outcome by a second and does not change it.
 */
export async function waitForReady(
  observer: ContainerObserver,
  options: WaitOptions,
  host: Host,
): Promise<WaitOutcome> {
  const { clock } = host
  const { signals, deadlineMs } = options
  const finished = new AbortController()
  const passed = new Set<ReadinessSignal>()
  const details = new Map<ReadinessSignal, string>()
  /** Since when a port has responded, but not with an accepted status. */
  const respondedSince = new Map<ReadinessSignal, number>()
  const others = signals.filter(({ kind }) => kind !== 'command')
  /** Attempts of `smoke-command` since everything else passed. */
  let attempts = 0
  const loops = signals
    .filter(({ kind }) => kind === 'http' || kind === 'tcp' || kind === 'command')
    .map((signal) => poll(signal))

  async function poll(signal: ReadinessSignal): Promise<void> {
    for (let probes = 1; !finished.signal.aborted && !host.signal.aborted; probes += 1) {
      const isLast = signal.kind === 'command' && others.length > 0 && others.every((other) => passed.has(other))
      const result = await trySignal(signal, observer.id, options, host)
      if (result.passed) {
        passed.add(signal)
        observer.notify()
        return
      }
      details.set(signal, result.detail)
      if (isLast) attempts += 1
      if (attempts === commandAttempts) return observer.notify()
      if (!result.responded) respondedSince.delete(signal)
      else if (!respondedSince.has(signal)) respondedSince.set(signal, clock.now())
      await clock.sleep(Math.min(betweenProbesMs, 100 * probes), finished.signal)
    }
  }

  try {
    for (;;) {
      const state = await observer.inspect()
      const afterMs = clock.now() - options.startedAt
      for (const signal of signals) {
        if (signal.kind === 'healthcheck' && state?.health?.status === 'healthy') passed.add(signal)
        if (signal.kind === 'stays-up' && afterMs >= signal.ms) passed.add(signal)
      }
      const kind = outcomeOfState(state, observer.outOfMemory, signals)
      if (kind === 'ready') return { kind, signals, afterMs, state }
      const reason = options.stopRequest()
      if (reason !== undefined) return { kind: 'stop-requested', reason, afterMs, state }
      if (kind) return { kind, afterMs, state }
      const missing = signals.filter((signal) => !passed.has(signal))
      if (missing.length === 0) {
        return { kind: 'ready', signals, afterMs: readyAfterMs(signals, observer, state, afterMs), state }
      }
      const since = clock.now() - deadlineMs / 4
      const haveOnlyResponded = missing.every(
        (signal) => (respondedSince.get(signal) ?? Number.POSITIVE_INFINITY) <= since,
      )
      const isExhausted = attempts === commandAttempts
      if (afterMs >= deadlineMs || haveOnlyResponded || isExhausted || host.signal.aborted) {
        return {
          kind: 'not-ready',
          ...(isExhausted && { attempts }),
          missing: missing.map((signal) => (respondedSince.has(signal) ? { ...signal, required: false } : signal)),
          detail: missing.map((signal) => describeMissing(signal, details, observer)).join('; '),
          afterMs,
          state,
        }
      }
      await observer.waitForChange(Math.min(pollMs, deadlineMs - afterMs))
    }
  } finally {
    finished.abort()
    // A command in the container may hang; it ends with the container.
    await Promise.race([Promise.all(loops), clock.sleep(100)])
  }
}

/** Whether only inferred signals are missing, which would not stop the Supervisor. */
export const lacksOnlyInferredSignals = (outcome: WaitOutcome): boolean =>
  outcome.kind === 'not-ready' && outcome.missing.every(({ required }) => !required)

/** Pure: the outcome that the state alone decides. Undefined: still running, so the signals decide. */
export function outcomeOfState(
  state: ContainerState | undefined,
  outOfMemory: boolean,
  signals: readonly ReadinessSignal[],
): 'ready' | 'ended' | 'out-of-memory' | 'restarting' | 'gone' | undefined {
  if (!state) return 'gone'
  if (!state.running && state.status !== 'created') {
    if (outOfMemory) return 'out-of-memory'
    const mayEnd = signals.some((signal) => signal.kind === 'ends' || (signal.kind === 'stays-up' && signal.mayEnd))
    return state.exitCode === 0 && mayEnd ? 'ready' : 'ended'
  }
  return state.restarting || state.restarts > 0 ? 'restarting' : undefined
}

/** If HEALTHCHECK is the only signal, the time is by the daemon's clock, which ran the probe; otherwise by ours. */
function readyAfterMs(
  signals: readonly ReadinessSignal[],
  { probes }: ContainerObserver,
  state: ContainerState | undefined,
  afterMs: number,
): number {
  const success = probes.find(({ exitCode }) => exitCode === 0)
  const isOnly = signals.length === 1 && signals[0]?.kind === 'healthcheck'
  if (!isOnly || !success || state?.startedAt === undefined) return afterMs
  return Math.max(0, success.at + success.durationMs - state.startedAt)
}

function describeMissing(
  signal: ReadinessSignal,
  details: ReadonlyMap<ReadinessSignal, string>,
  { probes }: ContainerObserver,
): string {
  if (signal.kind === 'ends') return 'it is still running, though startup is "once"'
  if (signal.kind !== 'healthcheck') return `${signal.title}: ${details.get(signal) ?? 'no response yet'}`
  const last = probes.at(-1)
  if (!last) return 'HEALTHCHECK: no probe has ended'
  const output = last.output ? `: ${last.output.split('\n').at(-1)}` : ''
  const duration = formatDuration(last.durationMs)
  return `HEALTHCHECK: ${count(probes.length, 'probe')}, the last exit code ${last.exitCode} after ${duration}${output}`
}

interface SignalAttempt {
  readonly passed: boolean
  /** The add-on responded, but not with an accepted status. */
  readonly responded?: boolean
  readonly detail: string
}

async function trySignal(
  signal: ReadinessSignal,
  id: string,
  options: WaitOptions,
  host: Host,
): Promise<SignalAttempt> {
  if (signal.kind === 'command') return runCommand(id, signal.command, options.deadlineMs, host)
  const { address, prober } = options
  if (address === undefined) return { passed: false, detail: 'the container has no address yet' }
  const probe = { address, timeoutMs: probeTimeoutMs }
  if (signal.kind === 'tcp') {
    const results = await Promise.all(signal.ports.map((port) => prober({ ...probe, kind: 'tcp', port, path: '' })))
    return {
      passed: results.some((result) => 'open' in result),
      detail: [...new Set(results.map(describeProbe))].join(', '),
    }
  }
  if (signal.kind !== 'http') return { passed: false, detail: '' }
  const { scheme, port, path, statusBelow, ingress } = signal
  const result = await prober({ ...probe, kind: scheme, port, path, ...(ingress && { headers: ingress }) })
  const detail = describeProbe(result)
  if (!('status' in result)) return { passed: false, detail }
  const { status } = result
  // 401 is the add-on's own login. 403 for other addresses than the Supervisor's is the documented nginx rule.
  const isExpectedRefusal = ingress !== undefined && (status === 401 || (options.mayBeRefused && status === 403))
  return {
    passed: status < statusBelow || isExpectedRefusal,
    // For the Supervisor a missing page is no problem, but refused access is.
    responded: ingress !== undefined && status < 500 && status !== 403,
    detail,
  }
}

const describeProbe = (result: ProbeResult): string =>
  'status' in result ? `HTTP ${result.status}` : 'open' in result ? 'open' : result.failed

async function runCommand(id: string, command: string, timeoutMs: number, host: Host): Promise<SignalAttempt> {
  try {
    const result = await docker(host.processes, ['exec', id, '/bin/sh', '-c', command], { timeoutMs })
    const output = `${result.stdout}\n${result.stderr}`.trim().split('\n').at(-1)
    return { passed: result.exitCode === 0, detail: `exit code ${result.exitCode}${output ? `: ${output}` : ''}` }
  } catch {
    return { passed: false, detail: `did not end within ${formatDuration(timeoutMs)}` }
  }
}
