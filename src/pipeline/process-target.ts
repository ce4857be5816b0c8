import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Finding } from '../audit/finding.ts'
import { attest, wantsAttestation } from '../build/attest.ts'
import { buildTarget, localName, testedReference } from '../build/build.ts'
import { lacksOciExport } from '../build/classic-store.ts'
import type { ContextReport } from '../context/context-measure.ts'
import { untilAborted } from '../core/abort.ts'
import { type Diagnostic, error, Failure, messageOf, unexpected } from '../core/diagnostics.ts'
import type { Digest } from '../core/digest.ts'
import { isNoSpace, noSpaceLeft } from '../docker/disk.ts'
import { removeImage } from '../docker/images.ts'
import type { Options } from '../inputs/options.ts'
import type { Target } from '../plan/plan.ts'
import { targetFolder } from '../plan/target-names.ts'
import type { LogGroup } from '../platform/log/grouped-log.ts'
import type { TargetReport } from '../report/model/report.ts'
import type { SizeResult } from '../size/result.ts'
import type { SmokeResult } from '../smoke/result.ts'
import type { BuildSession } from './build-session.ts'

/** What came of one target, and where its image lies for publishing. */
export interface TargetOutcome {
  readonly report: TargetReport
  /** OCI layout folder; absent when it was not built. */
  readonly layout?: string
  /** OCI layout folder of its attestations, and the digest of their manifest. */
  readonly attestation?: { readonly layout: string; readonly digest: Digest }
  /** What kept the stages after the build from their verdict: the machine, or a cancel. */
  readonly failure?: Failure
  /** Of a target that another job built: why its image is not in the registry. */
  readonly notPushed?: string
  /** The same: its manifests that were not in the registry before that job. */
  readonly pushed?: readonly Digest[]
}

/** What an image goes through after its build. */
export interface Inspection {
  /** Undefined: not asked for. */
  readonly test?: (target: Target, image: string, emulated: boolean) => Promise<SmokeResult>
  readonly describe: (result: SmokeResult) => readonly string[]
  /** `warnings`: Dockerfile checks of the build, which the audit takes over. */
  readonly measure: (
    target: Target,
    layout: string,
    warnings: readonly Diagnostic[],
  ) => Promise<{ readonly size: SizeResult; readonly audit?: readonly Finding[]; readonly context?: ContextReport }>
}

/** Builds one image, starts it and measures it, the latter two at once. Never rejects: what goes wrong here must not stop the other targets. */
export async function buildAndTest(
  target: Target,
  session: BuildSession,
  opening: Promise<Inspection>,
  options: Options,
  logGroup: LogGroup = { line: () => {}, close: () => {} },
): Promise<TargetOutcome> {
  const { host, engine, builder, cache, restart } = session
  const { addon, architecture, platform, image, tags } = target
  const common = { addon, architecture, platform, image, tags }
  const emulated = session.isEmulated(architecture)
  const loads = lacksOciExport(builder, engine)
  const load = options.smokeTest || loads ? localName(target, host.runId) : undefined
  const settle = <T>(work: Promise<T> | undefined) => settled(work, host.signal)
  const unload = () => settle(load ? removeImage(load, host.processes) : undefined)
  try {
    const base = await session.checkBase(target)
    if ('refused' in base) {
      logGroup.close(`${architecture}: ${base.refused}`)
      const status = host.signal.aborted ? 'cancelled' : 'failed'
      const build = { status, durationMs: 0, emulated, reason: base.refused, remedy: notTrusted, log: [] } as const
      return { report: { ...common, build } }
    }
    const { layout, ...build } = await buildTarget(
      base,
      {
        ...{ builder, cache, engine, options },
        emulated: session.buildIsEmulated(architecture),
        lacksOciExport: loads,
        ...(load && { load }),
        ...(restart && { restart }),
      },
      host,
      logGroup.line,
    )
    if (build.status !== 'built' || layout === undefined) {
      await unload()
      logGroup.close(`${architecture}: ${build.status === 'cancelled' ? 'cancelled' : 'the build failed'}`)
      return { report: { ...common, build } }
    }
    const inspection = await opening
    const [smoke, size] = await Promise.all([
      settle(inspection.test?.(target, testedReference(build, engine), emulated)),
      settle(untilAborted(inspection.measure(target, layout, build.warnings), host.signal)),
    ])
    // From here on the layout is all that is needed, and if nothing will come of the image, not even that.
    await unload()
    const attestation = await settle(attestIf(base, build.manifestDigest, session, options, smoke.value))
    const wanted = options.push && smoke.value?.status !== 'failed' && !smoke.failure && !size.failure
    if (!wanted) await settle(rm(layout, { recursive: true, force: true }))
    for (const line of smoke.value ? inspection.describe(smoke.value) : []) logGroup.line(line)
    logGroup.close(summaryOf(architecture, build.durationMs, smoke, size))
    return {
      report: {
        ...common,
        build,
        ...(smoke.value && { smoke: smoke.value }),
        ...size.value,
        ...(size.failure && size.failure.kind !== 'cancelled' && { sizeError: size.failure.message }),
        ...(attestation.value && { attestation: attestation.value.digest }),
      },
      ...(wanted && { layout }),
      ...(attestation.value && { attestation: attestation.value }),
      ...failureOf(smoke, size.failure?.kind === 'cancelled' ? size : {}, attestation),
    }
  } catch (thrown) {
    await unload()
    const failure = asFailure(thrown, host.signal)
    logGroup.close(`${architecture}: ${failure.message}`)
    const status = host.signal.aborted ? 'cancelled' : 'failed'
    const environment = failure.kind === 'environment' && { environment: true as const }
    const build = { status, durationMs: 0, emulated, reason: failure.message, ...environment, log: [] } as const
    return { report: { ...common, build }, failure }
  }
}

