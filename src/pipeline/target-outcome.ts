import type { Failure } from '../core/diagnostics.ts'
import type { Digest } from '../core/digest.ts'
import type { Target } from '../plan/plan.ts'
import { reasonsOf } from '../report/model/make-report.ts'
import type { Reason, TargetReport } from '../report/model/report.ts'
import type { ResultFile } from '../report/model/result-file.ts'

/** What can fail for one target, in the order of the report. */
export type TargetStage = 'build' | 'smoke-test' | 'measure' | 'attest'

/** How a target ends. */
export type TargetOutcome = EndedTarget &
  /** Every requested stage has finished. `image` is undefined if it is in the registry under its digest, or nothing is published. */
  (
    | { readonly status: 'tested'; readonly image?: LocalImage }
    | (Unpublishable & { readonly status: 'failed'; readonly stage: TargetStage })
    /** The run was cancelled before all stages were finished. */
    | (Unpublishable & { readonly status: 'cancelled' })
    /** The image was built, but the smoke test could not be carried out. */
    | (Unpublishable & { readonly status: 'untested' })
  )

interface EndedTarget {
  readonly report: TargetReport
  /** In `mode: publish`: what the job that built the target did with its image. */
  readonly upload?: Pick<ResultFile, 'pushed' | 'notPushed'>
}

interface Unpublishable {
  /** At least one. */
  readonly reasons: readonly Reason[]
  /** Set if a stage ended with an error instead of a result: the error behind the reasons. */
  readonly cause?: Failure
}

/** An image of this job that waits to be published. */
interface LocalImage {
  /** OCI layout folder. */
  readonly layout: string
  readonly attestation?: LocalAttestation
}

export interface LocalAttestation {
  readonly layout: string
  /** Digest of the attestation manifest. */
  readonly digest: Digest
}

export interface StageResults extends EndedTarget {
  /** The first stage after the build that ended with an error instead of a result. */
  readonly error?: { readonly stage: TargetStage; readonly failure: Failure } | undefined
  readonly image?: LocalImage | undefined
}

/** The part of a target that its report begins with. */
export const identityOf = ({ addon, architecture, platform, image, tags }: Target) => ({
  addon,
  architecture,
  platform,
  image,
  tags,
})

/** The error that ended a target, if an error did. */
export const causeOf = (outcome: TargetOutcome | undefined): Failure | undefined =>
  outcome === undefined || outcome.status === 'tested' ? undefined : outcome.cause

/** Decides how a target ended from what its stages left: the only place where outcomes are made. Pure. */
export function outcomeOf({ report, error, image, upload }: StageResults): TargetOutcome {
  const ended = { report, ...(upload && { upload }) }
  const problems = [...problemsOf(report, error)]
  const [first] = problems
  if (first === undefined) return { ...ended, status: 'tested', ...(image && { image }) }
  const { addon, architecture, build } = report
  const reasons = problems.map(([, { gate, ...why }]) => ({ gate, addon, architecture, ...why }))
  const failed = { ...ended, reasons, ...(error && { cause: error.failure }) }
  if (build.status === 'cancelled' || error?.failure.kind === 'cancelled') return { ...failed, status: 'cancelled' }
  if (error?.stage === 'smoke-test') return { ...failed, status: 'untested' }
  return { ...failed, status: 'failed', stage: first[0] }
}

/** In the order of the stages. */
function* problemsOf(
  { build, smoke, sizeError }: TargetReport,
  error: StageResults['error'],
): Generator<readonly [TargetStage, Reason]> {
  if (build.status !== 'built') {
    const gate = build.status === 'cancelled' ? 'cancelled' : build.environment ? 'environment' : 'build'
    const { reason: message, remedy } = build
    return yield ['build', { gate, message, ...(remedy && { remedy }) }]
  }
  if (smoke?.status === 'failed') yield ['smoke-test', { gate: 'smoke', message: smoke.reason }]
  // Without the size of the new image no limit can be checked, so the target cannot pass.
  if (sizeError !== undefined) yield ['measure', { gate: 'measure', message: sizeError }]
  if (error) for (const reason of reasonsOf(error.failure)) yield [error.stage, reason]
}
