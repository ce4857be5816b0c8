import { notice } from '../../core/diagnostics.ts'
import type { Log } from '../../core/host.ts'
import { type CachePlan, cacheBackends } from './cache.ts'
import type { CacheFault } from './watch.ts'

/** The cache of a run. A fault that one build finds disables it for the later builds, too. */
export interface BuildCache {
  plan(): CachePlan
  disable(fault: CacheFault): void
}

/** A kind of cache that cannot be read is not used at all; one that cannot be written is still read. Each is reported once. */
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
      const title = cacheBackends[kind].title ?? `${kind} cache`
      log.report(
        notice(
          'cache/failing',
          work === 'export'
            ? `The ${title} cannot be written (${why}). The rest of this run only reads it.`
            : `The ${title} cannot be read (${why}). The rest of this run builds without it.`,
          'The images are the same; the builds take longer.',
        ),
      )
    },
  }
}
