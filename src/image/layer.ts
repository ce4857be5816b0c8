import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import type { Digest } from '../core/digest.ts'
import type { Descriptor } from './document.ts'
import { imageFailure } from './failure.ts'
import type { Limits } from './limits.ts'
import type { Compression } from './measure.ts'
import { Meter } from './meter.ts'
import { Inspection } from './readers/inspection.ts'
import type { Inspector, Note } from './readers/inspector.ts'
import type { PackageFact, Reader } from './readers/reader.ts'
import type { BlobSource } from './sources/source.ts'
import { compressionOf, decompress } from './tar/decompress.ts'
import { type TarEntry, type TarHandler, type TarKind, TarReader } from './tar/tar.ts'

/** A member of a layer. */
export interface LayerEntry {
  readonly path: string
  readonly kind: TarKind
  readonly bytes: number
  /** Digest of the content; files with the same are the same. Absent for empty ones. */
  readonly print?: string
  readonly target?: string
  /** Of a symbolic link. */
  readonly pointsTo?: string
}

/** What a reader found in a file of a layer. */
export interface LayerFacts {
  readonly path: string
  readonly packages: readonly PackageFact[]
}

/** Everything that one pass over a layer brings. */
export interface LayerContents {
  readonly compression: Compression
  /** Bytes of its files; whiteouts are no files. */
  readonly payload: number
  readonly entries: readonly LayerEntry[]
  readonly facts: readonly LayerFacts[]
  /** What inspectors saw. */
  readonly notes: readonly Note[]
  /** Paths that a reader wanted but that were too long for it. */
  readonly skipped: readonly string[]
}

export interface LayerJob {
  readonly source: BlobSource
  readonly layer: Descriptor
  readonly diffId: Digest
  readonly readers: readonly Reader[]
  /** Default: none. */
  readonly inspectors?: readonly Inspector[]
  readonly limits: Limits
  /** Of the image that it is a layer of. Default: one of its own. */
  readonly meter?: Meter
  readonly signal?: AbortSignal
}

/**
 * Reads a layer once, in constant memory but for its list of files. Both digests are checked: of the blob as it comes and of the tar in it.
 * Throws a Failure for whatever does not fit, and stops reading at once.
 */
export async function readLayer(job: LayerJob): Promise<LayerContents> {
  const { source, layer, diffId, readers, inspectors = [], limits, signal, meter = new Meter(limits) } = job
  if (/encrypted/.test(layer.mediaType))
    throw imageFailure('image/unsupported-layer', `The layer ${layer.digest} is encrypted.`)
  signal?.throwIfAborted()
  const stream = await source.blob(layer.digest)
  const abort = () => stream.destroy(signal?.reason instanceof Error ? signal.reason : new Error('aborted'))
  signal?.addEventListener('abort', abort, { once: true })
  try {
    const { start, rest } = await peek(stream, 4)
    const compression = compressionOf(start)
    const collector = new Collector(readers, inspectors, meter)
    const tar = new TarReader(collector, limits)
    const hash = createHash('sha256')
    let length = 0
    for await (const chunk of decompress(blobChecked(rest, layer), compression)) {
      length += chunk.length
      checkLength(length, layer, limits)
      hash.update(chunk)
      tar.write(chunk)
      await meter.room(signal)
    }
    tar.end()
    if (`sha256:${hash.digest('hex')}` !== diffId)
      throw imageFailure(
        'image/digest-mismatch',
        `The layer ${layer.digest} unpacks to other content than its diff ID ${diffId} says.`,
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
    throw imageFailure('image/digest-mismatch', `The layer ${layer.digest} has other content than its digest says.`)
}

/** The first bytes, and everything including them. */
async function peek(stream: Readable, count: number): Promise<{ start: Buffer; rest: AsyncIterable<Buffer> }> {
  const chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  const first: Buffer[] = []
  let length = 0
  while (length < count) {
    const next = await chunks.next()
    if (next.done) break
    first.push(next.value)
    length += next.value.length
  }
  const start = Buffer.concat(first)
  async function* rest(): AsyncGenerator<Buffer> {
    if (start.length) yield start
    for (;;) {
      const next = await chunks.next()
      if (next.done) return
      yield next.value
    }
  }
  return { start, rest: rest() }
}

/** Digests, names and the few files that readers want, as the tar goes by. */
class Collector implements TarHandler {
  private readonly readers: readonly Reader[]
  private readonly inspection: Inspection
  private readonly entries: LayerEntry[] = []
  private readonly facts: LayerFacts[] = []
  private readonly skipped: string[] = []
  private payload = 0
  private current: TarEntry | undefined
  private reader: Reader | undefined
  private wanted: Buffer[] = []
  private hash: ReturnType<typeof createHash> | undefined

  private readonly meter: Meter

  constructor(readers: readonly Reader[], inspectors: readonly Inspector[], meter: Meter) {
    this.readers = readers
    this.meter = meter
    this.inspection = new Inspection(inspectors, meter)
  }

  entry(entry: TarEntry): void {
    this.current = entry
    this.meter.entry(entry.path, entry.target, entry.pointsTo)
    this.inspection.begin(entry)
    this.reader = undefined
    this.hash = undefined
    if (entry.kind !== 'file') return
    this.hash = entry.size ? createHash('sha256') : undefined
    const reader = this.readers.find((candidate) => candidate.wants(entry.path))
    if (reader && entry.size > reader.limit) this.skipped.push(entry.path)
    else this.reader = reader
  }

  data(chunk: Buffer): void {
    this.hash?.update(chunk)
    this.inspection.data(chunk)
    if (this.reader) this.wanted.push(Buffer.from(chunk))
  }

  end(): void {
    const { path, kind, size, target, pointsTo } = this.current as TarEntry
    this.inspection.end()
    // 16 bytes are plenty to tell files apart, and there may be many of them.
    const print = this.hash?.digest().toString('latin1', 0, 16)
    this.entries.push({
      path,
      kind,
      bytes: size,
      ...(print && { print }),
      ...(target !== undefined && { target }),
      ...(pointsTo !== undefined && { pointsTo }),
    })
    if (kind === 'file' && !isMarker(path)) this.payload += size
    if (this.reader) {
      this.meter.database(size)
      const packages: PackageFact[] = []
      for (const fact of this.reader.read(path, Buffer.concat(this.wanted))) {
        this.meter.fact(fact)
        packages.push(fact)
      }
      this.facts.push({ path, packages })
      this.wanted = []
    }
  }

  result(): Omit<LayerContents, 'compression'> {
    const { payload, entries, facts, skipped } = this
    return { payload, entries, facts, skipped, notes: this.inspection.notes }
  }
}

/** Whiteouts and other marks: regular files whose basename begins with `.wh.` (OCI image spec, layer.md). */
export const isMarker = (path: string): boolean => path.startsWith('.wh.', path.lastIndexOf('/') + 1)
