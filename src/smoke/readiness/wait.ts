import type { Host } from '../../core/host.ts'
import { docker } from '../../docker/containers.ts'
import type { Watch } from '../container/container-watch.ts'
import type { ContainerState } from '../container/state.ts'
import { seconds } from '../exit.ts'
import type { Prober, Seen } from './probe.ts'
import type { Signal } from './readiness.ts'

/** How the waiting ended. `afterMs` counts from the start of the container. */
export type Outcome = { readonly afterMs: number; readonly state: ContainerState | undefined } & (
  | { readonly kind: 'ready'; readonly by: readonly Signal[] }
  | { readonly kind: 'ended' | 'out-of-memory' | 'restarting' | 'gone' | 'stopped-itself'; readonly reason?: string }
  /** What had not answered when the time was over, and what each said last. */
  | {
      readonly kind: 'late'
      readonly missing: readonly Signal[]
      readonly said: string
      /** The time was not over: `smoke-command` has failed so often after everything else had passed. */
      readonly tries?: number
    }
)

export interface WaitOptions {
  readonly signals: readonly Signal[]
  /** Of the container in the network that probes come from. */
  readonly address: string | undefined
  readonly prober: Prober
  /** Of the container, milliseconds since the epoch. */
  readonly startedAt: number
  readonly deadlineMs: number
  /** An ingress port may answer 403: the probe does not come from the Supervisor's address. */
  readonly mayBeRefused: boolean
  /** Says why, when the add-on has asked the Supervisor to stop or restart it. */
  readonly stopAsked: () => string | undefined
}

const pollMs = 1000
/** A container that says it is well may need a moment more until a command in it finds what it looks for. */
export const triesOnceHealthy = 10
const betweenProbesMs = 500
const probeTimeoutMs = 10_000

/**
 * Waits for a verdict about a started container: ready by every signal, ended, out of memory, or late. One deadline for all of it;
 * a command is not tried until then once everything else has passed, see `triesOnceHealthy`.
 * Events wake it up, the state is always asked for: an event that is lost costs a second and no verdict.
 */
export async function waitForReady(watch: Watch, options: WaitOptions, host: Host): Promise<Outcome> {
  const { clock } = host
  const started = options.startedAt
  const over = new AbortController()
  const passed = new Set<Signal>()
  const said = new Map<Signal, string>()
  /** Since when a signal has been given, but not as it should be. */
  const half = new Map<Signal, number>()
  const others = options.signals.filter(({ kind }) => kind !== 'command')
  /** Of the command, since everything else has passed. */
  let tries = 0
  const loops = options.signals
    .filter(({ kind }) => kind === 'http' || kind === 'tcp' || kind === 'command')
    .map((signal) => poll(signal))

  async function poll(signal: Signal): Promise<void> {
    while (!over.signal.aborted && !host.signal.aborted) {
      const isLast = signal.kind === 'command' && others.length > 0 && others.every((other) => passed.has(other))
      const result = await look(signal, watch.id, options, host)
      if (result.passed) {
        passed.add(signal)
        watch.nudge()
        return
      }
      said.set(signal, result.said)
      if (isLast) tries += 1
      if (tries === triesOnceHealthy) return watch.nudge()
      if (!result.half) half.delete(signal)
      else if (!half.has(signal)) half.set(signal, clock.now())
      await clock.sleep(betweenProbesMs, over.signal)
    }
  }

  try {
    for (;;) {
      const state = await watch.look()
      const afterMs = clock.now() - started
      for (const signal of options.signals) {
        if (signal.kind === 'healthcheck' && state?.health?.status === 'healthy') passed.add(signal)
        if (signal.kind === 'stays-up' && afterMs >= signal.ms) passed.add(signal)
      }
      const ended = judge(state, watch.outOfMemory, options.signals)
      if (ended === 'ready') return { kind: 'ready', by: options.signals, afterMs, state }
      const asked = options.stopAsked()
      if (asked !== undefined) return { kind: 'stopped-itself', reason: asked, afterMs, state }
      if (ended) return { kind: ended, afterMs, state }
      if (options.signals.every((signal) => passed.has(signal))) {
        return {
          kind: 'ready',
          by: options.signals,
          afterMs: readyAfter(options.signals, watch, state, afterMs),
          state,
        }
      }
      const missing = options.signals.filter((signal) => !passed.has(signal))
      const enough = clock.now() - options.deadlineMs / 4
      const isHalf = missing.every((signal) => (half.get(signal) ?? Number.POSITIVE_INFINITY) <= enough)
      const isExhausted = tries === triesOnceHealthy
      if (afterMs >= options.deadlineMs || isHalf || isExhausted || host.signal.aborted) {
        return {
          kind: 'late',
          ...(isExhausted && { tries }),
          missing: missing.map((signal) => (half.has(signal) ? { ...signal, must: false } : signal)),
          said: missing.map((one) => lastWord(one, said, watch)).join('; '),
          afterMs,
          state,
        }
      }
      await watch.change(Math.min(pollMs, options.deadlineMs - afterMs))
    }
  } finally {
    over.abort()
    // A command in the container may hang for good; it ends with the container.
    await Promise.race([Promise.all(loops), clock.sleep(100)])
  }
}

