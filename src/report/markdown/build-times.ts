import type { BuildStep } from '../../build/result.ts'
import { count, enumerate, shorten } from '../../core/text.ts'
import { duration, none } from '../figures.ts'
import type { Row } from '../rows.ts'
import { blocks, code, folded, html, prose, table } from './markdown.ts'

/** A shorter step is not listed as slow. */
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

/** `[builder 2/5] RUN make` → `RUN make`: numbers differ where one architecture has a stage more. */
const instruction = (name: string): string => name.replace(/^\[[^\]]*\] /, '')

/** A step that is slow because its instructions are emulated. */
interface EmulatedStep {
  readonly name: string
  readonly addon: string
  readonly architectures: readonly string[]
  /** Of the slowest architecture. */
  readonly durationMs: number
  /** The same step without emulation, where it was built in this run. */
  readonly nativeMs?: number
}

/** Steps that emulation makes slow, slowest first. Steps that are as slow natively are not included. */
export function emulatedSteps(rows: readonly Row[]): readonly EmulatedStep[] {
  const built = builtOf(rows)
  const nativeOf = (addon: string, name: string): number | undefined =>
    built
      .filter(({ row, emulated }) => !emulated && row.addon === addon)
      .flatMap(({ steps }) => steps)
      .find((step) => !step.cached && instruction(step.name) === name)?.durationMs
  const found = new Map<string, EmulatedStep>()
  for (const { row, steps } of built.filter(({ emulated }) => emulated)) {
    for (const { name: whole, durationMs, cached } of steps) {
      const name = instruction(whole)
      if (cached || durationMs < emulationMs || !name.startsWith('RUN ')) continue
      const nativeMs = nativeOf(row.addon, name)
      if (nativeMs !== undefined && durationMs < emulationFactor * nativeMs) continue
      const key = JSON.stringify([row.addon, name])
      const known = found.get(key)
      found.set(key, {
        name: known?.name ?? whole,
        addon: row.addon,
        architectures: [...(known?.architectures ?? []), row.target.architecture],
        durationMs: Math.max(durationMs, known?.durationMs ?? 0),
        ...(nativeMs !== undefined && { nativeMs }),
      })
    }
  }
  return [...found.values()].sort((a, b) => b.durationMs - a.durationMs)
}

/** How to avoid emulation; shown once for all steps. */
export const emulationAdvice =
  'A stage that produces the same files for every architecture does not need emulation: start it with `FROM --platform=$BUILDPLATFORM`. For steps that must run on the target architecture, use native runners: the workflow `build-addon.yml`, or `mode: plan`.'

/** `RUN make` took 1 min 5 s under emulation on aarch64 and armv7, 4.1 s natively. */
export function sentenceOf({ name, architectures, durationMs, nativeMs }: EmulatedStep): string {
  const step = shorten(name, 100).replaceAll('`', "'")
  const native = nativeMs === undefined ? '' : `, ${duration(nativeMs)} natively`
  return `\`${step}\` took ${duration(durationMs)} under emulation on ${enumerate(architectures)}${native}.`
}

/**
 * How long each image took, what came from the cache, and which steps were slow, collapsed.
 * @param least Milliseconds: undefined when no step took so long, for places that show slow builds only.
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
          ...(several ? [{ title: 'Add-on' }] : []),
          { title: 'Architecture' },
          { title: 'Built' },
          { title: 'Time', align: 'right' },
          { title: 'From the cache', align: 'right' },
          { title: 'Slowest steps' },
        ],
        built.slice(0, 60).map((one) => [
          ...(several ? [code(one.row.addon)] : []),
          code(one.row.target.architecture),
          one.emulated ? 'emulated' : 'native',
          duration(one.durationMs),
          `${one.cache.hits} of ${one.cache.total}`,
          slowOf(one)
            .slice(0, 3)
            .map(({ name, durationMs }) => `${code(shorten(name, 70))} ${duration(durationMs)}`)
            .join(', ') || none,
        ]),
      ),
    ),
  )
}
