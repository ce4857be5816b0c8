import { type Diagnostic, error, type Failure } from '../../core/diagnostics.ts'
import type { Digest } from '../../core/digest.ts'
import { pathPart } from '../../plan/target-names.ts'
import type { TargetReport } from './report.ts'

/** The result of one job of `mode: build`, for `mode: publish`. */
export interface ResultFile {
  readonly schemaVersion: 1
  readonly kind: 'aicleaner-build-result'
  /** `aicleaner/aarch64`. */
  readonly id: string
  /** The commit that was built. Results of different commits are never published together. */
  readonly sha: string
  /** The run that built it. Of two results of one run, the later attempt counts. */
  readonly run: { readonly id: string; readonly attempt: number }
  readonly report: TargetReport
  /** Why the stages after the build did not finish. */
  readonly failure?: Pick<Failure, 'kind' | 'diagnostics'>
  /** Why the image is not in the registry under its digest; absent if it is. */
  readonly notPushed?: string
  /** Manifests that the job added to the repository of the image. */
  readonly pushed?: readonly Digest[]
}

/** `aicleaner-aarch64.result.json`: unique among all jobs, so that their artifacts can be merged into one folder. */
export const resultFileName = ({ addon, architecture }: Pick<TargetReport, 'addon' | 'architecture'>): string =>
  `${pathPart(addon)}-${architecture}.result.json`

/** Bytes. The result of an image with its file tree has about a tenth of this. */
export const largestResult = 8 * 1024 * 1024

/** The diagnostic for a result file that cannot be used. `what` is the rest of a sentence that begins with the name of the file. */
export const badResult = (name: string, what: string): Diagnostic =>
  error(
    'publish/bad-result',
    `${name} ${what}.`,
    'Pass the result files of the "mode: build" jobs of this run without changing them.',
  )
