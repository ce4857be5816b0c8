/** Where a problem is: a file as the user names it (relative to the workspace, `/` between parts); line and column count from 1. */
export interface SourceLocation {
  readonly file: string
  readonly line: number
  readonly column: number
}

export type Severity = 'error' | 'warning' | 'notice'

/** A problem as a value: what is wrong, where, and what to do about it. */
export interface Diagnostic {
  readonly severity: Severity
  /** `build-yaml/unknown-architecture`: stable, and the anchor in docs/errors.md. */
  readonly code: string
  readonly message: string
  readonly remedy: string
  readonly where?: SourceLocation
}

type Make = (code: string, message: string, remedy: string, where?: SourceLocation) => Diagnostic

const make =
  (severity: Severity): Make =>
  (code, message, remedy, where) => ({
    severity,
    code,
    message: shortened(message),
    remedy: shortened(remedy),
    ...(where && { where }),
  })

/** Messages quote files: one with a word of 100 kB would fill the log, and an annotation of GitHub has room for 64 kB. */
const maxMessageLength = 4000
const shortened = (text: string): string =>
  text.length > maxMessageLength ? `${text.slice(0, maxMessageLength).toWellFormed()} …` : text

export const error: Make = make('error')
export const warning: Make = make('warning')
export const notice: Make = make('notice')

export const isError = (diagnostic: Diagnostic): boolean => diagnostic.severity === 'error'

/**
 * What failed, and the exit code of the command line: the input or the files (2), an artifact of another job (2), the machine, the network or a
 * registry (3), publishing (3), or the run was cancelled (130).
 */
type FailureKind = 'input' | 'artifact' | 'environment' | 'publish' | 'cancelled'

/** Ends a run before it has a verdict, with every diagnostic that was found. A failed gate is not a Failure: the verdict in the report has it. */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly kind: FailureKind
  readonly diagnostics: readonly Diagnostic[]

  constructor(kind: FailureKind, diagnostics: readonly Diagnostic[], cause?: unknown) {
    super(diagnostics.filter(isError).map(oneLine).join('\n') || kind, cause === undefined ? undefined : { cause })
    this.kind = kind
    this.diagnostics = diagnostics
  }
}

/** `addon/build.yaml:3:5: Architecture "arm64v8" is not known. Use "aarch64".` */
export const oneLine = (diagnostic: Diagnostic): string => {
  const { where } = diagnostic
  return `${where ? `${where.file}:${where.line}:${where.column}: ` : ''}${sentences(diagnostic)}`
}

/** What is wrong and what to do. Texts of gates, registries and programs often end without a full stop. */
export const sentences = ({ message, remedy }: Pick<Diagnostic, 'message' | 'remedy'>): string => {
  if (remedy === '') return message.trim()
  const isEnded = message === '' || /[.!?:…][)"'”’]{0,2}$/.test(message)
  return `${message}${isEnded ? '' : '.'} ${remedy}`.trim()
}

/** The message of a thrown value. */
export const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown))

/** A Failure for a thrown value that only a bug of this program can cause. */
export const unexpected = (thrown: unknown): Failure =>
  new Failure(
    'environment',
    [error('environment/unexpected', messageOf(thrown), 'This is a defect: please report it with this log.')],
    thrown,
  )

/** The failure of a run that was cancelled. */
export const runCancelled = (): Failure =>
  new Failure('cancelled', [error('run/cancelled', 'The run was cancelled.', '')])
