import type { ImageMeasure } from '../image/measure.ts'

/** Why the download sizes of two images do not compare; empty when they do. */
export function downloadCaveats(after: ImageMeasure, before: ImageMeasure): string[] {
  const now = compressions(after)
  const then = compressions(before)
  if (now === then) return []
  return [`Download sizes are not compared: the layers are ${now} now and were ${then} in the baseline.`]
}

/** `gzip`, `gzip and zstd`. Layers without files weigh next to nothing and are often compressed in another way. */
function compressions({ layers }: ImageMeasure): string {
  const heavy = layers.filter(({ download }) => download > 4096)
  const kinds = new Set(
    (heavy.length ? heavy : layers).map(({ compression }) => (compression === 'none' ? 'uncompressed' : compression)),
  )
  return [...kinds].sort().join(' and ') || 'none'
}
