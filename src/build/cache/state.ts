import { notice } from '../../core/diagnostics.ts'
import type { Log } from '../../core/host.ts'
import type { CachePlan } from './cache.ts'
import type { CacheFault } from './watch.ts'

/** The cache of a run, which may be given up on the way: what one build found out, the next one need not wait for. */
export interface BuildCache {
  plan(): CachePlan
  disable(trouble: CacheFault): void
}

const names = { gha: 'GitHub Actions cache', registry: 'cache in the registry' } as const

/** A kind of cache that cannot be read is not used at all; one that cannot be written is still read. Each is spoken of once. */
export function openCache(planned: CachePlan, log: Pick<Log, 'report'>): BuildCache {
  let plan = planned
  return {
    plan: () => plan,
    disable({ work, kind, why }) {
      if (!plan.kinds.some((one) => one.kind === kind)) return
      if (work === 'export' && plan.readOnly?.includes(kind)) return
      plan =
        work === 'export'
          ? { ...plan, readOnly: [...(plan.readOnly ?? []), kind] }
          : { ...plan, kinds: plan.kinds.filter((one) => one.kind !== kind) }
      log.report(
        notice(
          'cache/failing',
          `The ${names[kind]} cannot be ${work === 'export' ? 'written' : 'read'} (${why}), so the rest of this run does without that.`,
          'The images are the same; the builds take longer.',
        ),
      )
    },
  }
}
