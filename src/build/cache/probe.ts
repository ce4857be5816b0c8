import { messageOf } from '../../core/diagnostics.ts'
import { type CacheService, createCacheService } from '../../github/cache-service.ts'
import type { Host } from '../../core/host.ts'
import { createExchange } from '../../registry/http.ts'
import type { CachePlan } from './cache.ts'
import type { CacheFault } from './watch.ts'

/** For one small question, which takes a tenth of a second on a good day. */
export const probePatienceMs = 5_000

/**
 * Asks the cache service one small question before BuildKit does. BuildKit asks without any deadline, and goes on asking after its client has gone
 * (llbsolver/bridge.go): a service that does not answer would hold up every later build of that builder, with a cache or without.
 * Undefined: it answers, or is not asked for.
 */
export async function probeCache(
  { kinds }: CachePlan,
  { environment, clock }: Pick<Host, 'environment' | 'clock'>,
  service: Pick<CacheService, 'find'> = createCacheService({
    environment,
    clock,
    exchange: createExchange('aicleaner-build'),
    deadlineMs: probePatienceMs,
  }),
): Promise<CacheFault | undefined> {
  if (!kinds.some(({ kind }) => kind === 'gha')) return undefined
  try {
    await service.find('aicleaner-build-probe')
    return undefined
  } catch (thrown) {
    return { work: 'import', kind: 'gha', why: messageOf(thrown) }
  }
}
