import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import type { Digest } from '../core/digest.ts'
import type { Descriptor } from './document.ts'
import { imageFailure } from './failure.ts'
import type { Limits } from './limits.ts'
import type { Compression } from './measure.ts'
import { Meter } from './meter.ts'
import { LayerReading, type PackageFile } from './readers/layer-reading.ts'
import type { Note } from './readers/reader.ts'
import type { Readers } from './readers/readers.ts'
import type { BlobSource } from './sources/source.ts'
import { compressionOf, decompress } from './tar/decompress.ts'
import { type TarEntry, type TarHandler, type TarKind, TarReader } from './tar/tar.ts'

/** A member of a layer. */
export interface LayerEntry {
  readonly path: string
  readonly kind: TarKind
  readonly bytes: number
  /** The same for files with the same content. Absent for empty files. */
  readonly contentHash?: string
  readonly target?: string
  /** Target of a symbolic link, as stored. */
  readonly pointsTo?: string
}

/** The result of reading a layer. */
export interface LayerContents {
  readonly compression: Compression
  /** Bytes of its files, whiteouts excluded. */
  readonly payload: number
  readonly entries: readonly LayerEntry[]
  readonly packageFiles: readonly PackageFile[]
  readonly notes: readonly Note[]
}

export interface LayerJob {
  readonly source: BlobSource
  readonly layer: Descriptor
  readonly diffId: Digest
  readonly readers: Readers
  readonly limits: Limits
  /** Counts against the limits of the whole image. Default: a new meter, for this layer only. */
  readonly meter?: Meter
  readonly signal?: AbortSignal
}

/** Reads a layer once, and checks the digests of the blob and of the tar inside. Throws a Failure at the first problem. */
export async function readLayer(job: LayerJob): Promise<LayerContents> {
  const { source, layer, diffId, readers, limits, signal, meter = new Meter(limits) } = job
  if (/encrypted/.test(layer.mediaType))
    throw imageFailure('image/unsupported-layer', `The layer ${layer.digest} is encrypted.`)
  signal?.throwIfAborted()
  const stream = await source.blob(layer.digest)
  const abort = () => stream.destroy(signal?.reason instanceof Error ? signal.reason : new Error('aborted'))
  signal?.addEventListener('abort', abort, { once: true })
  try {
    const { start, rest } = await peek(stream, 4)
    const compression = compressionOf(start)
    const collector = new Collector(readers, meter)
    const tar = new TarReader(collector, limits)
    const hash = createHash('sha256')
    let length = 0
    for await (const chunk of decompress(blobChecked(rest, layer), compression)) {
      length += chunk.length
      checkLength(length, layer, limits)
      hash.update(chunk)
      tar.write(chunk)
    }
    tar.end()
    if (`sha256:${hash.digest('hex')}` !== diffId)
      throw imageFailure(
        'image/digest-mismatch',
        `The content of layer ${layer.digest} does not match its diff ID ${diffId}.`,
      )
    return { compression, ...collector.result() }
  } finally {
    signal?.removeEventListener('abort', abort)
    stream.destroy()
  }
}

function checkLength(length: number, layer: Descriptor, limits: Limits): void {
  if (length > limits.layerBytes)
    throw imageFailure('image/limit', `The layer ${layer.digest} unpacks to more than ${limits.layerBytes} bytes.`)
  if (length > limits.ratioFrom && length > layer.size * limits.ratio)
    throw imageFailure(
      'image/limit',
      `The layer ${layer.digest} unpacks to more than ${limits.ratio} times its ${layer.size} bytes.`,
    )
}

/** Passes a blob on and checks its length and digest at its end. */
async function* blobChecked(chunks: AsyncIterable<Buffer>, layer: Descriptor): AsyncGenerator<Buffer> {
  const hash = createHash('sha256')
  let length = 0
  for await (const chunk of chunks) {
    length += chunk.length
    if (length > layer.size)
      throw imageFailure(
        'image/digest-mismatch',
        `The layer ${layer.digest} is longer than the ${layer.size} bytes that its manifest states.`,
      )
    hash.update(chunk)
    yield chunk
  }
  if (length < layer.size)
    throw imageFailure(
      'image/truncated',
      `The layer ${layer.digest} has ${length} of the ${layer.size} bytes that its manifest states.`,
    )
  if (`sha256:${hash.digest('hex')}` !== layer.digest)
    throw imageFailure('image/digest-mismatch', `The layer ${layer.digest} has content that does not match its digest.`)
}

/** Returns the first bytes, and a stream of everything including them. */
async function peek(stream: Readable, count: number): Promise<{ start: Buffer; rest: AsyncIterable<Buffer> }> {
  const chunks: AsyncIterableIterator<Buffer> = stream[Symbol.asyncIterator]()
  let start = Buffer.alloc(0)
  while (start.length < count) {
    const next = await chunks.next()
    if (next.done) break
    start = Buffer.concat([start, next.value])
  }
  async function* rest(): AsyncGenerator<Buffer> {
    if (start.length) yield start
    yield* chunks
  }
  return { start, rest: rest() }
}

/** Collects the list of files, with a hash of each, and what readers find, while the tar is unpacked. */
class Collector implements TarHandler {
  private readonly reading: LayerReading
  private readonly meter: Meter
  private readonly entries: LayerEntry[] = []
  private payload = 0
  private current: TarEntry | undefined
  private hash: ReturnType<typeof createHash> | undefined

  constructor(readers: Readers, meter: Meter) {
    this.meter = meter
    this.reading = new LayerReading(readers, meter)
  }

  entry(entry: TarEntry): void {
    this.current = entry
    this.meter.addEntry(entry.path, entry.target, entry.pointsTo)
    this.reading.begin(entry)
    this.hash = entry.kind === 'file' && entry.size > 0 ? createHash('sha256') : undefined
  }

  data(chunk: Buffer): void {
    this.hash?.update(chunk)
    this.reading.data(chunk)
  }

  end(): void {
    const entry = this.current as TarEntry
    const { path, kind, size, target, pointsTo } = entry
    this.reading.end(entry)
    // 16 bytes are enough to tell files apart, and there may be many of them.
    const contentHash = this.hash?.digest().toString('latin1', 0, 16)
    this.entries.push({
      path,
      kind,
      bytes: size,
      ...(contentHash && { contentHash }),
      ...(target !== undefined && { target }),
      ...(pointsTo !== undefined && { pointsTo }),
    })
    if (kind === 'file' && !isMarker(path)) this.payload += size
  }

  result(): Omit<LayerContents, 'compression'> {
    const { payload, entries } = this
    const { packageFiles, notes } = this.reading
    return { payload, entries, packageFiles, notes }
  }
}

/** Whiteouts and other markers: regular files whose basename begins with `.wh.` (OCI image spec, layer.md). */
export const isMarker = (path: string): boolean => path.startsWith('.wh.', path.lastIndexOf('/') + 1)
