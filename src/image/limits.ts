/** Limits beyond which an image is refused. Images of add-ons stay far below each of them. */
export interface Limits {
  /** Members of all layers of one image, and tar headers of each layer. */
  readonly entries: number
  /** Characters of a path; Linux allows 4096 bytes. */
  readonly pathLength: number
  /** Parts of a path. */
  readonly pathDepth: number
  /** Uncompressed bytes of one layer. */
  readonly layerBytes: number
  /** Uncompressed : compressed, checked from `ratioFrom` bytes on. Deflate alone reaches 1032. */
  readonly ratio: number
  readonly ratioFrom: number
  /** Bytes of an extended header (PAX, GNU long name). */
  readonly extendedHeader: number
  /** Bytes of all extended headers of one layer. */
  readonly extendedBytes: number
  /** Bytes of a manifest or config. */
  readonly document: number
  readonly layers: number
  /** Characters of all paths, link targets and notes of one image. */
  readonly pathText: number
  /** Files and folders that all layers of one image create. Each part of a path counts. */
  readonly nodes: number
  /** Notes about files of one image; further ones are left out. */
  readonly notes: number
  /** Packages of one image. */
  readonly packages: number
  /** Bytes of all databases of packages in one image. */
  readonly databases: number
  /** Files that databases of packages list, in one image. */
  readonly listedFiles: number
  /** Files and folders of the tree that a report draws. A larger tree is left out of the report. */
  readonly treeNodes: number
  /** Manifests that are read to find the one of a platform. */
  readonly manifests: number
}

/** Bytes of the smallest file in the tree of a report; smaller ones count in their folder. Trees compare only if they have the same limit. */
export const smallestInTree = 4096

export const defaultLimits: Limits = {
  entries: 500_000,
  pathLength: 4096,
  pathDepth: 256,
  layerBytes: 64e9,
  ratio: 300,
  ratioFrom: 1e9,
  extendedHeader: 1024 * 1024,
  extendedBytes: 512e6,
  document: 8 * 1024 * 1024,
  layers: 512,
  pathText: 64e6,
  nodes: 500_000,
  notes: 50_000,
  packages: 50_000,
  databases: 64e6,
  listedFiles: 1_000_000,
  treeNodes: 100_000,
  manifests: 64,
}