/** Pure: what the state alone decides, in the order of smoke.md. Undefined: still running, so ask the signals. */
export function judge(
  state: ContainerState | undefined,
  outOfMemory: boolean,
  signals: readonly Signal[],
): 'ready' | 'ended' | 'out-of-memory' | 'restarting' | 'gone' | undefined {
  if (!state) return 'gone'
  if (!state.running && state.status !== 'created') {
    if (outOfMemory) return 'out-of-memory'
    return state.exitCode === 0 && signals.some(({ kind }) => kind === 'ends') ? 'ready' : 'ended'
  }
  return state.restarting || state.restarts > 0 ? 'restarting' : undefined
}

/** HEALTHCHECK alone is measured by the daemon's clock, which saw the probe; everything else by ours. */
function readyAfter(
  signals: readonly Signal[],
  watch: Watch,
  state: ContainerState | undefined,
  afterMs: number,
): number {
  const success = watch.probes.find(({ exitCode }) => exitCode === 0)
  const alone = signals.length === 1 && signals[0]?.kind === 'healthcheck'
  if (!alone || !success || state?.startedAt === undefined) return afterMs
  return Math.max(0, success.at + success.durationMs - state.startedAt)
}

function lastWord(signal: Signal, said: ReadonlyMap<Signal, string>, watch: Watch): string {
  if (signal.kind === 'ends') return 'it still runs, though startup is "once"'
  if (signal.kind !== 'healthcheck') return `${signal.title}: ${said.get(signal) ?? 'no answer yet'}`
  const last = watch.probes.at(-1)
  if (!last) return 'HEALTHCHECK: no probe has ended'
  const output = last.output ? `: ${last.output.split('\n').at(-1)}` : ''
  return `HEALTHCHECK: ${watch.probes.length} probes, the last exit code ${last.exitCode} after ${seconds(last.durationMs)}${output}`
}

interface Looked {
  readonly passed: boolean
  /** Somebody is there, but does not answer as hoped. */
  readonly half?: boolean
  readonly said: string
}

/** Asks one signal once. */
async function look(signal: Signal, id: string, options: WaitOptions, host: Host): Promise<Looked> {
  if (signal.kind === 'command') return runCommand(id, signal.command, options.deadlineMs, host)
  const { address, prober } = options
  if (address === undefined) return { passed: false, said: 'the container has no address yet' }
  if (signal.kind === 'tcp') {
    const seen = await Promise.all(signal.ports.map((port) => prober.tcp(address, port, probeTimeoutMs)))
    return { passed: seen.some((one) => 'open' in one), said: [...new Set(seen.map(inWords))].join(', ') }
  }
  if (signal.kind !== 'http') return { passed: false, said: '' }
  const { scheme, port, path, below, ingress } = signal
  const seen = await prober.http(address, scheme, port, path, probeTimeoutMs, ingress)
  if (!('status' in seen)) return { passed: false, said: inWords(seen) }
  const passed = seen.status < below || (ingress !== undefined && allowed(seen.status, options))
  // A page that is not there is no reason for the Supervisor; that it is locked out is one.
  return { passed, half: ingress !== undefined && seen.status < 500 && seen.status !== 403, said: inWords(seen) }
}

/** 401 is the add-on's own login; 403 from another address than the Supervisor's is the documented rule of its nginx. */
const allowed = (status: number, { mayBeRefused }: WaitOptions): boolean =>
  status === 401 || (mayBeRefused && status === 403)

const inWords = (seen: Seen): string =>
  'status' in seen ? `HTTP ${seen.status}` : 'open' in seen ? 'open' : seen.failed

async function runCommand(id: string, command: string, timeoutMs: number, host: Host): Promise<Looked> {
  try {
    const answer = await docker(host.processes, ['exec', id, '/bin/sh', '-c', command], { timeoutMs })
    const output = `${answer.stdout}\n${answer.stderr}`.trim().split('\n').at(-1)
    return { passed: answer.exitCode === 0, said: `exit code ${answer.exitCode}${output ? `: ${output}` : ''}` }
  } catch {
    return { passed: false, said: `no end within ${seconds(timeoutMs)}` }
  }
}
