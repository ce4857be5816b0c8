import type { BuildStep } from '../../build/result.ts'
import { formatDuration } from '../../core/duration.ts'
import { count, enumerate, shorten } from '../../core/text.ts'
import { none } from '../figures.ts'
import type { Row } from '../rows.ts'
import { blocks, code, folded, html, prose, right, table } from './markdown.ts'

/** Milliseconds. Shorter steps are not listed as slow. */
const slowMs = 5_000
/** An emulated step is slow from this time on; if its native time is known, it must also take this many times as long. */
const emulationMs = 10_000
const emulationFactor = 2

interface Steps {
  readonly row: Row
  readonly durationMs: number
  readonly emulated: boolean
  readonly cache: { readonly hits: number; readonly total: number }
  readonly steps: readonly BuildStep[]
}

const builtOf = (rows: readonly Row[]): readonly Steps[] =>
  rows.flatMap((row) => (row.target.build.status === 'built' ? [{ row, ...row.target.build }] : []))

const slowOf = ({ steps }: Pick<Steps, 'steps'>): readonly BuildStep[] =>
  steps.filter(({ cached, durationMs }) => !cached && durationMs >= slowMs)

/** `[builder 2/5] RUN make` → `RUN make`: the numbers differ if one architecture has more stages. */
const instruction = (name: string): string => name.replace(/^\[[^\]]*\] /, '')

/** A step that is slow because its instructions are emulated. */
interface EmulatedStep {
  readonly name: string
  readonly architectures: readonly string[]
  /** Time on the slowest architecture. */
  readonly durationMs: number
  /** Time of the same step without emulation, if this run built it natively as well. */
  readonly nativeMs: number | undefined
}

/** Steps that emulation makes slow, slowest first. Steps that are as slow natively are not included. */
export function emulatedSteps(rows: readonly Row[]): readonly EmulatedStep[] {
  const run = builtOf(rows).flatMap(({ row: { addon, target }, emulated, steps }) =>
    steps
      .filter(({ name, cached }) => !cached && instruction(name).startsWith('RUN '))
      .map((step) => ({ ...step, addon, emulated, architecture: target.architecture })),
  )
  const groups = Map.groupBy(run, ({ addon, name }) => JSON.stringify([addon, instruction(name)]))
  const found = [...groups.values()].flatMap((group) => {
    const nativeMs = group.find(({ emulated }) => !emulated)?.durationMs
    const least = Math.max(emulationMs, emulationFactor * (nativeMs ?? 0))
    const slow = group.filter(({ emulated, durationMs }) => emulated && durationMs >= least)
    return slow.slice(0, 1).map(({ name }) => ({
      name,
      architectures: slow.map(({ architecture }) => architecture),
      durationMs: Math.max(...slow.map(({ durationMs }) => durationMs)),
      nativeMs,
    }))
  })
  return found.sort((a, b) => b.durationMs - a.durationMs)
}

/** How to avoid emulation; shown once for all steps. */
export const emulationAdvice =
  'A stage that produces the same files for every architecture does not need emulation: start it with `FROM --platform=$BUILDPLATFORM`. For steps that must run on the target architecture, use native runners: the workflow `build-addon.yml`, or `mode: plan`.'

/** `RUN make` took 1 min 5 s under emulation on aarch64 and armv7, 4.1 s natively. */
export function sentenceOf({ name, architectures, durationMs, nativeMs }: EmulatedStep): string {
  const step = shorten(name, 100).replaceAll('`', "'")
  const native = nativeMs === undefined ? '' : `, ${formatDuration(nativeMs)} natively`
  return `\`${step}\` took ${formatDuration(durationMs)} under emulation on ${enumerate(architectures)}${native}.`
}

/**
 * How long each image took, what came from the cache, and which steps were slow, collapsed.
 * @param least milliseconds. Returns undefined if no step took that long, for callers that show only slow builds.
 */
export function buildSection(rows: readonly Row[], several: boolean, least = 0): string | undefined {
  const built = builtOf(rows)
  const longest = Math.max(0, ...built.flatMap((one) => slowOf(one).map(({ durationMs }) => durationMs)))
  if (built.length === 0 || longest < least) return undefined
  const emulated = emulatedSteps(rows)
  const hits = built.reduce((sum, { cache }) => sum + cache.hits, 0)
  const total = built.reduce((sum, { cache }) => sum + cache.total, 0)
  const slow = emulated.length > 0 ? `, ${count(emulated.length, 'step')} slow under emulation` : ''
  return folded(
    html(`Build: ${hits} of ${count(total, 'step')} from the cache${slow}`),
    blocks(
      emulated.length === 0
        ? undefined
        : [...emulated.slice(0, 5).map(sentenceOf), emulationAdvice].map((line) => `- ${prose(line)}`).join('\n'),
      table(
        [
          ...(several ? ['Add-on'] : []),
          ...['Architecture', 'Built', right('Time'), right('From the cache'), 'Slowest steps'],
        ],
        built.slice(0, 60).map((one) => [
          ...(several ? [code(one.row.addon)] : []),
          code(one.row.target.architecture),
          one.emulated ? 'emulated' : 'native',
          formatDuration(one.durationMs),
          `${one.cache.hits} of ${one.cache.total}`,
          slowOf(one)
            .slice(0, 3)
            .map(({ name, durationMs }) => `${code(shorten(name, 70))} ${formatDuration(durationMs)}`)
            .join(', ') || none,
        ]),
      ),
    ),
  )
}
