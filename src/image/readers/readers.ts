import { accounts } from './accounts.ts'
import { apk } from './apk.ts'
import { dpkg } from './dpkg.ts'
import { modes } from './modes.ts'
import { node } from './node.ts'
import { programs } from './programs.ts'
import { python } from './python.ts'
import type { NoteReader, PackageReader } from './reader.ts'
import { secrets } from './secrets.ts'
import { virtualPackages } from './virtual-packages.ts'

/** The readers that see the files of each layer. A new reader is one file in this folder and one line here. */
export interface Readers {
  readonly packages: readonly PackageReader[]
  readonly notes: readonly NoteReader[]
}

export const packageReaders: readonly PackageReader[] = [apk, dpkg, python, node]

/** Only for an audit. */
export const noteReaders: readonly NoteReader[] = [programs, modes, accounts, secrets, virtualPackages]
