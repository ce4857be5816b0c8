import type { Size } from '../core/bytes.ts'
import type { Change } from './result.ts'

/** From before to after. Bytes and percent only where both are known; percent unless before is 0. */
export function changeOf(before: Size, after: Size): Change {
  if (!('bytes' in before && 'bytes' in after)) return { before, after }
  const bytes = after.bytes - before.bytes
  return { before, after, bytes, ...(before.bytes > 0 && { percent: (bytes / before.bytes) * 100 }) }
}

/** Two sizes that cannot be compared: both are shown, without a difference. */
export const incomparable = (before: Size, after: Size): Change => ({ before, after })
