import type { PackageEntry } from '../measure.ts'
import type { TarEntry } from '../tar/tar.ts'

/** Reads members of a layer while the layer is unpacked. Never throws: what it cannot read yields nothing. */
interface Reader<Item> {
  /** How many bytes of the member it reads; 0: only its tar header; undefined: it does not read this one. */
  wants(entry: TarEntry): number | undefined
  /** Yields one item at a time, because a file may have hundreds of thousands and the caller stops at a limit. */
  read(entry: TarEntry, content: Buffer): Iterable<Item>
}

/** Reads whole files of a package manager. A file that is longer than it wants is not read. */
export type PackageReader = Reader<PackageFact>

/** Facts about a package from one file of an image. Several files may describe the same package. */
export interface PackageFact {
  readonly manager: PackageEntry['manager']
  readonly name: string
  /** Empty if the file does not have it. */
  readonly version: string
  /** Installed bytes as the package's own records state them. */
  readonly bytes?: number
  /** Paths of its files. */
  readonly files?: readonly string[]
  /** Everything in this folder belongs to the package, except for other packages inside. */
  readonly folder?: string
}

/** Finds what an audit may want to know about a file. It gets the first bytes of a file that is longer than it wants. */
export type NoteReader = Reader<NoteContent>

export type NoteKind =
  | 'program'
  | 'setuid'
  | 'world-writable'
  | 'empty-password'
  | 'crlf-script'
  | 'not-executable'
  | 'secret'
  | 'virtual-package'

/** Details are hostile text; a secret itself is never in them. */
export interface NoteContent {
  readonly kind: NoteKind
  readonly detail?: string
  readonly program?: ProgramNote
}

/** A note with the file or folder that it is about. */
export interface Note extends NoteContent {
  /** Hostile text. */
  readonly path: string
  readonly bytes: number
  readonly folder?: true
}

/** What a program needs to run. */
interface ProgramNote {
  /** OCI name of the architecture that an ELF file is for. */
  readonly machine?: string
  /** ELF loader, or the first word of `#!`. */
  readonly interpreter?: string
  /** What follows the first word of `#!`. */
  readonly argument?: string
}
