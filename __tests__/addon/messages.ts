import type { Diagnostic } from '../../src/core/diagnostics.ts'

/** All that a diagnostic has, one on each line: `error config/empty 1:1 The file is empty. Write …`. */
export const saidOf = (diagnostics: readonly Diagnostic[]): string =>
  diagnostics
    .map(
      ({ severity, code, message, remedy, where }) =>
        `${severity} ${code} ${where ? `${where.line}:${where.column}` : '-'} ${message} ${remedy}`,
    )
    .join('\n')
