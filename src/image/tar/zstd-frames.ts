import { imageFailure } from '../failure.ts'

/** A piece of a zstd frame. `last`: the frame ends with it. */
export interface FramePart {
  readonly bytes: Buffer
  readonly last: boolean
}

type Step = 'magic' | 'descriptor' | 'frame-header' | 'block-header' | 'block' | 'checksum' | 'skip-size' | 'skip'

/**
 * Finds where the frames of a zstd file end, without decompressing: Node's decompressor silently stops after the first one
 * (measured), while layers for lazy pulling have one for each file. Skippable frames are left out. RFC 8878, 3.1.1.
 */
export class FrameScanner {
  private step: Step = 'magic'
  private need = 4
  private readonly field: number[] = []
  private hasChecksum = false
  private lastBlock = false
  private carry: Buffer | undefined

  /** The parts of frames in this piece of the file. */
  write(piece: Buffer): FramePart[] {
    const chunk = this.carry ? Buffer.concat([this.carry, piece]) : piece
    this.carry = undefined
    const parts: FramePart[] = []
    let at = 0
    let from = 0
    while (at < chunk.length) {
      if (this.step === 'magic') {
        if (chunk.length - at < 4) {
          this.carry = Buffer.from(chunk.subarray(at))
          return parts
        }
        from = at
        this.magic(chunk.readUInt32LE(at))
        at += 4
        continue
      }
      if (this.step === 'descriptor' || this.step === 'block-header' || this.step === 'skip-size') {
        this.field.push(chunk[at++] as number)
        if (this.field.length < this.need) continue
        this.fieldDone()
      } else {
        const jump = Math.min(this.need, chunk.length - at)
        at += jump
        this.need -= jump
      }
      if (this.isJump() && this.need === 0) {
        const left = this.jumpDone()
        if (left === 'frame') parts.push({ bytes: chunk.subarray(from, at), last: true })
        if (left) from = at
      }
    }
    if (from < at && this.step !== 'magic' && this.step !== 'skip' && this.step !== 'skip-size')
      parts.push({ bytes: chunk.subarray(from, at), last: false })
    return parts
  }

  /** Ends the file, which must not end inside a frame. */
  end(): void {
    if (this.step !== 'magic' || this.carry)
      throw imageFailure('image/truncated', 'The zstd data of a layer end too early.')
  }

  private magic(magic: number): void {
    if (magic === 0xfd2fb528) this.go('descriptor', 1)
    else if (magic >>> 4 === 0x184d2a5) this.go('skip-size', 4)
    else throw imageFailure('image/broken-layer', 'A layer has invalid data between its zstd frames.')
  }

  private fieldDone(): void {
    const [a = 0, b = 0, c = 0, d = 0] = this.field
    this.field.length = 0
    if (this.step === 'skip-size') this.go('skip', a + b * 2 ** 8 + c * 2 ** 16 + d * 2 ** 24)
    else if (this.step === 'descriptor') {
      const single = (a >> 5) & 1
      const dictionary = [0, 1, 2, 4][a & 3] as number
      const contentSize = [single, 2, 4, 8][a >> 6] as number
      this.hasChecksum = (a & 4) !== 0
      this.go('frame-header', 1 - single + dictionary + contentSize)
    } else {
      const header = a | (b << 8) | (c << 16)
      const type = (header >> 1) & 3
      if (type === 3) throw imageFailure('image/broken-layer', 'A layer has a zstd block of a reserved type.')
      this.lastBlock = (header & 1) === 1
      this.go('block', type === 1 ? 1 : header >>> 3)
    }
  }

  /** The kind of frame that has ended, if one has. */
  private jumpDone(): 'frame' | 'skipped' | undefined {
    if (this.step === 'skip') {
      this.go('magic', 4)
      return 'skipped'
    }
    if (this.step === 'block' && this.lastBlock && this.hasChecksum) this.go('checksum', 4)
    else if (this.step === 'checksum' || (this.step === 'block' && this.lastBlock)) {
      this.go('magic', 4)
      return 'frame'
    } else this.go('block-header', 3)
    return undefined
  }

  private isJump(): boolean {
    return this.step === 'frame-header' || this.step === 'block' || this.step === 'checksum' || this.step === 'skip'
  }

  private go(step: Step, need: number): void {
    this.step = step
    this.need = need
  }
}
