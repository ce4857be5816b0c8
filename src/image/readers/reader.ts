import type { PackageEntry } from '../measure.ts'

/** What a file of an image says of a package. Several files may speak of the same one. */
export interface PackageFact {
  readonly manager: PackageEntry['manager']
  readonly name: string
  /** '' where the file does not say. */
  readonly version: string
  /** Installed bytes as the package's own records state them. */
  readonly bytes?: number
  /** Paths of its files. */
  readonly files?: readonly string[]
  /** All that lies in this folder is its own, but for other packages inside. */
  readonly folder?: string
}

/**
 * Says which files of a layer it wants to see, and makes facts of each. Never throws: what it cannot read says nothing. Facts come one at a time where a
 * file may have hundreds of thousands, so that whoever counts them can stop.
 */
export interface Reader {
  wants(path: string): boolean
  /** Bytes of the longest file that is worth reading. */
  readonly limit: number
  read(path: string, content: Buffer): Iterable<PackageFact>
}
