import type { Size } from '../core/bytes.ts'
import type { Digest } from '../core/digest.ts'

export type Compression = 'gzip' | 'zstd' | 'none'

export interface LayerMeasure {
  readonly digest: Digest
  readonly diffId: Digest
  readonly mediaType: string
  readonly compression: Compression
  /** Compressed bytes, from the manifest. */
  readonly download: number
  /** File bytes in the layer. Unknown if only the manifest was read. */
  readonly onDisk: Size
  /** `history.created_by` of the image config. */
  readonly createdBy?: string
  /** Line of the Dockerfile that created it, if known. */
  readonly line?: number
}

/** The base image of the final stage. Its layers are the first `layers` of the image; the others are the author's own. */
interface BaseImage {
  readonly reference: string
  readonly layers: number
}

/** Sizes of one image, and how they were determined. The README defines the terms: download, on disk, merged. */
export interface ImageMeasure {
  /** What the sizes were read from. `archive`: a file of `docker save`, whose layers may be stored uncompressed. */
  readonly method: 'oci-layout' | 'registry' | 'archive'
  readonly manifestDigest: Digest
  readonly configDigest: Digest
  /** Layers and config, each digest once: what an empty device pulls. */
  readonly download: number
  /** File bytes of all layers. */
  readonly onDisk: Size
  readonly layers: readonly LayerMeasure[]
  readonly created?: string
  /** The commit it was built from, as its label `org.opencontainers.image.revision` states it: 7 to 64 hex digits. */
  readonly revision?: string
  /** Absent if it is not known. */
  readonly base?: BaseImage
  readonly contents?: ImageContents
}

export interface FileEntry {
  readonly path: string
  readonly bytes: number
}

export interface PackageEntry {
  readonly manager: 'apk' | 'dpkg' | 'python' | 'node'
  readonly name: string
  readonly version: string
  /** Bytes by the records of the package manager (apk, dpkg), or of its files in the merged view (python, node). */
  readonly bytes: number
  /** Index into `ImageMeasure.layers`: the first layer that has it in this version. */
  readonly layer?: number
}

/** Several files with the same content that are not links to one another. */
export interface Duplicate {
  readonly bytes: number
  /** Only the first few. */
  readonly paths: readonly string[]
  readonly copies: number
}

/** A folder or file of the merged view. Small files are part of their folder's `bytes` only, so a folder can be larger than its children. */
export interface FileTree {
  readonly name: string
  readonly bytes: number
  /** Files in it; absent for a file. */
  readonly files?: number
  /** Folders only: bytes of the files in it that belong to packages, including files too small to be listed. Absent: none. */
  readonly packaged?: number
  /** Files only: index into `ImageMeasure.layers` of the layer that added it. */
  readonly layer?: number
  /** Files only: index into `ImageContents.packages`. */
  readonly package?: number
  /** Folders only: most bytes first. */
  readonly children?: readonly FileTree[]
}

/** The contents of all layers. Σ payload of the layers = merged + hidden. Lists have only the largest entries, most bytes first; paths are hostile text. */
export interface ImageContents {
  /** Bytes that the container sees. */
  readonly merged: number
  /** Bytes that a later layer hides. */
  readonly hidden: number
  readonly files: number
  readonly waste: readonly Waste[]
  readonly largestFiles: readonly FileEntry[]
  readonly folders: readonly FileEntry[]
  readonly packages: readonly PackageEntry[]
  /** Most wasted bytes first. */
  readonly duplicates?: readonly Duplicate[]
  /** The merged view; only if it was requested. */
  readonly tree?: FileTree
}

/** Bytes that are stored and transferred and that no container sees. */
export interface Waste {
  /** A file, or a folder with all that is hidden in it for the same reason. */
  readonly path: string
  readonly bytes: number
  /** Number of files; absent for a single file. */
  readonly files?: number
  readonly reason: 'deleted' | 'overwritten' | 'metadata-only'
  /** Index into `ImageMeasure.layers`. */
  readonly writtenBy: number
  readonly hiddenBy: number
}
