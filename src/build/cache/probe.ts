import { messageOf } from '../../core/diagnostics.ts'
import type { Host } from '../../core/host.ts'
import { type CacheService, createCacheService } from '../../github/cache-service.ts'
import { createExchange } from '../../registry/http.ts'
import type { CachePlan } from './cache.ts'
import type { CacheFault } from './watch.ts'

/** Timeout of one small request, which usually takes a tenth of a second. */
const probeTimeoutMs = 5_000

/**
 * Sends the cache service one small request first: a service that does not answer would block every later build of that builder (llbsolver/bridge.go).
 * Undefined: it answers, or is not used.
 */
export async function probeCache(
  { kinds }: CachePlan,
  { environment, clock }: Pick<Host, 'environment' | 'clock'>,
  service: Pick<CacheService, 'find'> = createCacheService({
    environment,
    clock,
    exchange: createExchange('aicleaner-build'),
    deadlineMs: probeTimeoutMs,
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
