import type { TarEntry } from '../tar.ts'
import type { Inspector, Note } from './inspector.ts'

// A layer of nothing but remarkable files must not fill the memory.
const mostNotes = 50_000

interface Interested {
  readonly inspector: Inspector
  readonly wants: number
}

/** Hands the members of one layer to all inspectors. Of each file no more is kept than the longest head that one of them wants. */
export class Inspection {
  readonly notes: Note[] = []
  private readonly inspectors: readonly Inspector[]
  private interested: Interested[] = []
  private entry: TarEntry | undefined
  private head: Buffer[] = []
  private missing = 0

  constructor(inspectors: readonly Inspector[]) {
    this.inspectors = inspectors
  }

  begin(entry: TarEntry): void {
    this.entry = entry
    this.head = []
    this.missing = 0
    this.interested = []
    for (const inspector of this.inspectors) {
      const wants = inspector.wants(entry)
      if (wants === undefined) continue
      this.interested.push({ inspector, wants })
      this.missing = Math.max(this.missing, wants)
    }
  }

  data(chunk: Buffer): void {
    if (this.missing === 0) return
    const part = Buffer.from(chunk.subarray(0, this.missing))
    this.head.push(part)
    this.missing -= part.length
  }

  end(): void {
    const { entry } = this
    if (!entry || this.interested.length === 0 || this.notes.length >= mostNotes) return
    const head = Buffer.concat(this.head)
    this.head = []
    const { path, size: bytes, kind } = entry
    for (const { inspector, wants } of this.interested)
      for (const note of inspector.look(entry, head.subarray(0, wants)))
        this.notes.push({ ...note, path, bytes, ...(kind === 'directory' && { folder: true as const }) })
  }
}
