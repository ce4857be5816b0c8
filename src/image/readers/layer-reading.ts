import type { Meter } from '../meter.ts'
import type { TarEntry } from '../tar/tar.ts'
import type { Note, NoteContent, NoteReader, PackageFact, PackageReader } from './reader.ts'
import type { Readers } from './readers.ts'

/** Maximum characters of a detail, as of a path. */
const longestDetail = 4096

/** The packages that a file of a layer describes. */
export interface PackageFile {
  readonly path: string
  readonly packages: readonly PackageFact[]
}

/** Passes the members of a layer to the readers that want them. Keeps only as much of a file as the reader that wants most of it. */
export class LayerReading {
  readonly notes: Note[] = []
  readonly packageFiles: PackageFile[] = []
  private readonly readers: Readers
  private readonly meter: Meter
  private packageReader: PackageReader | undefined
  private noteReaders: { readonly reader: NoteReader; readonly wants: number }[] = []
  private content: Buffer[] = []
  private missing = 0

  constructor(readers: Readers, meter: Meter) {
    this.readers = readers
    this.meter = meter
  }

  begin(entry: TarEntry): void {
    this.content = []
    this.packageReader = entry.kind === 'file' ? this.packageReaderOf(entry) : undefined
    this.missing = this.packageReader ? entry.size : 0
    this.noteReaders = []
    for (const reader of this.readers.notes) {
      const wants = reader.wants(entry)
      if (wants === undefined) continue
      this.noteReaders.push({ reader, wants })
      this.missing = Math.max(this.missing, wants)
    }
  }

  data(chunk: Buffer): void {
    if (this.missing === 0) return
    const part = Buffer.from(chunk.subarray(0, this.missing))
    this.content.push(part)
    this.missing -= part.length
  }

  end(entry: TarEntry): void {
    if (!this.packageReader && this.noteReaders.length === 0) return
    const content = Buffer.concat(this.content)
    this.content = []
    this.readNotes(entry, content)
    if (this.packageReader) this.readPackages(this.packageReader, entry, content)
  }

  /** The first reader that wants the file; others do not get it. */
  private packageReaderOf(entry: TarEntry): PackageReader | undefined {
    for (const reader of this.readers.packages) {
      const wants = reader.wants(entry)
      if (wants !== undefined) return entry.size <= wants ? reader : undefined
    }
    return undefined
  }

  private readNotes(entry: TarEntry, content: Buffer): void {
    const { path, size: bytes, kind } = entry
    for (const { reader, wants } of this.noteReaders)
      for (const note of reader.read(entry, content.subarray(0, wants))) {
        const kept = shortened(note)
        if (!this.meter.addNote(kept)) return
        this.notes.push({ ...kept, path, bytes, ...(kind === 'directory' && { folder: true as const }) })
      }
  }

  private readPackages(reader: PackageReader, entry: TarEntry, content: Buffer): void {
    this.meter.addDatabase(entry.size)
    const packages: PackageFact[] = []
    for (const fact of reader.read(entry, content)) {
      this.meter.addPackage(fact)
      packages.push(fact)
    }
    this.packageFiles.push({ path: entry.path, packages })
  }
}

/** Copies the texts of a note. A substring would keep the whole file in memory. */
const shortened = (note: NoteContent): NoteContent =>
  JSON.parse(JSON.stringify(note, (_, value) => (typeof value === 'string' ? value.slice(0, longestDetail) : value)))
