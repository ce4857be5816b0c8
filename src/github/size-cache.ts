import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import type { Host } from '../core/host.ts'
import { createExchange } from '../registry/http.ts'
import type { SizeCache } from '../size/baseline.ts'
import { createCacheService } from './cache-service.ts'

/** Bytes. Far more than a measurement with its tree of files has. */
const largestText = 256 * 1024 * 1024

/** Stores sizes in the cache of GitHub Actions. The runner must offer that cache. */
export function openSizeCache({ environment, clock }: Pick<Host, 'environment' | 'clock'>): SizeCache {
  const service = createCacheService({ environment, clock, exchange: createExchange('aicleaner-build') })
  return {
    async find(prefix) {
      const entry = await service.find(prefix)
      if (entry === undefined) return undefined
      const text = await promisify(gunzip)(await service.read(entry.url), { maxOutputLength: largestText })
      return { key: entry.key, text: text.toString('utf8') }
    },
    async save(key, text) {
      await service.save(key, await promisify(gzip)(text))
    },
  }
}
