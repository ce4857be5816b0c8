import { once } from 'node:events'
import type { Transform } from 'node:stream'
import * as zlib from 'node:zlib'
import { messageOf } from '../../core/diagnostics.ts'
import { imageFailure } from '../failure.ts'
import type { Compression } from '../measure.ts'
import { type FramePart, FrameScanner } from './zstd-frames.ts'

type Bytes = AsyncIterable<Buffer>

// Node's default is smaller and causes more switches between the decompressing threads and the reading one. Larger chunks gain nothing (measured).
const chunkSize = 256 * 1024
const smallContent = 256 * 1024

/** The compression by the first bytes, as engines do it: media types can be wrong. */
export function compressionOf(start: Buffer): Compression {
  if (start.length >= 2 && start[0] === 0x1f && start[1] === 0x8b) return 'gzip'
  if (start.length >= 4) {
    const magic = start.readUInt32LE(0)
    if (magic === 0xfd2fb528 || magic >>> 4 === 0x184d2a5) return 'zstd'
  }
  return 'none'
}

/** Decompresses a whole blob. All of `input` is read even if the compressed data end earlier, so that its digest can be checked. */
export function decompress(input: Bytes, compression: Compression): Bytes {
  if (compression === 'gzip') return through(input, zlib.createGunzip(options))
  if (compression === 'zstd') return zstd(input)
  return input
}

const options = { chunkSize, highWaterMark: 4 * chunkSize }

async function* through(input: Bytes, codec: Transform): Bytes {
  const ac = new AbortController()
  const pumped = pump(input, codec, ac.signal)
  // Awaited below; until then a failure of the source must not count as unhandled.
  pumped.catch((thrown) => codec.destroy(thrown as Error))
  try {
    yield* codec as Bytes
    await pumped
  } catch (thrown) {
    throw broken(thrown)
  } finally {
    ac.abort()
    codec.destroy()
  }
}

async function pump(input: Bytes, codec: Transform, signal: AbortSignal): Promise<void> {
  for await (const chunk of input) {
    if (signal.aborted) return
    // Data after the last member only count for the digest.
    if (codec.readableEnded) continue
    if (codec.destroyed) return
    if (!codec.write(chunk)) await roomOrEnd(codec, signal)
  }
  if (!codec.destroyed) codec.end()
}

async function roomOrEnd(codec: Transform, signal: AbortSignal): Promise<void> {
  const settled = new AbortController()
  const either = AbortSignal.any([signal, settled.signal])
  await Promise.race(
    ['drain', 'end', 'close'].map((name) => once(codec, name, { signal: either }).catch(() => undefined)),
  )
  settled.abort()
}

/** Decompresses zstd frame by frame, because Node's decompressor stops after the first frame. */
async function* zstd(input: Bytes): Bytes {
  const parts = partsOf(input)
  for (let next = await parts.next(); !next.done; next = await parts.next()) {
    const small = next.value.last ? atOnce(next.value.bytes) : undefined
    if (small) yield small
    else yield* through(frameFrom(next.value, parts), zlib.createZstdDecompress(options))
  }
}

/** Decompresses a frame without a stream, because layers for lazy pulling have one frame for each file. Undefined if the content is not small. */
function atOnce(frame: Buffer): Buffer | undefined {
  try {
    return zlib.zstdDecompressSync(frame, { maxOutputLength: smallContent })
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return undefined
    throw broken(thrown)
  }
}

async function* partsOf(input: Bytes): AsyncGenerator<FramePart, void, undefined> {
  const scanner = new FrameScanner()
  for await (const chunk of input) yield* scanner.write(chunk)
  scanner.end()
}

async function* frameFrom(first: FramePart, parts: AsyncGenerator<FramePart, void, undefined>): Bytes {
  // Not `for…of`: leaving the loop would close `parts`, and with it all later frames.
  yield first.bytes
  for (let isLast = first.last; !isLast; ) {
    const next = await parts.next()
    if (next.done) return
    yield next.value.bytes
    isLast = next.value.last
  }
}

const broken = (thrown: unknown): unknown => {
  const code = (thrown as NodeJS.ErrnoException | undefined)?.code ?? ''
  if (code === 'Z_BUF_ERROR')
    return imageFailure('image/truncated', 'The compressed data of a layer end too early.', thrown)
  if (/^(Z_|ZSTD_)/.test(code))
    return imageFailure('image/broken-layer', `A layer cannot be decompressed: ${messageOf(thrown)}.`, thrown)
  return thrown
}
