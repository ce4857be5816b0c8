import * as v from 'valibot'
import type { Size } from '../core/bytes.ts'
import { bytes, digest, layerIndex, listOf, text, treeOf, whole } from '../core/schema.ts'
import type { FileTree } from '../image/measure.ts'

/** Levels of folders in a tree. An image that this program reads has 256. */
const deepestTree = 1000

const absent = v.exactOptional(v.never())

export const size: v.GenericSchema<unknown, Size> = v.pipe(
  v.union(
    [v.object({ bytes, unknown: absent }), v.object({ unknown: text, bytes: absent })],
    'expected bytes or unknown',
  ),
  v.description('Bytes, or why they are not known. Unknown is never zero.'),
)

const optionalWhole = v.exactOptional(whole)
const optionalLayer = v.exactOptional(layerIndex)
const optionalText = v.exactOptional(text)

export const tree = v.object({
  name: text,
  bytes,
  files: optionalWhole,
  packaged: v.exactOptional(bytes),
  layer: optionalLayer,
  package: optionalWhole,
  children: v.exactOptional(listOf(v.lazy((): v.GenericSchema<unknown, FileTree> => tree))),
})

export const entry = v.object({ path: text, bytes })
export const manager = v.picklist(['apk', 'dpkg', 'python', 'node'])
export const installedPackage = v.object({ manager, name: text, version: text, bytes, layer: optionalLayer })

export const contents = v.object({
  merged: bytes,
  hidden: bytes,
  files: whole,
  waste: listOf(
    v.object({
      path: text,
      bytes,
      files: optionalWhole,
      reason: v.picklist(['deleted', 'overwritten', 'metadata-only']),
      writtenBy: layerIndex,
      hiddenBy: layerIndex,
    }),
  ),
  largestFiles: listOf(entry),
  folders: listOf(entry),
  packages: listOf(installedPackage),
  duplicates: v.exactOptional(listOf(v.object({ bytes, paths: listOf(text), copies: whole }))),
  tree: v.exactOptional(treeOf(tree, deepestTree)),
})

const layer = v.object({
  digest,
  diffId: digest,
  mediaType: text,
  compression: v.picklist(['gzip', 'zstd', 'none']),
  download: bytes,
  onDisk: size,
  createdBy: optionalText,
  line: v.exactOptional(v.pipe(whole, v.description('Line of the Dockerfile, from 1.'))),
})

/** The sizes of one image, as in reports, result files and stored measurements. */
export const measure = v.object({
  method: v.picklist(['oci-layout', 'registry', 'archive']),
  manifestDigest: digest,
  configDigest: digest,
  download: bytes,
  onDisk: size,
  layers: listOf(layer),
  created: optionalText,
  revision: optionalText,
  base: v.exactOptional(v.object({ reference: text, layers: whole })),
  contents: v.exactOptional(contents),
})
