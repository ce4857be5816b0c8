import { type Diagnostic, error, notice, warning } from './diagnostics.ts'

/** The problems that a reader finds, in order. Each method returns undefined, so that `return problems.error(…)` ends a reader without a value. */
export class Problems {
  readonly list: Diagnostic[] = []

  add(...found: readonly Diagnostic[]): undefined {
    this.list.push(...found)
  }

  error(...problem: Parameters<typeof error>): undefined {
    this.add(error(...problem))
  }

  warning(...problem: Parameters<typeof warning>): undefined {
    this.add(warning(...problem))
  }

  notice(...problem: Parameters<typeof notice>): undefined {
    this.add(notice(...problem))
  }
}
