import { imageFailure } from './failure.ts'
import type { Limits } from './limits.ts'
import type { NoteContent, PackageFact } from './readers/reader.ts'

/** Counts everything of one image that is kept in memory while its layers are read. Throws a Failure `image/limit` that names the exceeded limit. */
export class Meter {
  private readonly limits: Limits
  private entries = 0
  private text = 0
  private notes = 0
  private packages = 0
  private listed = 0
  private databases = 0

  constructor(limits: Limits) {
    this.limits = limits
  }

  addEntry(path: string, target: string | undefined, pointsTo: string | undefined): void {
    if (++this.entries > this.limits.entries) throw over(`${this.limits.entries} entries`)
    this.addText(path.length + (target?.length ?? 0) + (pointsTo?.length ?? 0))
  }

  /** Whether another note may be kept. Further ones are dropped, because no report could show them. */
  addNote({ detail, program }: NoteContent): boolean {
    if (++this.notes > this.limits.notes) return false
    this.addText((detail?.length ?? 0) + (program?.interpreter?.length ?? 0) + (program?.argument?.length ?? 0))
    return true
  }

  /** @param bytes size of a package manager's file: substrings of its text keep all of it in memory. */
  addDatabase(bytes: number): void {
    this.databases += bytes
    if (this.databases > this.limits.databases) throw over(`${this.limits.databases} bytes of package databases`)
  }

  addPackage({ files }: PackageFact): void {
    if (++this.packages > this.limits.packages) throw over(`${this.limits.packages} packages`)
    this.listed += files?.length ?? 0
    if (this.listed > this.limits.listedFiles) throw over(`${this.limits.listedFiles} files in lists of packages`)
  }

  private addText(length: number): void {
    this.text += length
    if (this.text > this.limits.pathText) throw over(`${this.limits.pathText} characters of paths and notes`)
  }
}

const over = (what: string) => imageFailure('image/limit', `The image has more than ${what}, so it was not measured.`)
