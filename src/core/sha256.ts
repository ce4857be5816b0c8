import { createHash } from 'node:crypto'
import type { Digest } from './digest.ts'

/** The digest of some content, as registries and image layouts name it. */
export const sha256 = (content: Uint8Array | string): Digest => `sha256:${sha256Hex(content)}`

/** The 64 hex digits alone: for keys and fingerprints. */
export const sha256Hex = (content: Uint8Array | string): string => createHash('sha256').update(content).digest('hex')
