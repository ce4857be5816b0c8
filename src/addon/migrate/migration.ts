import type { Diagnostic } from '../../core/diagnostics.ts'
import type { Change } from './diff.ts'

export interface Migration {
  readonly changes: readonly Change[]
  readonly diagnostics: readonly Diagnostic[]
}
