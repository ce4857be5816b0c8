import type { Meter } from '../meter.ts'
import type { TarEntry } from '../tar/tar.ts'
import type { Inspector, Note, ProgramNote } from './inspector.ts'
import { detached } from './lines.ts'

/** Characters of a detail; a path has no more either. */
const longestDetail = 4096

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
  private readonly meter: Meter

  constructor(inspectors: readonly Inspector[], meter: Meter) {
    this.meter = meter
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
    if (!entry || this.interested.length === 0) return
    const head = Buffer.concat(this.head)
    const { path, size: bytes, kind } = entry
    for (const { inspector, wants } of this.interested)
      for (const note of inspector.look(entry, head.subarray(0, wants))) {
        const kept = cut(note)
        if (!this.meter.note(kept)) return
        this.notes.push({ ...kept, path, bytes, ...(kind === 'directory' && { folder: true as const }) })
      }
  }
}

/** Texts in a note were cut from a file, which must not stay in memory with them. */
function cut({ detail, program, ...note }: Omit<Note, 'path' | 'bytes'>): Omit<Note, 'path' | 'bytes'> {
  return {
    ...note,
    ...(detail !== undefined && { detail: detached(detail, longestDetail) }),
    ...(program && { program: cutProgram(program) }),
  }
}

const cutProgram = ({ machine, interpreter, argument }: ProgramNote): ProgramNote => ({
  ...(machine !== undefined && { machine }),
  ...(interpreter !== undefined && { interpreter: detached(interpreter, longestDetail) }),
  ...(argument !== undefined && { argument: detached(argument, longestDetail) }),
})
