import type { Digest, Size } from '../core/digest.ts'
import type { FileEntry, FileTree, ImageContents, ImageMeasure } from '../image/measure.ts'

/** A measurement as it is kept between runs, and what it was made from. */
export interface Stored {
  readonly addon: string
  readonly architecture: string
  readonly commit?: string
  readonly measure: ImageMeasure
}

const schemaVersion = 1

export const toStored = (stored: Stored): string => JSON.stringify({ schemaVersion, ...stored })

/**
 * Reads what `toStored` wrote, or a report.json, and finds the measurement of one image in it. Undefined when there is none.
 * Throws an Error for a text that is not of that shape: it comes from a cache or a file, and nothing in it is trusted.
 */
export function fromStored(text: string, addon: string, architecture: string): Stored | undefined {
  const json = object(JSON.parse(text), 'file')
  if (json.schemaVersion !== schemaVersion) throw new Error(`schemaVersion is not ${schemaVersion}`)
  const all = Array.isArray(json.addons) ? fromReport(json) : [json]
  const found = all.find((one) => one.addon === addon && one.architecture === architecture)
  if (!found) return undefined
  return {
    addon,
    architecture,
    ...(found.commit !== undefined && { commit: words(found.commit, 'commit') }),
    measure: measureOf(found.measure),
  }
}

type Json = Readonly<Record<string, unknown>>

function fromReport(json: Json): Json[] {
  const { sha } = object(json.run, 'run')
  // A run from a terminal knows none.
  const commit = sha === '' ? undefined : sha
  return list(json.addons, 'addons').flatMap((addon) =>
    list(object(addon, 'addon').targets, 'targets').flatMap((value) => {
      const target = object(value, 'target')
      if (!target.size) return []
      const { measure } = object(target.size, 'size')
      return [{ addon: target.addon, architecture: target.architecture, commit, measure }]
    }),
  )
}

function measureOf(value: unknown): ImageMeasure {
  const json = object(value, 'measure')
  const layers = list(json.layers, 'layers').map((one) => {
    const layer = object(one, 'layer')
    return {
      digest: digest(layer.digest),
      diffId: digest(layer.diffId),
      mediaType: words(layer.mediaType, 'mediaType'),
      compression: oneOf(['gzip', 'zstd', 'none'] as const, layer.compression),
      download: bytes(layer.download),
      onDisk: size(layer.onDisk),
      ...(layer.createdBy !== undefined && { createdBy: words(layer.createdBy, 'createdBy') }),
      ...(layer.line !== undefined && { line: bytes(layer.line) }),
    }
  })
  const base = json.base === undefined ? undefined : object(json.base, 'base')
  return {
    method: oneOf(['oci-layout', 'registry', 'archive'] as const, json.method),
    manifestDigest: digest(json.manifestDigest),
    configDigest: digest(json.configDigest),
    download: bytes(json.download),
    onDisk: size(json.onDisk),
    layers,
    ...(json.created !== undefined && { created: words(json.created, 'created') }),
    ...(json.revision !== undefined && { revision: words(json.revision, 'revision') }),
    ...(base && {
      base: { reference: words(base.reference, 'reference'), layers: Math.min(bytes(base.layers), layers.length) },
    }),
    ...(json.contents !== undefined && { contents: contentsOf(json.contents, layers.length) }),
  }
}

function contentsOf(value: unknown, layers: number): ImageContents {
  const json = object(value, 'contents')
  const layer = (index: unknown): number => {
    if (bytes(index) >= layers) throw new Error('a layer that is not there')
    return index as number
  }
  return {
    merged: bytes(json.merged),
    hidden: bytes(json.hidden),
    files: bytes(json.files),
    waste: list(json.waste, 'waste').map((one) => {
      const waste = object(one, 'waste')
      return {
        ...entry(waste),
        ...(waste.files !== undefined && { files: bytes(waste.files) }),
        reason: oneOf(['deleted', 'overwritten', 'metadata-only'] as const, waste.reason),
        writtenBy: layer(waste.writtenBy),
        hiddenBy: layer(waste.hiddenBy),
      }
    }),
    largestFiles: list(json.largestFiles, 'largestFiles').map((one) => entry(object(one, 'file'))),
    folders: list(json.folders, 'folders').map((one) => entry(object(one, 'folder'))),
    packages: list(json.packages, 'packages').map((one) => {
      const found = object(one, 'package')
      return {
        manager: oneOf(['apk', 'dpkg', 'python', 'node'] as const, found.manager),
        name: words(found.name, 'name'),
        version: words(found.version, 'version'),
        bytes: bytes(found.bytes),
        ...(found.layer !== undefined && { layer: layer(found.layer) }),
      }
    }),
    ...(json.tree !== undefined && { tree: tree(json.tree, 0) }),
  }
}

function tree(value: unknown, depth: number): FileTree {
  if (depth > 300) throw new Error('a tree that is too deep')
  const json = object(value, 'tree')
  const optional = (name: 'files' | 'packaged' | 'layer' | 'package') =>
    json[name] === undefined ? {} : { [name]: bytes(json[name]) }
  return {
    name: words(json.name, 'name'),
    bytes: bytes(json.bytes),
    ...optional('files'),
    ...optional('packaged'),
    ...optional('layer'),
    ...optional('package'),
    ...(json.children !== undefined && {
      children: list(json.children, 'children').map((child) => tree(child, depth + 1)),
    }),
  }
}

const entry = (json: Json): FileEntry => ({ path: words(json.path, 'path'), bytes: bytes(json.bytes) })

function object(value: unknown, name: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`${name} is no object`)
  return value as Json
}

function list(value: unknown, name: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error(`${name} is no list`)
  return value
}

function words(value: unknown, name: string): string {
  if (typeof value !== 'string' || value.length > 8192) throw new Error(`${name} is no text`)
  return value
}

function bytes(value: unknown): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw new Error('a size is no number of bytes')
  return value as number
}

function size(value: unknown): Size {
  const json = object(value, 'size')
  return json.bytes === undefined ? { unknown: words(json.unknown, 'unknown') } : { bytes: bytes(json.bytes) }
}

function digest(value: unknown): Digest {
  if (typeof value !== 'string' || !/^sha256:[0-9a-f]{64}$/.test(value)) throw new Error('a digest is none')
  return value
}

function oneOf<T extends string>(values: readonly T[], value: unknown): T {
  const found = values.find((one) => one === value)
  if (found === undefined) throw new Error(`${JSON.stringify(value)?.slice(0, 40)} is not one of ${values.join(', ')}`)
  return found
}
