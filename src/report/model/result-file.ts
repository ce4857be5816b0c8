import { type Diagnostic, error, type Failure } from '../../core/diagnostics.ts'
import type { Digest } from '../../core/digest.ts'
import { printable } from '../../core/printable.ts'
import { pathPart } from '../../plan/target-names.ts'
import { known } from '../known.ts'
import type { TargetReport } from './report.ts'
import { reportSchema } from './schema.ts'
import { checkAgainst, type Definition, listOf, object, ref } from './schema-parts.ts'

/** What one job of `mode: build` leaves for `mode: publish`. */
export interface ResultFile {
  readonly schemaVersion: 1
  readonly kind: 'aicleaner-build-result'
  /** `aicleaner/aarch64`. */
  readonly id: string
  /** The commit that was built: results of another one do not belong together. */
  readonly sha: string
  /** The run that built it: of two results from one run the later attempt counts. */
  readonly run: { readonly id: string; readonly attempt: number }
  readonly report: TargetReport
  /** What kept the stages after the build from their verdict. */
  readonly failure?: Pick<Failure, 'kind' | 'diagnostics'>
  /** Why the image is not in the registry under its digest; absent where it is. */
  readonly notPushed?: string
  /** Manifests that the job has put into the repository of the image, which did not have them. */
  readonly pushed?: readonly Digest[]
}

/** `aicleaner-aarch64.result.json`: a name that stays apart when artifacts of several jobs are put into one folder. */
export const resultFileName = ({ addon, architecture }: Pick<TargetReport, 'addon' | 'architecture'>): string =>
  `${pathPart(addon)}-${architecture}.result.json`

/** Bytes: an image with its tree has a tenth of it. */
export const largestResult = 8 * 1024 * 1024

/** Problems of one job; more than it can have. */
const mostDiagnostics = 50

const text: Definition = { type: 'string' }
/** In a report the build context belongs to the add-on; here it is with its target. */
const target: Definition = {
  ...reportSchema.$defs.target,
  properties: { ...reportSchema.$defs.target?.properties, context: ref('context') },
}
const schema = object(
  {
    schemaVersion: { const: 1 },
    kind: { const: 'aicleaner-build-result' },
    id: text,
    sha: text,
    run: object({ id: text, attempt: { type: 'integer', minimum: 1 } }),
    report: target,
  },
  {
    failure: object({ kind: { enum: ['input', 'environment', 'cancelled'] }, diagnostics: listOf(ref('diagnostic')) }),
    notPushed: text,
    pushed: listOf(ref('digest')),
  },
)

/** A file that is no result: why, as the rest of a sentence that begins with its name. */
export const notAResult = (name: string, what: string): Diagnostic =>
  error(
    'publish/bad-result',
    `${name} ${what}.`,
    'Hand over the result files of the "mode: build" jobs of this run as they are.',
  )

/**
 * A result that another job wrote. It came through an artifact, so it is checked: all that is read later has the type and about the size that
 * it should have, and there are no other fields. `name` is fit to be printed.
 */
export function readResultFile(name: string, contents: string): ResultFile | Diagnostic {
  const refuse = (what: string): Diagnostic => notAResult(name, what)
  let value: unknown
  try {
    value = JSON.parse(contents)
  } catch {
    return refuse('is not JSON')
  }
  const { kind, schemaVersion } = (value ?? {}) as Partial<Record<keyof ResultFile, unknown>>
  if (kind !== 'aicleaner-build-result') return refuse('is not a result file')
  if (schemaVersion !== 1) {
    return refuse(`has schema version ${shown(schemaVersion)}, this version reads 1`)
  }
  let file: ResultFile
  try {
    const wrong = checkAgainst(schema, reportSchema.$defs, value)
    if (wrong.length > 0) return refuse(`is not as a job writes it: ${wrong.slice(0, 3).join('; ')}`)
    file = known(schema, reportSchema.$defs, value) as ResultFile
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown
    return refuse('is nested too deeply')
  }
  if (file.failure) {
    const { kind: ended, diagnostics } = file.failure
    file = { ...file, failure: { kind: ended, diagnostics: diagnostics.slice(0, mostDiagnostics) } }
  }
  return contradiction(file) ?? file

  function contradiction({ id, report: { addon, architecture, build, size } }: ResultFile): Diagnostic | undefined {
    if (id !== `${addon}/${architecture}`)
      return refuse(`is for ${shown(id)}, and reports on ${shown(`${addon}/${architecture}`)}`)
    if (build.status !== 'built' || size === undefined) return undefined
    const { manifestDigest, configDigest } = size.measure
    return manifestDigest === build.manifestDigest && configDigest === build.configDigest
      ? undefined
      : refuse('has the size of another image than the one that was built')
  }
}

/** A value of somebody else's as part of a sentence. */
const shown = (value: unknown): string =>
  printable(typeof value === 'object' ? 'an object' : String(value).slice(0, 100))
