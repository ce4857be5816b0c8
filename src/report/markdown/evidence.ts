import { isError, oneLine } from '../../core/diagnostics.ts'
import { count } from '../../core/text.ts'
import type { Evidence, SmokeResult } from '../../smoke/result.ts'
import type { Row } from '../rows.ts'
import { fence, folded, html } from './markdown.ts'

const tail = (lines: readonly string[], most: number): readonly string[] => {
  const text = lines.join('\n').split('\n')
  return text.length > most ? [`… ${count(text.length - most, 'earlier line')}`, ...text.slice(-most)] : text
}

const section = (title: string, lines: readonly string[], most: number): readonly string[] =>
  lines.length === 0 ? [] : [`--- ${title}`, ...tail(lines, most)]

/** The output that shows why a build or a smoke test failed: collapsed, fenced, short. Undefined if there is none. */
export function evidenceOf(row: Row, several: boolean, lines = 20): string | undefined {
  const { build, smoke, architecture, addon } = row.target
  const name = `<code>${html(several ? `${addon}/${architecture}` : architecture)}</code>`
  if (build.status === 'failed') {
    const place = build.where ? ` at <code>${html(`${build.where.file}:${build.where.line}`)}</code>` : ''
    const log = build.log.length > 0 ? tail(build.log, lines) : [build.reason]
    return folded(`${name}: end of the build log${place}`, fence(log))
  }
  const logs = smokeLogs(smoke, lines).map(({ title, lines: text }) => folded(`${name}: ${title}`, fence(text)))
  return logs.length > 0 ? logs.join('\n') : undefined
}

/** The logs of a smoke test that failed, or that passed only after a failed try: one for each try. */
export function smokeLogs(
  smoke: SmokeResult | undefined,
  most: number,
): readonly { readonly title: string; readonly lines: readonly string[] }[] {
  if (!smoke || (smoke.status !== 'failed' && !smoke.failedTries)) return []
  const tries = smoke.failedTries ?? []
  const under = smoke.evidence?.emulated ? ', under emulation' : ''
  return [
    ...tries.map(({ reason, evidence }, index) => ({
      title: `container output of try ${index + 1}${under}`,
      lines: [reason, ...(evidence ? evidenceLines(evidence, most) : [])],
    })),
    {
      title: `container output${tries.length > 0 ? ` of try ${tries.length + 1}` : ''}${under}`,
      lines: smokeLines(smoke, most),
    },
  ].filter(({ lines }) => lines.length > 0)
}

/** Failed checks, probes and logs of a smoke test as lines of text. */
function smokeLines({ evidence, checks, diagnostics = [] }: SmokeResult, most: number): readonly string[] {
  const failed = [
    ...checks.filter(({ status }) => status === 'fail').map(({ name, reason }) => `${name}: ${reason}`),
    // The first diagnostic is already shown as the reason of its check.
    ...diagnostics
      .filter(isError)
      .slice(1)
      .map((diagnostic) => `options: ${oneLine(diagnostic)}`),
  ]
  return evidence ? evidenceLines(evidence, most, failed) : failed
}

function evidenceLines(
  { state, probes, stdout, stderr, reproduce, outOfMemory }: Evidence,
  most: number,
  failed: readonly string[] = [],
): readonly string[] {
  const memory = outOfMemory ? ', out of memory' : ''
  const spoken = probes
    .filter(({ exitCode }) => exitCode !== 0)
    .slice(-2)
    .map(({ exitCode, output }) => `probe: exit ${exitCode}${output.trim() ? `  ${output.trim()}` : ''}`)
  return [
    `state: ${state}${memory}`,
    ...failed,
    ...spoken,
    ...section('stdout', stdout, Math.ceil(most / 2)),
    ...section('stderr', stderr, most),
    ...(reproduce ? ['--- to reproduce', reproduce] : []),
  ]
}
