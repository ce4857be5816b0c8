import type { Severity, SourceLocation } from '../core/diagnostics.ts'

/** One result of the audit: of our rules, of BuildKit's checks or of hadolint. */
export interface Finding {
  readonly rule: string
  readonly severity: Severity
  readonly message: string
  readonly fix: string
  readonly link?: string
  readonly where?: SourceLocation
  /** Uncompressed bytes that the fix saves, if they can be measured. */
  readonly bytes?: number
}
