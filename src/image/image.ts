import { availableParallelism } from 'node:os'
import pLimit from 'p-limit'
import { messageOf } from '../core/diagnostics.ts'
import type { Size } from '../core/digest.ts'
import { mergedTree, summarize } from './contents.ts'
import {
  createdBy,
  findManifest,
  type ImageConfig,
  type Manifest,
  parsePlatform,
  readConfig,
  samePlatform,
  statedCompression,
} from './document.ts'
import { imageFailure } from './failure.ts'
import { type LayerContents, readLayer } from './layer.ts'
import { defaultLimits, type Limits } from './limits.ts'
import type { ImageMeasure, LayerMeasure } from './measure.ts'
import { Meter } from './meter.ts'
import { collectNotes, type ImageNotes } from './notes.ts'
import type { Inspector } from './readers/inspector.ts'
import { inspectors } from './readers/inspectors.ts'
import { readers } from './readers/readers.ts'
import type { BlobSource } from './sources/source.ts'

export interface MeasureOptions {
  /** Read every layer; without it manifest and config are enough and what they do not say is unknown. Default true. */
  readonly contents?: boolean
  /** Keep the merged tree (`ImageContents.tree`), without files below this many bytes. */
  readonly treeFrom?: number
  readonly signal?: AbortSignal
  /** For tests. */
  readonly limits?: Limits
}

/**
 * Measures the image of one platform (`linux/arm/v7`). Every digest on the way is checked. Memory does not grow with the image, only with its number of files, and with that up to a limit.
 * Throws a Failure (`image/…`, kind `environment`) when the image cannot be read or is not to be trusted.
 */
export async function measureImage(
  source: BlobSource,
  platform: string,
  options: MeasureOptions = {},
): Promise<ImageMeasure> {
  return (await read(source, platform, options)).measure
}

/** Measures, and notes in the same pass what an audit needs to know of the files. */
export async function inspectImage(
  source: BlobSource,
  platform: string,
  options: Omit<MeasureOptions, 'contents'> = {},
): Promise<{ readonly measure: ImageMeasure; readonly notes: ImageNotes }> {
  const { measure, notes = { files: [], litter: [] } } = await read(source, platform, options, inspectors)
  return { measure, notes }
}

async function read(
  source: BlobSource,
  platform: string,
  options: MeasureOptions,
  watching?: readonly Inspector[],
): Promise<{ readonly measure: ImageMeasure; readonly notes?: ImageNotes }> {
  const limits = options.limits ?? defaultLimits
  const wanted = parsePlatform(platform)
  const manifest = await findManifest(source, wanted, limits)
  const config = await readConfig(source, manifest, limits)
  if (!samePlatform(config.platform, wanted))
    throw imageFailure('image/no-platform', `The config of the image is for another platform than ${platform}.`)
  if (options.contents === false) return { measure: summary(source, manifest, config) }
  return atOnce(async () => {
    const meter = new Meter(limits)
    try {
      const layers = await readLayers(source, manifest, config, limits, watching ?? [], meter, options.signal)
      const merged = mergedTree(layers, limits)
      const contents = summarize(layers, merged, options, limits)
      const measure = { ...summary(source, manifest, config, layers), contents }
      return watching ? { measure, notes: collectNotes(layers, merged, config.platform.architecture) } : { measure }
    } finally {
      meter.release()
    }
  })
}

/** Images whose layers are read: a run may have a hundred, and as many that they are compared with. */
const atOnce = pLimit(4)

/** Layers come side by side, because decompressing happens on other threads; the first failure ends all. */
async function readLayers(
  source: BlobSource,
  manifest: Manifest,
  config: ImageConfig,
  limits: Limits,
  watching: readonly Inspector[],
  meter: Meter,
  signal?: AbortSignal,
): Promise<LayerContents[]> {
  const stop = new AbortController()
  const either = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal
  const results: LayerContents[] = []
  let next = 0
  const lane = async () => {
    while (next < manifest.layers.length) {
      const index = next++
      const layer = manifest.layers[index]
      const diffId = config.diffIds[index]
      if (!layer || !diffId) return
      const job = { source, layer, diffId, readers, inspectors: watching, limits, meter, signal: either }
      results[index] = await readLayer(job)
    }
  }
  const lanes = Array.from({ length: Math.min(4, Math.max(2, availableParallelism())) }, lane)
  try {
    await Promise.all(lanes)
  } catch (thrown) {
    stop.abort(thrown)
    await Promise.allSettled(lanes)
    signal?.throwIfAborted()
    throw typed(thrown)
  }
  return results
}

/** A broken stream or a missing file is the image's problem as well. */
const typed = (thrown: unknown): unknown =>
  thrown instanceof Error && thrown.name === 'Failure'
    ? thrown
    : imageFailure('image/unreadable', `A layer cannot be read: ${messageOf(thrown)}.`, thrown)

function summary(
  source: BlobSource,
  manifest: Manifest,
  config: ImageConfig,
  contents?: readonly LayerContents[],
): ImageMeasure {
  const made = createdBy(config)
  const layers = manifest.layers.map((layer, index): LayerMeasure => {
    const read = contents?.[index]
    const by = made[index]
    return {
      digest: layer.digest,
      diffId: config.diffIds[index] ?? '',
      mediaType: layer.mediaType,
      compression: read?.compression ?? statedCompression(layer.mediaType),
      download: layer.size,
      onDisk: read ? { bytes: read.payload } : notRead,
      ...(by && { createdBy: by }),
    }
  })
  const once = new Map([manifest.config, ...manifest.layers].map(({ digest, size }) => [digest, size]))
  return {
    method: source.method,
    manifestDigest: manifest.digest,
    configDigest: manifest.config.digest,
    download: [...once.values()].reduce((sum, size) => sum + size, 0),
    onDisk: contents ? { bytes: contents.reduce((sum, { payload }) => sum + payload, 0) } : notRead,
    layers,
    ...(config.created && { created: config.created }),
    ...(config.revision && { revision: config.revision }),
  }
}

const notRead: Size = { unknown: 'only the manifest was read' }
