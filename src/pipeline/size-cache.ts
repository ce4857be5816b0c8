import { offersCache } from '../build/cache/decision.ts'
import type { Host } from '../core/host.ts'
import type { Options } from '../inputs/options.ts'
import type { SizeCache } from '../size/baseline.ts'

/** Loaded while nothing waits for it, and only where a runner has a cache. */
export async function sizeCache({ baseline }: Pick<Options, 'baseline'>, host: Host): Promise<SizeCache | undefined> {
  if (baseline.kind !== 'auto' && baseline.kind !== 'cache') return undefined
  if (!offersCache(host.environment)) return undefined
  const { openSizeCache } = await import('../github/size-cache.ts')
  return openSizeCache(host)
}
