import type { Output } from './container/output.ts'
import { exitInWords, seconds, startErrorInWords } from './exit.ts'
import { type Gates, judged } from './gates.ts'
import type { Outcome } from './readiness/wait.ts'
import type { Check, Probe } from './result.ts'

export interface Setting {
  readonly deadlineMs: number
  readonly readiness: string
  readonly emulated: boolean
  readonly startup: string
  readonly gates: Gates
  /** What may be behind a failure. */
  readonly hint?: string
}

/** Pure: what the end of the waiting means, as checks. The first one that fails is the reason of the whole test. */
export function checksOf(
  outcome: Outcome,
  output: Pick<Output, 'stdout' | 'stderr' | 'emulatorFault'>,
  probes: readonly Probe[],
  { deadlineMs, readiness, emulated, startup, gates, hint = '' }: Setting,
): readonly Check[] {
  const { afterMs, state } = outcome
  const check = (name: Parameters<typeof judged>[0], met: boolean, reason: string) =>
    judged(name, met, met ? reason : `${reason}${blame(output, emulated)}${hint}`, gates, afterMs)
  switch (outcome.kind) {
    case 'ready':
      return [
        judged('starts', true, startup === 'once' ? 'started and ended by itself' : 'started', gates),
        check(
          'healthy',
          true,
          outcome.by.some(({ kind }) => kind === 'stays-up')
            ? `${readiness}: nothing stronger to go by, such as a HEALTHCHECK, "watchdog" or "ports"`
            : `${readiness}: ${seconds(afterMs)} after the start${slowest(probes)}`,
        ),
      ]
    case 'late': {
      if (isWeak(outcome)) {
        const reason = `stayed up for ${seconds(afterMs)}, but ${outcome.said}`
        return [judged('starts', true, 'started', gates), { ...check('healthy', true, reason), status: 'warn' }]
      }
      const limit =
        outcome.tries === undefined
          ? `within ${seconds(deadlineMs)}${emulated ? ' (emulated)' : ''}`
          : `after ${outcome.tries} more tries, though everything else was`
      const reason = `not ready ${limit}: ${outcome.said}`
      return [judged('starts', true, 'started', gates), check('healthy', false, reason)]
    }
    case 'out-of-memory':
      return [check('memory', false, `out of memory after ${seconds(afterMs)}, ${exitInWords(state?.exitCode ?? 137)}`)]
    case 'restarting':
      return [check('starts', false, `restarts again and again, ${exitInWords(state?.exitCode ?? 0)}`)]
    case 'gone':
      return [check('starts', false, `the container was removed from outside after ${seconds(afterMs)}`)]
    case 'stopped-itself':
      return [check('supervisor', false, outcome.reason ?? 'the add-on asked the Supervisor to stop it')]
    case 'ended': {
      const code = state?.exitCode ?? 0
      const lasted = lifetime(outcome)
      const wrong = cannotExecute(output, code)
      if (wrong) return [check('starts', false, `${wrong} (exit code ${code})`)]
      const wanted = startup === 'once' ? '' : `, though startup is "${startup}" and not "once"`
      const what =
        code === 0
          ? `ended by itself after ${lasted} with exit code 0${wanted}`
          : `ended after ${lasted}, ${exitInWords(code)}${lastLine(output)}`
      return [check('starts', false, what)]
    }
  }
}

/** Pure: the same checks; where the add-on did not start, what may be behind that is added to the reason. */
export function withHint(checks: readonly Check[], hint = ''): readonly Check[] {
  const failed = checks.findIndex(({ status }) => status === 'fail')
  return checks.map((check, index) =>
    index === failed && ['starts', 'healthy', 'settles'].includes(check.name)
      ? { ...check, reason: `${check.reason}${hint}` }
      : check,
  )
}

/** Only signs that were inferred are missing: the Supervisor would not mind. */
export const isWeak = (outcome: Outcome): boolean =>
  outcome.kind === 'late' && outcome.missing.every(({ must }) => !must)

/** Most programs say why in their last line; a tail of a traceback is better than none. */
function lastLine({ stderr, stdout }: Pick<Output, 'stdout' | 'stderr'>): string {
  const said = (lines: readonly string[]): string | undefined => lines.findLast((line) => line.trim())
  const line = said(stderr) ?? said(stdout)
  return line ? `; its last line: ${line.trim().slice(0, 200)}` : ''
}

/** By the daemon's clock: ours also counts what the commands took. */
function lifetime({ state, afterMs }: Outcome): string {
  const known = state?.startedAt !== undefined && state.finishedAt !== undefined
  return seconds(known ? Math.max(0, (state.finishedAt ?? 0) - (state.startedAt ?? 0)) : afterMs)
}

/** With `--init` it is tini that cannot execute the entrypoint, and the container has started. */
function cannotExecute({ stderr, stdout }: Pick<Output, 'stdout' | 'stderr'>, code: number): string | undefined {
  const line = [...stderr, ...stdout].find((one) =>
    /\[FATAL tini|exec format error|s6-overlay-suexec: fatal/i.test(one),
  )
  if (!line || code === 0) return undefined
  if (line.includes('s6-overlay-suexec')) return 's6-overlay must be process 1: set "init: false" in config.yaml'
  return code === 126 || code === 127 || /format error/i.test(line) ? `${startErrorInWords(line)}: ${line}` : undefined
}

/** A fault of QEMU looks like one of the image. */
const blame = ({ emulatorFault }: Pick<Output, 'emulatorFault'>, emulated: boolean): string =>
  emulated && emulatorFault
    ? `. The emulator said "${emulatorFault}": it may be the fault of QEMU and not of the image`
    : ''

function slowest(probes: readonly Probe[]): string {
  if (probes.length === 0) return ''
  const longest = Math.max(...probes.map(({ durationMs }) => durationMs))
  return `, ${probes.length} ${probes.length === 1 ? 'probe' : 'probes'}, the slowest ${seconds(longest)}`
}

/** Pure: failed when any check fails; its reason is the first failure, else how it became ready. */
export function verdictOf(checks: readonly Check[]): { readonly failed: boolean; readonly reason: string } {
  const failure = checks.find(({ status }) => status === 'fail')
  if (failure) return { failed: true, reason: failure.reason }
  const warnings = checks.filter(({ status }) => status === 'warn').length
  const ready = checks.find(({ name }) => name === 'healthy')?.reason ?? 'nothing to complain about'
  return { failed: false, reason: warnings > 0 ? `${ready} (${warnings} to look at)` : ready }
}
