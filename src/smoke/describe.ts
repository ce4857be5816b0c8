import { oneLine } from '../core/diagnostics.ts'
import { formatDuration } from '../core/duration.ts'
import type { CheckResult, Evidence, Probe, SmokeResult } from './result.ts'

const marks: Readonly<Record<CheckResult['status'], string>> = { pass: '✓', warn: '!', fail: '✗', skip: '–' }

/** Pure: a result as lines of a log: the verdict, each check, and the evidence of a failure. Secrets must be masked already. */
export function describeSmoke(result: SmokeResult): readonly string[] {
  const problems = result.diagnostics ?? []
  return [
    `Smoke test ${result.status}: ${result.reason}`,
    `  ready when: ${result.readiness}`,
    ...result.checks.map(
      ({ name, status, reason, durationMs }) => `  ${marks[status]} ${name}: ${reason}${unlessIn(reason, durationMs)}`,
    ),
    // A single problem is the reason of its check.
    ...(problems.length > 1 ? section(`options (${problems.length})`, problems.map(oneLine)) : []),
    ...(result.failedTries ?? []).flatMap(({ reason, evidence }, index) => [
      `  try ${index + 1} failed: ${reason}`,
      ...(evidence ? describeEvidence(evidence) : []),
    ]),
    ...(result.evidence && result.failedTries ? [`  try ${result.failedTries.length + 1}:`] : []),
    ...(result.evidence ? describeEvidence(result.evidence) : []),
  ]
}

/** How long a check took, unless its reason says so. */
function unlessIn(reason: string, durationMs: number | undefined): string {
  const took = durationMs === undefined ? '' : formatDuration(durationMs)
  return took === '' || reason.includes(took) ? '' : ` (${took})`
}

function describeEvidence(evidence: Evidence): readonly string[] {
  return [
    `  state: ${evidence.state}`,
    `  image: ${evidence.image}${evidence.emulated ? ' (emulated)' : ''}`,
    ...section(`probes (${evidence.probes.length})`, describeProbes(evidence.probes)),
    ...section('stdout', evidence.stdout),
    ...section('stderr', evidence.stderr),
    ...section('changed files', evidence.diff),
    ...section('calls to the Supervisor', evidence.supervisorCalls),
    `  to reproduce it${evidence.supervisorCalls.length > 0 ? ' (without a Supervisor)' : ''}:`,
    `    ${evidence.reproduce}`,
  ]
}

/** Most probes have the same output, because they run each second: equal ones become one line. */
function describeProbes(probes: readonly Probe[]): readonly string[] {
  const runs: { readonly first: Probe; readonly times: number[] }[] = []
  for (const probe of probes) {
    const last = runs.at(-1)
    if (last && last.first.exitCode === probe.exitCode && last.first.output === probe.output) {
      last.times.push(probe.durationMs)
    } else runs.push({ first: probe, times: [probe.durationMs] })
  }
  return runs.map(({ first: { exitCode, output }, times }) => {
    const [shortest, longest] = [Math.min(...times), Math.max(...times)].map(formatDuration)
    const took = shortest === longest ? shortest : `${shortest} to ${longest}`
    const repeated = times.length > 1 ? `${times.length} times ` : ''
    return `${repeated}exit code ${exitCode} after ${took}${output && `: ${output}`}`
  })
}

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [`  ${title}:`, ...lines.flatMap((line) => line.split('\n')).map((line) => `    ${line}`)]
