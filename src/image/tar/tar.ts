import { quoted } from '../../core/parsed.ts'
import { imageFailure } from '../failure.ts'
import type { Limits } from '../limits.ts'
import { nameUntilZero, parseHeader, parsePax, paxSize, type RawHeader } from './tar-header.ts'

export type TarKind = 'file' | 'directory' | 'hardlink' | 'other'

/** One member of an archive. */
export interface TarEntry {
  /** Without `./`, leading or trailing `/`; the root is ''. */
  readonly path: string
  readonly kind: TarKind
  /** Bytes that follow in the archive; 0 for all but files. */
  readonly size: number
  /** Permission bits, with setuid, setgid and sticky. */
  readonly mode: number
  /** Path of the target of a hard link. */
  readonly target?: string
  /** Target of a symbolic link, as stored. */
  readonly pointsTo?: string
}

/** Receives the members of an archive, in order. */
export interface TarHandler {
  entry(entry: TarEntry): void
  /** Content of the last entry. The buffer is only valid during the call. */
  data(chunk: Buffer): void
  /** Called after the content of each entry, even if it is empty. */
  end(): void
}

const zeros = Buffer.alloc(512)

type State = 'header' | 'sparse' | 'content' | 'extended' | 'padding' | 'finished'

/**
 * Reads a tar archive (ustar, PAX, GNU) that is pushed to it piece by piece. It is synchronous and copies nothing, because a stream
 * object for each of 20,000 files would cost more than the decompression.
 * Throws a Failure for archives that an engine would not unpack: broken headers, `..`, too large sizes.
 */
export class TarReader {
  private readonly handler: TarHandler
  private readonly limits: Limits
  private state: State = 'header'
  private readonly block = Buffer.allocUnsafe(512)
  private filled = 0
  private remaining = 0
  private padding = 0
  private zeroBlocks = 0
  private skipping = false
  private extendedType = ''
  private extended: Buffer[] = []
  /** Bytes of all extended headers so far. */
  private extendedBytes = 0
  private longName: string | undefined
  private longLink: string | undefined
  private pax: Map<string, string> | undefined
  private pending: RawHeader | undefined
  private count = 0

  constructor(handler: TarHandler, limits: Limits) {
    this.handler = handler
    this.limits = limits
  }

