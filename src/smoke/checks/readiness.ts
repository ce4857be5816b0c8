import { emulatorOf } from '../../core/architecture.ts'
import { formatDuration } from '../../core/duration.ts'
import { count } from '../../core/text.ts'
import { isUsable, readHandler } from '../../docker/emulation.ts'
import { readTallies } from '../container/death-tally.ts'
import { describeExit, describeStartError } from '../container/exit.ts'
import { quoteExplanation, type Streams } from '../container/explanation.ts'
import type { ContainerOutput } from '../container/output.ts'
import { usesS6 } from '../container/processes.ts'
import { type FailedService, failedFirst } from '../container/service-deaths.ts'
import type { SmokeContext } from '../context.ts'
import { type CheckDefinition, checkResult, type Gates, pass, unmet } from '../gates.ts'
import { lacksOnlyInferredSignals, type WaitOutcome } from '../readiness/wait.ts'
import type { CheckResult, Probe } from '../result.ts'
import type { OutcomeContext, SmokeCheck } from './check.ts'
import { memory } from './memory.ts'
import { missingServicesHint, supervisor } from './supervisor.ts'

/** The container starts and does not end by itself. */
export const starts: SmokeCheck = {
  name: 'starts',
  defaultGate: 'fail',
  async notStarted(context, error) {
    return unmet(`${describeStartError(error)}: ${error}${await emulatorHint(error, context)}`)
  },
  async afterWait({ outcome, run, target, options, ...context }) {
    const failed = await failedServiceOf(outcome, run.observer.id, context)
    return checksOfOutcome(outcome, run.output, run.observer.probes, {
      deadlineMs: context.deadlineMs,
      readiness: context.readiness,
      emulated: context.emulated,
      startup: target.run.startup,
      gates: options.smokeChecks,
      hint: missingServicesHint(run.session?.calls ?? []) ?? '',
      ...(failed && { failed }),
    })
  },
}

/**
 * Under s6, the exit code of the container is that of its command or the one that a `finish` script wrote. Without either it is 0, however its services
 * ended.
 */
async function failedServiceOf(
  { state }: WaitOutcome,
  id: string,
  { image, monitor, host }: Pick<OutcomeContext, 'image' | 'monitor' | 'host'>,
): Promise<FailedService | undefined> {
  if (!state || state.running || state.exitCode !== 0) return undefined
  if (image.command.length > 0 || !usesS6(image, monitor.samples)) return undefined
  return failedFirst((await readTallies(id, host)) ?? [])
}

/** The add-on becomes ready. Reported together with `starts`, from the same outcome. */
export const healthy: SmokeCheck = { name: 'healthy', defaultGate: 'fail' }

/** "exec format error" also means that no emulator for the image is registered: then the machine is at fault, not the image. */
async function emulatorHint(error: string, { emulated, target }: SmokeContext): Promise<string> {
  const emulator = emulatorOf(target.architecture)
  if (!emulated || !/format error/i.test(error) || isUsable(await readHandler(emulator))) return ''
  return `. This machine has no emulator for ${target.architecture} (${emulator} is not registered in binfmt_misc)`
}

interface OutcomeOptions {
  readonly deadlineMs: number
  readonly readiness: string
  readonly emulated: boolean
  readonly startup: string
  readonly gates: Gates
  /** The container ended with exit code 0, because this service failed. */
  readonly failed?: FailedService
  /** A possible cause of a failure, as the end of a sentence. */
  readonly hint?: string
}

