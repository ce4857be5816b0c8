import { createHash } from 'node:crypto'
import type { Digest } from '../core/digest.ts'

export const sha256 = (bytes: Buffer | string): Digest => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

/** `sha256:` and 64 lower-case hex digits: the only kind that becomes part of a path or an address. */
export const isDigest = (text: unknown): text is Digest =>
  typeof text === 'string' && /^sha256:[0-9a-f]{64}$/.test(text)
