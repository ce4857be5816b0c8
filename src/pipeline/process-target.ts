import { rm } from 'node:fs/promises'
import { wantsAttestation } from '../build/attest.ts'
import type { BuildResult } from '../build/result.ts'
import { untilAborted } from '../core/abort.ts'
import { Failure, messageOf, runCancelled, unexpected } from '../core/diagnostics.ts'
import { formatDuration } from '../core/duration.ts'
import { isNoSpace, noSpaceLeft } from '../docker/disk.ts'
import type { Options } from '../inputs/options.ts'
import type { Target } from '../plan/plan.ts'
import type { LogGroup } from '../platform/log/grouped-log.ts'
import type { BuildSession, BuiltTarget, Inspector } from './stages.ts'
import { identityOf, outcomeOf, type TargetOutcome, type TargetStage } from './target-outcome.ts'

interface TargetContext {
  readonly session: BuildSession
  /** Opened while the builds run. */
  readonly inspector: Promise<Inspector>
  readonly options: Pick<Options, 'push' | 'provenance' | 'sbom'>
  readonly logGroup: LogGroup
}

/** Builds one image, then tests and measures it at the same time. Never rejects: an error here must not stop the other targets. */
export async function processTarget(target: Target, context: TargetContext): Promise<TargetOutcome> {
  const { session, logGroup } = context
  const { architecture } = target
  const { signal } = session.host
  const notBuilt = (reason: string, more: { readonly remedy?: string; readonly environment?: true }): TargetOutcome => {
    logGroup.close(`${architecture}: ${reason}`)
    const status = signal.aborted ? 'cancelled' : 'failed'
    const emulated = session.isEmulated(architecture)
    const build = { status, durationMs: 0, emulated, reason, ...more, log: [] } as const
    return outcomeOf({ report: { ...identityOf(target), build } })
  }
  try {
    const base = await session.checkBase(target)
    if ('refused' in base) return notBuilt(base.refused, { remedy: notTrusted })
    const { result: build, image } = await session.build(base, logGroup.line)
    if (build.status === 'built' && image) return await inspectTarget(target, { base, build, image }, context)
    await session.unload(target).catch(ignore)
    logGroup.close(`${architecture}: ${build.status === 'cancelled' ? 'cancelled' : 'the build failed'}`)
    return outcomeOf({ report: { ...identityOf(target), build } })
  } catch (thrown) {
    await session.unload(target).catch(ignore)
    const failure = asFailure(thrown, signal)
    return notBuilt(failure.message, { ...(failure.kind === 'environment' && { environment: true }) })
  }
}

interface BuiltImage {
  /** The target as it was built, with a verified base image. */
  readonly base: Target
  readonly build: Extract<BuildResult, { readonly status: 'built' }>
  readonly image: NonNullable<BuiltTarget['image']>
}

/** Both stages end before the image is removed, also if one of them fails. Rejects only if the inspector cannot be opened. */
async function inspectTarget(
  target: Target,
  { base, build, image }: BuiltImage,
  { session, inspector: opening, options, logGroup }: TargetContext,
): Promise<TargetOutcome> {
  const { architecture } = target
  const { signal } = session.host
  const inspector = await opening
  const [smoke, size] = await Promise.all([
    settle('smoke-test', inspector.test?.(target, image.reference, session.isEmulated(architecture)), signal),
    settle('measure', untilAborted(inspector.measure(target, image.layout, build.warnings), signal), signal),
  ])
  // Everything that follows needs only the layout.
  await session.unload(target).catch(ignore)
  const isPublishable = options.push && smoke.value?.status !== 'failed' && !smoke.error && !size.error
  const attesting = isPublishable && wantsAttestation(options) ? session.attest(base, build.manifestDigest) : undefined
  const attestation = await settle('attest', attesting, signal)
  if (!isPublishable) await rm(image.layout, { recursive: true, force: true }).catch(ignore)
  for (const line of smoke.value ? inspector.describe(smoke.value) : []) logGroup.line(line)
  logGroup.close(
    [
      `${architecture}: built in ${formatDuration(build.durationMs)}`,
      smoke.value?.reason ?? smoke.error?.failure.message,
      size.error && `size unknown: ${size.error.failure.message}`,
    ]
      .filter(Boolean)
      .join(' · '),
  )
  // The report has its own field for a size that cannot be read.
  const unmeasured = size.error?.failure.kind === 'cancelled' ? undefined : size.error
  return outcomeOf({
    report: {
      ...identityOf(target),
      build,
      ...(smoke.value && { smoke: smoke.value }),
      ...size.value,
      ...(unmeasured && { sizeError: unmeasured.failure.message }),
      ...(attestation.value && { attestation: attestation.value.digest }),
    },
    error: smoke.error ?? (unmeasured ? undefined : size.error) ?? attestation.error,
    ...(isPublishable && {
      image: { layout: image.layout, ...(attestation.value && { attestation: attestation.value }) },
    }),
  })
}

/** For a failed removal: the end of the run tries again. */
const ignore = (): void => {}

const notTrusted =
  'Use a base image that is signed by the signer in "verify-base" (or in the cosign block of build.yaml), or correct that signer.'

interface Settled<T> {
  readonly value?: T
  readonly error?: { readonly stage: TargetStage; readonly failure: Failure }
}

/** Waits for a stage and keeps its error, so that a stage that runs beside it can end as well. */
async function settle<T>(stage: TargetStage, work: Promise<T> | undefined, signal: AbortSignal): Promise<Settled<T>> {
  try {
    return work === undefined ? {} : { value: await work }
  } catch (thrown) {
    return { error: { stage, failure: asFailure(thrown, signal) } }
  }
}

function asFailure(thrown: unknown, signal: AbortSignal): Failure {
  if (thrown instanceof Failure) return thrown
  // Programs that the cancellation ended only report an exit code.
  if (signal.aborted) return runCancelled()
  const message = messageOf(thrown)
  return isNoSpace(message) ? new Failure('environment', [noSpaceLeft(message, [])], thrown) : unexpected(thrown)
}
