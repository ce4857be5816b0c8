import type { Diagnostic } from '../core/diagnostics.ts'

/** Errors of a plan that only prevent an image from being built or published. The audit before a build needs neither. */
export const buildOnly: ReadonlySet<string> = new Set([
  'dockerfile/arg-not-global',
  'plan/architectures-share-name',
  'plan/bad-base',
  'plan/bad-name',
  'plan/bad-tag',
  'plan/bad-template',
  'plan/bad-version',
  'plan/base-of-other-architecture',
  'plan/fixed-platform',
  'plan/no-base',
  'plan/no-channel',
  'plan/same-image',
  'plan/same-slug',
])

/** Makes the errors with these codes warnings. */
export const asWarnings = (diagnostics: readonly Diagnostic[], codes: ReadonlySet<string>): readonly Diagnostic[] =>
  diagnostics.map((one) => (one.severity === 'error' && codes.has(one.code) ? { ...one, severity: 'warning' } : one))
