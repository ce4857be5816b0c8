import { untilAborted } from '../core/abort.ts'
import { imageFailure } from './failure.ts'
import type { Limits } from './limits.ts'
import type { Note } from './readers/inspector.ts'
import type { PackageFact } from './readers/reader.ts'

/**
 * Counts what is kept of one image while its layers are read. Throws a Failure `image/limit` that names the limit. Small images are read side by side; one that turns
 * out to be large waits until no other large one is being read, so that memory is that of one image, however many a run has.
 */
export class Meter {
  private readonly limits: Limits
  private entries = 0
  private text = 0
  private notes = 0
  private packages = 0
  private listed = 0
  private databases = 0
  private turn: Turn | undefined

  constructor(limits: Limits) {
    this.limits = limits
  }

  entry(path: string, target: string | undefined, pointsTo: string | undefined): void {
    if (++this.entries > this.limits.entries) throw over(`${this.limits.entries} entries`)
    this.addText(path.length + (target?.length ?? 0) + (pointsTo?.length ?? 0))
  }

  /** Whether there is room for another note; there are never more than a report could show. */
  note({ detail, program }: Omit<Note, 'path' | 'bytes'>): boolean {
    if (++this.notes > this.limits.notes) return false
    this.addText((detail?.length ?? 0) + (program?.interpreter?.length ?? 0) + (program?.argument?.length ?? 0))
    return true
  }

  /** @param bytes of a file of packages: texts that are cut from it keep all of it in memory. */
  database(bytes: number): void {
    this.databases += bytes
    if (this.databases > this.limits.databases) throw over(`${this.limits.databases} bytes of package databases`)
  }

  fact({ files }: PackageFact): void {
    if (++this.packages > this.limits.packages) throw over(`${this.limits.packages} packages`)
    this.listed += files?.length ?? 0
    if (this.listed > this.limits.listedFiles) throw over(`${this.limits.listedFiles} files in lists of packages`)
  }

  /** Resolves at once while the image is small. */
  async room(signal?: AbortSignal): Promise<void> {
    if (this.entries <= this.limits.small && this.text <= this.limits.small * averagePath) return
    this.turn ??= takeTurn()
    await (signal ? untilAborted(this.turn.ready, signal) : this.turn.ready)
  }

  /** The image is read, or given up. */
  release(): void {
    this.turn?.release()
  }

  private addText(length: number): void {
    this.text += length
    if (this.text > this.limits.pathText) throw over(`${this.limits.pathText} characters of paths and notes`)
  }
}

const averagePath = 100

const over = (what: string) =>
  imageFailure('image/limit', `The image has more than ${what}, so what is in it was not measured.`)

interface Turn {
  readonly ready: Promise<void>
  release(): void
}

let last: Promise<void> = Promise.resolve()

function takeTurn(): Turn {
  const { promise, resolve } = Promise.withResolvers<void>()
  const ready = last
  last = ready.then(() => promise)
  return { ready, release: resolve }
}
