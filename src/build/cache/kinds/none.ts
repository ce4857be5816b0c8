import type { CacheBackend } from '../backend.ts'

export const none: CacheBackend<{ readonly kind: 'none' }> = { attributes: () => ({}) }