  write(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length && this.state !== 'finished') {
      switch (this.state) {
        case 'header':
        case 'sparse':
          at = this.readBlock(chunk, at)
          break
        case 'content':
        case 'extended':
          at = this.readContent(chunk, at)
          break
        case 'padding': {
          const step = Math.min(this.padding, chunk.length - at)
          at += step
          this.padding -= step
          if (this.padding === 0) this.state = 'header'
        }
      }
    }
  }

  /** Ends the archive. It may end without its two empty blocks, but not inside a member. */
  end(): void {
    const whole = this.state === 'finished' || (this.state === 'header' && this.filled === 0 && !this.hasExtended())
    if (!whole) throw imageFailure('image/truncated', 'The layer ends in the middle of a file.')
  }

  /** Skips the rest of the current member, for callers that can seek. Returns how many bytes to seek. */
  skipContent(): number {
    if (this.state !== 'content' && this.state !== 'padding') return 0
    const length = (this.state === 'content' ? this.remaining : 0) + this.padding
    if (this.state === 'content') this.handler.end()
    this.state = 'header'
    return length
  }

  private readBlock(chunk: Buffer, from: number): number {
    let at = from
    let block: Buffer
    if (this.filled === 0 && chunk.length - at >= 512) {
      block = chunk.subarray(at, at + 512)
      at += 512
    } else {
      const step = Math.min(512 - this.filled, chunk.length - at)
      chunk.copy(this.block, this.filled, at, at + step)
      this.filled += step
      at += step
      if (this.filled < 512) return at
      this.filled = 0
      block = this.block
    }
    if (this.state === 'sparse') {
      this.countHeader()
      if (block[504] === 0) this.begin(this.pending as RawHeader)
    } else this.header(block)
    return at
  }

  private header(block: Buffer): void {
    if (block.equals(zeros)) {
      if (this.hasExtended()) throw imageFailure('image/broken-layer', 'A long name of the layer belongs to no file.')
      if (++this.zeroBlocks === 2) this.state = 'finished'
      return
    }
    if (this.zeroBlocks) throw imageFailure('image/broken-layer', 'The layer has data after its end.')
    this.countHeader()
    const header = parseHeader(block)
    if ('xgLKXNV'.includes(header.type)) {
      if (header.size > this.limits.extendedHeader)
        throw imageFailure('image/limit', `A header of the layer is ${header.size} bytes long.`)
      this.extendedBytes += header.size
      if (this.extendedBytes > this.limits.extendedBytes)
        throw imageFailure('image/limit', `The layer has more than ${this.limits.extendedBytes} bytes of headers.`)
      this.extendedType = header.type
      this.extended = []
      this.content('extended', header.size)
      if (header.size === 0) this.finishContent()
      return
    }
    if (header.extendedSparse) {
      this.pending = header
      this.state = 'sparse'
      return
    }
    this.begin(header)
  }

  private countHeader(): void {
    if (++this.count > this.limits.entries)
      throw imageFailure('image/limit', `The layer has more than ${this.limits.entries} entries.`)
  }

  /** Begins a member, once all of its headers have been read. */
  private begin(raw: RawHeader): void {
    const { pax } = this
    const kind = kindOf(raw)
    const stated = pax?.get('size')
    const size = stated === undefined ? raw.size : paxSize(stated)
    const name = this.longName ?? pax?.get('GNU.sparse.name') ?? pax?.get('path') ?? raw.name
    const target = this.longLink ?? pax?.get('linkpath') ?? raw.linkName
    this.longName = undefined
    this.longLink = undefined
    this.pax = undefined
    this.pending = undefined
    if (size > this.limits.layerBytes)
      throw imageFailure('image/limit', `The layer states a size of ${size} bytes for ${quoted(name)}.`)
    // Links, folders and devices have no content, whatever size they state: Go's reader, and so every engine, ignores it.
    const stored = raw.type >= '1' && raw.type <= '6' ? 0 : size
    this.skipping = kind !== 'file'
    if (raw.type === '2' && target.length > this.limits.pathLength)
      throw imageFailure(
        'image/limit',
        `The layer has a link target of ${target.length} characters: ${quoted(target)}.`,
      )
    this.handler.entry({
      path: safePath(name, this.limits),
      kind,
      size: kind === 'file' ? stored : 0,
      mode: raw.mode,
      ...(kind === 'hardlink' && { target: safePath(target, this.limits) }),
      ...(raw.type === '2' && { pointsTo: target }),
    })
    this.content('content', stored)
    if (stored === 0) this.finishContent()
  }

  private content(state: 'content' | 'extended', size: number): void {
    this.state = state
    this.remaining = size
    this.padding = (512 - (size % 512)) % 512
  }

  private readContent(chunk: Buffer, from: number): number {
    const step = Math.min(this.remaining, chunk.length - from)
    const part = chunk.subarray(from, from + step)
    if (this.state === 'extended') this.extended.push(Buffer.from(part))
    else if (!this.skipping) this.handler.data(part)
    this.remaining -= step
    if (this.remaining === 0) this.finishContent()
    return from + step
  }

  private finishContent(): void {
    if (this.state === 'extended') this.finishExtended()
    else this.handler.end()
    this.state = this.padding ? 'padding' : 'header'
  }

  private finishExtended(): void {
    const data = Buffer.concat(this.extended)
    this.extended = []
    if (this.extendedType === 'L') this.longName = nameUntilZero(data)
    else if (this.extendedType === 'K') this.longLink = nameUntilZero(data)
    // Global headers (g) are skipped, as in Go's reader; git writes a comment there.
    else if (this.extendedType === 'x') this.pax = parsePax(data)
  }

  private hasExtended(): boolean {
    return this.longName !== undefined || this.longLink !== undefined || this.pax !== undefined
  }
}

function kindOf({ type, name }: RawHeader): TarKind {
  if (type === '1') return 'hardlink'
  if (type === '5' || (type === '\0' && name.endsWith('/'))) return 'directory'
  if (type === '0' || type === '\0' || type === '7' || type === 'S') return 'file'
  return 'other'
}

/** A path inside the image, or a Failure: `..` and too long paths are refused. */
export function safePath(name: string, limits: Limits): string {
  if (name.length > limits.pathLength)
    throw imageFailure('image/limit', `The layer has a path of ${name.length} characters: ${quoted(name)}.`)
  if (name.includes('\0'))
    throw imageFailure('image/unsafe-path', `The layer has a path with a zero byte: ${quoted(name)}.`)
  const parts = name.split('/').filter((part) => part !== '' && part !== '.')
  if (parts.includes('..'))
    throw imageFailure('image/unsafe-path', `The layer has a path that leaves the image: ${quoted(name)}.`)
  const path = parts.join('/')
  if (parts.length > limits.pathDepth)
    throw imageFailure('image/limit', `The layer has a path of ${parts.length} parts: ${quoted(path)}.`)
  return path
}
