import { apk } from './apk.ts'
import { dpkg } from './dpkg.ts'
import { node } from './node.ts'
import { python } from './python.ts'
import type { Reader } from './reader.ts'

/** A further package manager is a file beside this one and a line here. */
export const readers: readonly Reader[] = [apk, dpkg, python, node]
