import type { Digest, Size } from '../core/digest.ts'
import type { ImageMeasure, LayerMeasure } from '../image/measure.ts'
import { sumSizes } from './change.ts'

export interface Share {
  readonly download: number
  readonly onDisk: Size
}

/**
 * Notes how many of the first layers come from the base image. Matched by diff ID, because builders compress a base's layers anew.
 * A base that the image does not begin with (another stage was meant, or it was squashed) is left out: unknown.
 */
export function withBase(measure: ImageMeasure, reference: string, diffIds: readonly Digest[]): ImageMeasure {
  const fits =
    diffIds.length <= measure.layers.length &&
    diffIds.every((diffId, index) => measure.layers[index]?.diffId === diffId)
  return fits ? { ...measure, base: { reference, layers: diffIds.length } } : measure
}

/**
 * A published image does not say what it stands on. It stands on the same base as `after` where its layers begin with the same ones; and on an
 * earlier state of it where its first steps have the same texts, so that only what they brought is another. Anything else stays unknown.
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

/** What the base image brings and what the author adds. Undefined where the base is not known. */
export function splitByBase(measure: ImageMeasure): { readonly base: Share; readonly own: Share } | undefined {
  if (!measure.base) return undefined
  const below = measure.layers.slice(0, measure.base.layers)
  const above = measure.layers.slice(measure.base.layers)
  const before = new Set(below.map(({ digest }) => digest))
  return {
    base: share(below),
    own: share(
      above.filter(({ digest }) => !before.has(digest)),
      above,
    ),
  }
}

const share = (layers: readonly LayerMeasure[], stored = layers): Share => ({
  download: [...new Map(layers.map(({ digest, download }) => [digest, download])).values()].reduce((a, b) => a + b, 0),
  onDisk: sumSizes(stored.map(({ onDisk }) => onDisk)),
})
