import { untilAborted } from '../core/abort.ts'
import { imageFailure } from './failure.ts'
import type { Limits } from './limits.ts'
import { ReadQueue, type Turn } from './read-queue.ts'
import type { NoteContent, PackageFact } from './readers/reader.ts'

/**
 * Counts what is kept in memory of one image while its layers are read. Throws a Failure `image/limit` that names the limit. Small images are read
 * side by side; one that turns out to be large waits until no other large one is being read, so memory does not grow with the number of images.
 */
export class Meter {
  private readonly limits: Limits
  private readonly queue: ReadQueue
  private entries = 0
  private text = 0
  private notes = 0
  private packages = 0
  private listed = 0
  private databases = 0
  private turn: Turn | undefined

  constructor(limits: Limits, queue: ReadQueue = new ReadQueue()) {
    this.limits = limits
    this.queue = queue
  }

  addEntry(path: string, target: string | undefined, pointsTo: string | undefined): void {
    if (++this.entries > this.limits.entries) throw over(`${this.limits.entries} entries`)
    this.addText(path.length + (target?.length ?? 0) + (pointsTo?.length ?? 0))
  }

  /** Whether there is room for another note; there are never more than a report could show. */
  addNote({ detail, program }: NoteContent): boolean {
    if (++this.notes > this.limits.notes) return false
    this.addText((detail?.length ?? 0) + (program?.interpreter?.length ?? 0) + (program?.argument?.length ?? 0))
    return true
  }

  /** @param bytes of a file of a package manager: texts that are cut from it keep all of it in memory. */
  addDatabase(bytes: number): void {
    this.databases += bytes
    if (this.databases > this.limits.databases) throw over(`${this.limits.databases} bytes of package databases`)
  }

  addPackage({ files }: PackageFact): void {
    if (++this.packages > this.limits.packages) throw over(`${this.limits.packages} packages`)
    this.listed += files?.length ?? 0
    if (this.listed > this.limits.listedFiles) throw over(`${this.limits.listedFiles} files in lists of packages`)
  }

  /** Resolves when reading may go on: at once while the image is small. */
  async waitForTurn(signal?: AbortSignal): Promise<void> {
    if (this.entries <= this.limits.small && this.text <= this.limits.small * averagePath) return
    this.turn ??= this.queue.takeTurn()
    await (signal ? untilAborted(this.turn.ready, signal) : this.turn.ready)
  }

  /** Call it when the image has been read, or reading it has failed. */
  release(): void {
    this.turn?.release()
  }

  private addText(length: number): void {
    this.text += length
    if (this.text > this.limits.pathText) throw over(`${this.limits.pathText} characters of paths and notes`)
  }
}

const averagePath = 100

const over = (what: string) => imageFailure('image/limit', `The image has more than ${what}, so it was not measured.`)
