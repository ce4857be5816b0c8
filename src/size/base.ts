import type { Digest } from '../core/digest.ts'
import type { ImageMeasure, LayerMeasure } from '../image/measure.ts'

/** Adds how many of the first layers come from the base, by diff ID: builders compress them again. Unknown if the image does not begin with them. */
export function withBase(measure: ImageMeasure, reference: string, diffIds: readonly Digest[]): ImageMeasure {
  const fits =
    diffIds.length <= measure.layers.length &&
    diffIds.every((diffId, index) => measure.layers[index]?.diffId === diffId)
  return fits ? { ...measure, base: { reference, layers: diffIds.length } } : measure
}

/**
 * A published image does not record its base; it is inferred from matching layers. The base is that of `after` if both begin with the same
 * layers, and an earlier version of it if the first steps have the same commands. Otherwise it stays unknown.
 */
export function withBaseOf(before: ImageMeasure, after: ImageMeasure): ImageMeasure {
  const { base } = after
  if (before.base || !base) return before
  const below = after.layers.slice(0, base.layers)
  const exact = withBase(
    before,
    base.reference,
    below.map(({ diffId }) => diffId),
  )
  if (exact.base) return exact
  const same =
    below.length > 0 &&
    below.length < before.layers.length &&
    below.every(({ createdBy }, index) => createdBy !== undefined && createdBy === before.layers[index]?.createdBy)
  return same ? { ...before, base } : before
}

/** Download bytes of the layers of the base image and of the author's own. Undefined if the base is not known. */
export function splitByBase(measure: ImageMeasure): { readonly base: number; readonly own: number } | undefined {
  if (!measure.base) return undefined
  const below = measure.layers.slice(0, measure.base.layers)
  const base = downloadOf(below)
  // Layers that are also in the base are counted once.
  return { base, own: downloadOf(measure.layers) - base }
}

/** Download bytes of layers, each digest once. */
export const downloadOf = (layers: readonly LayerMeasure[]): number =>
  [...new Map(layers.map(({ digest, download }) => [digest, download])).values()].reduce((a, b) => a + b, 0)
