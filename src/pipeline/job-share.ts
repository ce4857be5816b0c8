import { architectures, parseArchitecture } from '../core/architecture.ts'
import type { Host } from '../core/host.ts'
import { isWrong } from '../core/parsed.ts'
import { type LegacyArguments, readLegacyArguments } from '../inputs/legacy-args.ts'
import { inOrder, items, lines } from '../inputs/lists.ts'
import type { Options } from '../inputs/options.ts'
import { parseTarget } from '../inputs/paths.ts'
import type { Plan } from '../plan/plan.ts'
import type { JobShare } from './deliver-report.ts'

type Text = (name: string) => string

/** The architectures that a job with a plan builds. `mode: publish` reports on all of them. */
export function shareOf(
  plan: Plan,
  { mode, architectures: wanted }: Pick<Options, 'mode' | 'architectures'>,
): JobShare {
  const planned = plan.addons.flatMap(({ targets }) => targets.map(({ architecture }) => architecture))
  return { architectures: inOrder(wanted ?? planned), partial: plan.partial === true && mode !== 'publish' }
}

/**
 * What refused inputs select, as far as they can be read: their report goes into the comment that the job would have written.
 * Their errors are reported elsewhere.
 */
export function selectionOf(text: Text, host: Host): { readonly targets: readonly string[]; readonly share: JobShare } {
  const legacy = legacyOf(text, host)
  const given = lines(text('target'))
  const named = given.length > 0 ? given : legacy?.target === undefined ? ['.'] : [legacy.target]
  const wanted = items(text('architectures'))
  const chosen = wanted.length > 0 ? wanted.flatMap((one) => parseArchitecture(one) ?? []) : legacy?.architectures
  const publishes = text('mode').trim().toLowerCase() === 'publish'
  return {
    targets: named.map((target) => {
      const path = parseTarget(target, host.workspace)
      return isWrong(path) ? target : path.value
    }),
    share: {
      architectures: inOrder(chosen ?? []),
      // The files that name the other architectures may be wrong as well.
      partial: chosen !== undefined && !architectures.every((one) => chosen.includes(one)) && !publishes,
    },
  }
}

const legacyOf = (text: Text, { environment }: Host): LegacyArguments | undefined =>
  text('args').trim() === '' ? undefined : readLegacyArguments(text('args'), environment).legacy
