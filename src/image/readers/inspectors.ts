import { accounts } from './accounts.ts'
import type { Inspector } from './inspector.ts'
import { modes } from './modes.ts'
import { programs } from './programs.ts'
import { secrets } from './secrets.ts'
import { virtualPackages } from './virtual-packages.ts'

/** A further thing to look for is a file beside this one and a line here. */
export const inspectors: readonly Inspector[] = [programs, modes, accounts, secrets, virtualPackages]
