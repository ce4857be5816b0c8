/** How far an image is followed before it is refused. Real images of add-ons stay far below each of them. */
export interface Limits {
  /** Tar headers of all layers of one image. */
  readonly entries: number
  /** Characters of a path; Linux allows 4096 bytes. */
  readonly pathLength: number
  /** Parts of a path. */
  readonly pathDepth: number
  /** Uncompressed bytes of one layer. */
  readonly layerBytes: number
  /** Uncompressed : compressed, looked at from `ratioFrom` bytes on. Deflate alone reaches 1032. */
  readonly ratio: number
  readonly ratioFrom: number
  /** Bytes of an extended header (PAX, GNU long name). */
  readonly extendedHeader: number
  /** Bytes of all extended headers of one layer. */
  readonly extendedBytes: number
  /** Bytes of a manifest or config. */
  readonly document: number
  readonly layers: number
}

export const defaultLimits: Limits = {
  entries: 1_000_000,
  pathLength: 4096,
  pathDepth: 256,
  layerBytes: 64e9,
  ratio: 300,
  ratioFrom: 1e9,
  extendedHeader: 1024 * 1024,
  extendedBytes: 512e6,
  document: 8 * 1024 * 1024,
  layers: 512,
}
