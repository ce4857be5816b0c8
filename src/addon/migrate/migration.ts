import type { Diagnostic } from '../../core/diagnostics.ts'

/** A changed file. */
export interface Change {
  /** Relative to the workspace. */
  readonly file: string
  readonly before: string
  /** Undefined: the file is removed. */
  readonly after: string | undefined
}

export interface Migration {
  readonly changes: readonly Change[]
  readonly diagnostics: readonly Diagnostic[]
}
