import { type Diagnostic, error, type Failure } from '../diagnostics.ts'
import { pathPart } from '../plan/target-names.ts'
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
}

/** `aicleaner-aarch64.result.json`: a name that stays apart when artifacts of several jobs are put into one folder. */
export const resultFileName = ({ addon, architecture }: Pick<TargetReport, 'addon' | 'architecture'>): string =>
  `${pathPart(addon)}-${architecture}.result.json`

const text: Definition = { type: 'string' }
const schema = object(
  {
    schemaVersion: { const: 1 },
    kind: { const: 'aicleaner-build-result' },
    id: text,
    sha: text,
    run: object({ id: text, attempt: { type: 'integer', minimum: 1 } }),
    report: ref('target'),
  },
  {
    failure: object({ kind: { enum: ['input', 'environment', 'cancelled'] }, diagnostics: listOf(ref('diagnostic')) }),
    notPushed: text,
  },
)

/** A result that another job wrote. It came through an artifact, so it is checked: all that is read later has the type that it should have. */
export function readResultFile(name: string, contents: string): ResultFile | Diagnostic {
  const refuse = (what: string): Diagnostic =>
    error(
      'publish/bad-result',
      `${name} ${what}.`,
      'Hand over the result files of the "mode: build" jobs of this run as they are.',
    )
  let value: unknown
  try {
    value = JSON.parse(contents)
  } catch {
    return refuse('is not JSON')
  }
  const { kind, schemaVersion } = (value ?? {}) as Partial<Record<keyof ResultFile, unknown>>
  if (kind !== 'aicleaner-build-result') return refuse('is not a result file')
  if (schemaVersion !== 1) return refuse(`has schema version ${String(schemaVersion)}, this version reads 1`)
  const wrong = checkAgainst(schema, reportSchema.$defs, value)
  if (wrong.length > 0) return refuse(`is not as a job writes it: ${wrong.slice(0, 3).join('; ')}`)
  const file = value as ResultFile
  return contradiction(file) ?? file

  function contradiction({ id, report: { addon, architecture, build, size } }: ResultFile): Diagnostic | undefined {
    if (id !== `${addon}/${architecture}`) return refuse(`is for ${id}, and reports on ${addon}/${architecture}`)
    if (build.status !== 'built' || size === undefined) return undefined
    const { manifestDigest, configDigest } = size.measure
    return manifestDigest === build.manifestDigest && configDigest === build.configDigest
      ? undefined
      : refuse('has the size of another image than the one that was built')
  }
}
