import type { TarEntry } from '../tar/tar.ts'

/** What a program says about where it can run. */
export interface ProgramNote {
  /** Of an ELF file: OCI name of the machine. */
  readonly machine?: string
  /** ELF loader, or the first word of `#!`. */
  readonly interpreter?: string
  /** What follows it. */
  readonly argument?: string
}

export type NoteKind =
  | 'program'
  | 'setuid'
  | 'world-writable'
  | 'empty-password'
  | 'crlf-script'
  | 'not-executable'
  | 'secret'
  | 'virtual-package'

/** Something about a file of a layer that an audit may want to know. Paths and details are hostile text; a secret itself is never in it. */
export interface Note {
  readonly kind: NoteKind
  readonly path: string
  readonly bytes: number
  readonly folder?: true
  readonly detail?: string
  readonly program?: ProgramNote
}

/** Looks at members of a layer as they go by, at their first bytes only. Never throws: what it cannot read says nothing. */
export interface Inspector {
  /** How many of its first bytes it wants to see; 0: the entry alone; undefined: nothing. */
  wants(entry: TarEntry): number | undefined
  look(entry: TarEntry, head: Buffer): readonly Omit<Note, 'path' | 'bytes'>[]
}
