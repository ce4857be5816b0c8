import type { Size } from '../core/digest.ts'
import type { Change } from './result.ts'

/** From before to after. Bytes and percent only where both are known; percent only of something. */
export function changeOf(before: Size, after: Size): Change {
  if (!('bytes' in before && 'bytes' in after)) return { before, after }
  const bytes = after.bytes - before.bytes
  return { before, after, bytes, ...(before.bytes > 0 && { percent: (bytes / before.bytes) * 100 }) }
}

/** Two sizes that were found in ways that do not compare: shown, not subtracted. */
export const incomparable = (before: Size, after: Size): Change => ({ before, after })

export const sumSizes = (sizes: readonly Size[]): Size => {
  let bytes = 0
  for (const size of sizes) {
    if (!('bytes' in size)) return size
    bytes += size.bytes
  }
  return { bytes }
}
