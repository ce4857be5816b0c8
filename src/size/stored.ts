import type { ImageMeasure } from '../image/measure.ts'

/** A measurement that is kept between runs, and the image that it is of. */
export interface Stored {
  readonly addon: string
  readonly architecture: string
  readonly commit?: string
  readonly measure: ImageMeasure
}

/** The version of the format. */
export const storedVersion = 1

export const toStored = (stored: Stored): string => JSON.stringify({ schemaVersion: storedVersion, ...stored })
