import type { Diagnostic } from '../core/diagnostics.ts'

/** One finding of the audit; `bytes` where it can be measured what a fix saves. */
export interface Finding {
  readonly rule: string
  readonly severity: 'error' | 'warning' | 'notice'
  readonly message: string
  readonly fix: string
  readonly link?: string
  readonly where?: Diagnostic['where']
  readonly bytes?: number
}