/** Pure: the results that the outcome of the wait decides. The first one that fails is the reason for the whole test. */
export function checksOfOutcome(
  outcome: WaitOutcome,
  output: Pick<ContainerOutput, 'stdout' | 'stderr' | 'emulatorFault'>,
  probes: readonly Probe[],
  { deadlineMs, readiness, emulated, startup, gates, failed: failedService, hint = '' }: OutcomeOptions,
): readonly CheckResult[] {
  const { afterMs, state } = outcome
  const started = checkResult(starts, pass('started'), gates)
  const passed = (reason: string) => checkResult(healthy, pass(reason, afterMs), gates)
  const failed = (check: CheckDefinition, reason: string) =>
    checkResult(check, unmet(`${reason}${emulatorFaultHint(output, emulated)}${hint}`, afterMs), gates)
  if (failedService) return [failed(starts, describeFailure(outcome, output, failedService))]
  switch (outcome.kind) {
    case 'ready':
      if (state?.running === false && startup !== 'once') {
        const ended = `ended by itself after ${formatDuration(lifetimeMs(outcome))} with exit code 0`
        return [started, passed(`${ended}, as an add-on may that a user starts (boot: manual)`)]
      }
      return [
        startup === 'once' ? { ...started, reason: 'started and ended by itself' } : started,
        passed(
          outcome.signals.some(({ kind }) => kind === 'stays-up')
            ? `${readiness}; there is no better sign, such as a HEALTHCHECK, "watchdog" or "ports"`
            : `${readiness}: ${formatDuration(afterMs)} after the start${describeProbes(probes)}`,
        ),
      ]
    case 'not-ready': {
      if (lacksOnlyInferredSignals(outcome)) {
        const reason = `stayed up for ${formatDuration(afterMs)}, but ${outcome.detail}`
        return [started, { ...passed(reason), status: 'warn' }]
      }
      const limit =
        outcome.attempts === undefined
          ? `within ${formatDuration(deadlineMs)}${emulated ? ' (emulated)' : ''}`
          : `after ${outcome.attempts} more attempts, although every other signal was positive`
      return [started, failed(healthy, `not ready ${limit}: ${outcome.detail}${quoteExplanation(output)}`)]
    }
    case 'out-of-memory': {
      const exit = describeExit(state?.exitCode ?? 137)
      return [failed(memory, `out of memory after ${formatDuration(afterMs)}, ${exit}`)]
    }
    case 'restarting':
      return [failed(starts, `restarts again and again, ${describeExit(state?.exitCode ?? 0)}`)]
    case 'gone':
      return [failed(starts, `something else removed the container after ${formatDuration(afterMs)}`)]
    case 'stop-requested':
      return [failed(supervisor, outcome.reason ?? 'the add-on asked the Supervisor to stop it')]
    case 'ended':
      return [failed(starts, describeEnd(outcome, output, startup))]
  }
}

function describeEnd(outcome: WaitOutcome, output: Streams, startup: string): string {
  const code = outcome.state?.exitCode ?? 0
  const lifetime = formatDuration(lifetimeMs(outcome))
  const cause = cannotExecute(output, code)
  if (cause) return `${cause} (exit code ${code})`
  if (code !== 0) return `ended after ${lifetime}, ${describeExit(code)}${quoteExplanation(output, { orLast: true })}`
  const expected = startup === 'once' ? '' : `, though startup is "${startup}" and not "once"`
  return `ended by itself after ${lifetime} with exit code 0${expected}`
}

function describeFailure(outcome: WaitOutcome, output: Streams, { service, exitCode }: FailedService): string {
  const ended = `ended after ${formatDuration(lifetimeMs(outcome))}, because its service "${service}" failed`
  return `${ended}, ${describeExit(exitCode)}${quoteExplanation(output, { orLast: true })}`
}

/** By the daemon's clock: our own also counts the time that the docker commands took. */
function lifetimeMs({ state, afterMs }: WaitOutcome): number {
  const { startedAt, finishedAt } = state ?? {}
  return startedAt !== undefined && finishedAt !== undefined ? Math.max(0, finishedAt - startedAt) : afterMs
}

/** With `--init` the container does start: tini inside it cannot execute the entrypoint. */
function cannotExecute({ stderr, stdout }: Streams, code: number): string | undefined {
  const line = [...stderr, ...stdout].find((one) =>
    /\[FATAL tini|exec format error|s6-overlay-suexec: fatal/i.test(one),
  )
  if (!line || code === 0) return undefined
  if (line.includes('s6-overlay-suexec')) return 's6-overlay must be process 1: set "init: false" in config.yaml'
  return code === 126 || code === 127 || /format error/i.test(line) ? `${describeStartError(line)}: ${line}` : undefined
}

/** A fault of QEMU looks like a fault of the image. */
const emulatorFaultHint = ({ emulatorFault }: Pick<ContainerOutput, 'emulatorFault'>, emulated: boolean): string =>
  emulated && emulatorFault
    ? `. The emulator reported "${emulatorFault}": this may be a fault of QEMU and not of the image`
    : ''

function describeProbes(probes: readonly Probe[]): string {
  if (probes.length === 0) return ''
  const slowestMs = Math.max(...probes.map(({ durationMs }) => durationMs))
  return `, ${count(probes.length, 'probe')}, the slowest ${formatDuration(slowestMs)}`
}
