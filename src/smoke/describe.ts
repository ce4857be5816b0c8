import { oneLine } from '../core/diagnostics.ts'
import { seconds } from './exit.ts'
import type { Check, Evidence, Probe, SmokeResult } from './result.ts'

const marks: Readonly<Record<Check['status'], string>> = { pass: '✓', warn: '!', fail: '✗', skip: '–' }

/** A result as lines of a log: the verdict, each check, and on failure the evidence. Pure; secrets are masked already. */
export function describeSmoke(result: SmokeResult): readonly string[] {
  const problems = result.diagnostics ?? []
  return [
    `Smoke test ${result.status}: ${result.reason}`,
    `  ready when: ${result.readiness}`,
    ...result.checks.map(
      ({ name, status, reason, durationMs }) => `  ${marks[status]} ${name}: ${reason}${unsaid(reason, durationMs)}`,
    ),
    // A single one stands at its check already.
    ...(problems.length > 1 ? section(`options (${problems.length})`, problems.map(oneLine)) : []),
    ...(result.evidence ? describeEvidence(result.evidence) : []),
  ]
}

/** How long it took, where the reason does not say so itself. */
function unsaid(reason: string, durationMs: number | undefined): string {
  const took = durationMs === undefined ? '' : seconds(durationMs)
  return took === '' || reason.includes(took) ? '' : ` (${took})`
}

function describeEvidence(evidence: Evidence): readonly string[] {
  return [
    `  state: ${evidence.state}`,
    `  image: ${evidence.image}${evidence.emulated ? ' (emulated)' : ''}`,
    ...section(`probes (${evidence.probes.length})`, describeProbes(evidence.probes)),
    ...section('stdout, last lines', evidence.stdout),
    ...section('stderr, last lines', evidence.stderr),
    ...section('changed files', evidence.diff),
    ...section('calls to the Supervisor', evidence.supervisorCalls),
    `  to try it by hand${evidence.supervisorCalls.length > 0 ? ' (without a Supervisor)' : ''}:`,
    `    ${evidence.reproduce}`,
  ]
}

/** Probed each second, most say the same: said once, with how often and the times. */
export function describeProbes(probes: readonly Probe[]): readonly string[] {
  const runs: { readonly first: Probe; readonly times: number[] }[] = []
  for (const probe of probes) {
    const last = runs.at(-1)
    if (last && last.first.exitCode === probe.exitCode && last.first.output === probe.output) {
      last.times.push(probe.durationMs)
    } else runs.push({ first: probe, times: [probe.durationMs] })
  }
  return runs.map(({ first: { exitCode, output }, times }) => {
    const [least, most] = [Math.min(...times), Math.max(...times)].map(seconds)
    const took = least === most ? least : `${least} to ${most}`
    const often = times.length > 1 ? `${times.length} times ` : ''
    return `${often}exit code ${exitCode} after ${took}${output && `: ${output}`}`
  })
}

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [`  ${title}:`, ...lines.flatMap((line) => line.split('\n')).map((line) => `    ${line}`)]
