import { availableParallelism } from 'node:os'
import pLimit, { type LimitFunction } from 'p-limit'
import type { Size } from '../core/bytes.ts'
import { messageOf } from '../core/diagnostics.ts'
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
import { type LayerContents, type LayerJob, readLayer } from './layer.ts'
import { defaultLimits, type Limits } from './limits.ts'
import type { ImageMeasure, LayerMeasure } from './measure.ts'
import { Meter } from './meter.ts'
import { collectNotes, type ImageNotes } from './notes.ts'
import { noteReaders, packageReaders, type Readers } from './readers/readers.ts'
import type { BlobSource } from './sources/source.ts'
import type { MergedTree } from './tree.ts'

interface ReadOptions {
  /** Keep the merged tree (`ImageContents.tree`), without files below this many bytes. */
  readonly treeFrom?: number
  /** Limits how many images are read at the same time, so that memory does not grow with their number. */
  readonly queue?: LimitFunction
  readonly signal?: AbortSignal
  /** For tests. */
  readonly limits?: Limits
}

interface MeasureOptions extends ReadOptions {
  /** Whether to read every layer. Otherwise only manifest and config are read, and what they do not contain is unknown. Default: true. */
  readonly contents?: boolean
}

/** Measures the image of one platform (`linux/arm/v7`) and checks every digest. Throws a Failure (`image/…`, kind `environment`). */
export async function measureImage(
  source: BlobSource,
  platform: string,
  options: MeasureOptions = {},
): Promise<ImageMeasure> {
  const documents = await readDocuments(source, platform, options.limits)
  if (options.contents === false) return measureOf(source, documents)
  return (await readContents(source, documents, { packages: packageReaders, notes: [] }, options)).measure
}

/** Measures, and collects in the same pass what an audit needs to know about the files. */
export async function inspectImage(
  source: BlobSource,
  platform: string,
  options: ReadOptions = {},
): Promise<{ readonly measure: ImageMeasure; readonly notes: ImageNotes }> {
  const documents = await readDocuments(source, platform, options.limits)
  const readers = { packages: packageReaders, notes: noteReaders }
  const { measure, layers, merged } = await readContents(source, documents, readers, options)
  return { measure, notes: collectNotes(layers, merged, documents.config.platform.architecture) }
}

/** The documents of an image, which have everything but the contents of its layers. */
interface Documents {
  readonly manifest: Manifest
  readonly config: ImageConfig
}

/** Reads the manifest and the config of one platform, and checks their digests. Throws a Failure (`image/…`, kind `environment`). */
export async function readDocuments(source: BlobSource, platform: string, limits = defaultLimits): Promise<Documents> {
  const wanted = parsePlatform(platform)
  const manifest = await findManifest(source, wanted, limits)
  const config = await readConfig(source, manifest, limits)
  if (!samePlatform(config.platform, wanted))
    throw imageFailure('image/no-platform', `The config of the image is for a platform other than ${platform}.`)
  return { manifest, config }
}

interface ReadImage {
  readonly measure: ImageMeasure
  readonly layers: readonly LayerContents[]
  readonly merged: MergedTree
}

async function readContents(
  source: BlobSource,
  documents: Documents,
  readers: Readers,
  { queue = pLimit(1), limits = defaultLimits, signal, ...options }: ReadOptions,
): Promise<ReadImage> {
  return queue(async () => {
    const job = { source, readers, limits, meter: new Meter(limits), ...(signal && { signal }) }
    const layers = await readLayers(documents, job)
    const merged = mergedTree(layers, limits)
    const contents = summarize(layers, merged, options, limits)
    return { measure: { ...measureOf(source, documents, layers), contents }, layers, merged }
  })
}

/** Reads several layers at the same time, because decompressing happens on other threads. The first failure ends all. */
async function readLayers(
  { manifest, config }: Documents,
  job: Omit<LayerJob, 'layer' | 'diffId'>,
): Promise<LayerContents[]> {
  const stop = new AbortController()
  const signal = job.signal ? AbortSignal.any([job.signal, stop.signal]) : stop.signal
  const limit = pLimit(Math.min(4, Math.max(2, availableParallelism())))
  const work = manifest.layers.map((layer, index) =>
    limit(() => readLayer({ ...job, layer, diffId: config.diffIds[index] ?? '', signal })),
  )
  try {
    return await Promise.all(work)
  } catch (thrown) {
    stop.abort(thrown)
    await Promise.allSettled(work)
    job.signal?.throwIfAborted()
    throw asFailure(thrown)
  }
}

/** Turns a broken stream or a missing file into a Failure, because these are problems of the image as well. */
const asFailure = (thrown: unknown): unknown =>
  thrown instanceof Error && thrown.name === 'Failure'
    ? thrown
    : imageFailure('image/unreadable', `A layer cannot be read: ${messageOf(thrown)}.`, thrown)

function measureOf(
  source: BlobSource,
  { manifest, config }: Documents,
  contents?: readonly LayerContents[],
): ImageMeasure {
  const commands = createdBy(config)
  const layers = manifest.layers.map((layer, index): LayerMeasure => {
    const read = contents?.[index]
    const by = commands[index]
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
