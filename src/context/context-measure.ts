import type { FileEntry } from '../image/measure.ts'
import type { Exclusion } from './exclusions.ts'

export interface Amount {
  readonly files: number
  readonly bytes: number
}

/** The files that a build can be sent, with and without the ignore file. Links do not count: Docker does not follow them. */
export interface ContextMeasure {
  readonly before: Amount
  readonly after: Amount
  /** Name of the ignore file relative to the context's or Dockerfile's folder; absent: there is none. */
  readonly ignoreFile?: string
  /** Suggestions for the ignore file, most bytes first. */
  readonly exclude: readonly Exclusion[]
  /** The largest files that are sent to the build, most bytes first. */
  readonly largestFiles: readonly FileEntry[]
}

/** The build context of an add-on in a report. */
export interface ContextReport extends ContextMeasure {
  /** Relative to the workspace. */
  readonly folder: string
  /** Relative to the workspace: the ignore file may belong to it alone. */
  readonly dockerfile: string
}
