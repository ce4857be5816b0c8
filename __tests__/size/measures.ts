import { createHash } from 'node:crypto'
import type {
  FileTree,
  ImageContents,
  ImageMeasure,
  LayerMeasure,
  PackageEntry,
  Waste,
} from '../../src/image/measure.ts'
import type { Baseline } from '../../src/size/result.ts'

export const digest = (name: string): string => `sha256:${createHash('sha256').update(name).digest('hex')}`

export const layer = (name: string, download: number, more: Partial<LayerMeasure> = {}): LayerMeasure => ({
  digest: digest(name),
  diffId: digest(`diff ${name}`),
  mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
  compression: 'gzip',
  download,
  onDisk: { bytes: download * 3 },
  createdBy: `RUN /bin/sh -c ${name} # buildkit`,
  ...more,
})

export const contents = (more: Partial<ImageContents> = {}): ImageContents => ({
  merged: 1000,
  hidden: 0,
  files: 10,
  waste: [],
  largestFiles: [],
  folders: [],
  packages: [],
  ...more,
})

/** Without sums that add up by themselves: only the config's 1,000 bytes are added. */
export const measure = (layers: readonly LayerMeasure[], more: Partial<ImageMeasure> = {}): ImageMeasure => {
  const once = new Map(layers.map((one) => [one.digest, one.download]))
  const name = JSON.stringify(layers)
  return {
    method: 'oci-layout',
    manifestDigest: digest(`manifest ${name}`),
    configDigest: digest(`config ${name}`),
    download: [...once.values()].reduce((a, b) => a + b, 0) + 1000,
    onDisk: { bytes: layers.reduce((sum, { onDisk }) => sum + ('bytes' in onDisk ? onDisk.bytes : 0), 0) },
    layers,
    ...more,
  }
}

export const baseline = (of: ImageMeasure, more: Partial<Baseline> = {}): Baseline => ({
  source: 'cache',
  reference: 'key',
  measure: of,
  ...more,
})

export const installed = (
  name: string,
  version: string,
  bytes: number,
  more: Partial<PackageEntry> = {},
): PackageEntry => ({
  manager: 'apk',
  name,
  version,
  bytes,
  ...more,
})

export const waste = (path: string, bytes: number, more: Partial<Waste> = {}): Waste => ({
  path,
  bytes,
  reason: 'deleted',
  writtenBy: 0,
  hiddenBy: 1,
  ...more,
})

interface Shape {
  readonly [name: string]: number | Shape
}

/** `{ usr: { lib: { a: 10 } } }` as a tree. */
export const tree = (shape: Shape, name = ''): FileTree => {
  const children = Object.entries(shape).map(([child, value]) =>
    typeof value === 'number' ? { name: child, bytes: value, layer: 0 } : tree(value, child),
  )
  return {
    name,
    bytes: children.reduce((sum, { bytes }) => sum + bytes, 0),
    files: children.reduce((sum, child) => sum + ('files' in child ? (child.files ?? 0) : 1), 0),
    children,
  }
}
