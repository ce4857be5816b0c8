import type { Fault } from '../faults.ts'
import { twirp, writeDenied } from './cache-service.ts'

type Aim = Pick<Fault, 'on' | 'times' | 'after'>

/** Patterns for `on`: calls of the service and operations on blobs. */
export const calls = {
  all: /CacheService\//,
  create: /CacheService\/CreateCacheEntry/,
  finalise: /CacheService\/FinalizeCacheEntryUpload/,
  find: /CacheService\/GetCacheEntryDownloadURL/,
  upload: /^PUT \/blobs\//,
  download: /^GET \/blobs\//,
} as const

export const limited = (retryAfter: number, aim: Aim = {}): Fault => ({
  ...aim,
  answer: {
    ...twirp(429, 'resource_exhausted', 'rate limit exceeded'),
    headers: { 'retry-after': String(retryAfter) },
  },
})
export const unavailable = (aim: Aim = {}): Fault => ({
  ...aim,
  answer: twirp(503, 'unavailable', 'service unavailable'),
})
/** The response for a token without a writable scope. */
export const denied = (aim: Aim = {}): Fault => ({
  ...aim,
  answer: { status: 200, body: { ok: false, message: writeDenied } },
})