const notTrusted =
  'Build on an image that is signed by whom "verify-base" (or the cosign block of build.yaml) names, or correct that name.'

/** Only for what will be published: attestations take a second call of buildx. */
async function attestIf(
  target: Target,
  image: Digest,
  { builder, cache, host }: BuildSession,
  options: Options,
  smoke: SmokeResult | undefined,
): Promise<TargetOutcome['attestation']> {
  if (!options.push || !wantsAttestation(options) || smoke?.status === 'failed') return undefined
  const layout = join(targetFolder(host.temporary, target), 'attested')
  const paths = { layout, metadata: `${layout}.json` }
  const reproducible = host.environment.SOURCE_DATE_EPOCH !== undefined
  const setting = { builder, cache: cache.plan(), options, paths, reproducible, workspace: host.workspace }
  const { manifest } = await attest(target, image, setting, options, host)
  return { layout, digest: manifest.digest }
}

const failureOf = (...all: readonly Settled<unknown>[]): Pick<TargetOutcome, 'failure'> => {
  const failure = all.find((one) => one.failure)?.failure
  return failure ? { failure } : {}
}

interface Settled<T> {
  readonly value?: T
  readonly failure?: Failure
}

/** Both stages end before the image is let go of, whatever becomes of the other one. */
async function settled<T>(work: Promise<T> | undefined, signal: AbortSignal): Promise<Settled<T>> {
  try {
    return work === undefined ? {} : { value: await work }
  } catch (thrown) {
    return { failure: asFailure(thrown, signal) }
  }
}

function asFailure(thrown: unknown, signal: AbortSignal): Failure {
  if (thrown instanceof Failure) return thrown
  if (thrown === signal.reason) return new Failure('cancelled', [error('run/cancelled', 'The run was cancelled.', '')])
  const said = messageOf(thrown)
  return isNoSpace(said) ? new Failure('environment', [noSpaceLeft(said, [])], thrown) : unexpected(thrown)
}

function summaryOf(architecture: string, ms: number, smoke: Settled<SmokeResult>, size: Settled<unknown>): string {
  const test = smoke.value?.reason ?? smoke.failure?.message
  const weight = size.failure && `size unknown: ${size.failure.message}`
  return [`${architecture}: built in ${(ms / 1000).toFixed(1)} s`, test, weight].filter(Boolean).join(' · ')
}
