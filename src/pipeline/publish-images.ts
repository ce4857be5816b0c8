import { join } from 'node:path'
import { untilAborted } from '../core/abort.ts'
import { type Diagnostic, error, Failure, messageOf } from '../core/diagnostics.ts'
import type { Digest } from '../core/digest.ts'
import type { Host } from '../core/host.ts'
import type { Sign } from '../cosign/sign.ts'
import type { Options } from '../inputs/options.ts'
import type { Plan, PlannedAddon, Target } from '../plan/plan.ts'
import type { Registry } from '../registry/client.ts'
import { isMissing, isRefused } from '../registry/error.ts'
import { type Publishable, type PublishableAddon, type PublishedAddon, publish, upload } from '../registry/publish.ts'
import { openLayout, openStored, type StoredImage } from '../registry/stored-image.ts'
import { reasonsOf } from '../report/model/make-report.ts'
import type { Publication, Reason, Verdict } from '../report/model/report.ts'
import { type ResultFile, resultFileName } from '../report/model/result-file.ts'
import { tryToWrite } from '../report/write.ts'
import { resultsFolder } from './collect-results.ts'
import type { TargetOutcome } from './process-target.ts'

export interface ToPublish {
  readonly plan: Plan
  readonly outcomes: ReadonlyMap<string, TargetOutcome>
  readonly verdict: Verdict
  readonly registry: Registry
  /** Undefined: nothing is signed. */
  readonly sign?: Sign
  readonly options: Options
  readonly host: Host
  /** `mode: publish`: what was wrong with the results of the jobs. */
  readonly diagnostics?: readonly Diagnostic[]
}

export interface Published {
  readonly publication: Publication
  /** By slug; absent when nothing was published. */
  readonly published?: ReadonlyMap<string, PublishedAddon>
  /** Why publishing failed; empty when it did not. */
  readonly reasons: readonly Reason[]
  /** The same with its places, where files are at fault. */
  readonly diagnostics?: readonly Diagnostic[]
}

/** Publishes every add-on of the plan, all or nothing, if it was asked for and every gate was passed. Never rejects. */
export async function publishAll(what: ToPublish): Promise<Published> {
  const { plan, registry } = what
  const done = await attempt(what, async () => {
    const reasons = [...what.outcomes.values()].flatMap(whyNotPushed)
    if (reasons.length > 0) return { ...notPublished('Not every image is in the registry.'), reasons }
    const refused = await whyRefused(what)
    if (refused.length > 0) return mayNotPush(refused)
    const addons = await Promise.all(plan.addons.map((addon) => publishableAddon(addon, what)))
    const results = await publish(addons, registry, what.host.signal, what.sign)
    const published = new Map<string, PublishedAddon>()
    for (const [index, result] of results.entries()) published.set(plan.addons[index]?.slug ?? '', result)
    return { publication: { status: 'published' }, published, reasons: [] }
  })
  if (done.publication.status === 'published' || !hasLeftovers(what)) return done
  const { removeLeftovers } = await import('./remove-leftovers.ts')
  const left = await removeLeftovers({ diagnostics: [], ...what })
  return { ...done, diagnostics: [...(done.diagnostics ?? []), ...left] }
}

/** Jobs of `mode: build` have pushed what is not published now. A cancelled run has no time to look after it. */
const hasLeftovers = ({ options: { mode, push }, host }: ToPublish): boolean =>
  mode === 'publish' && push && !host.signal.aborted

/** `mode: build`: puts the images into the registry under their digests only, and leaves a result file for each, whatever came of it. Never rejects. */
export async function keepImages(what: ToPublish): Promise<Published> {
  const { plan, registry, host } = what
  const targets = plan.addons.flatMap((addon) => addon.targets)
  const pushed = new Map<string, readonly Digest[]>()
  const done = await attempt(what, async () => {
    const uploads = targets.map(async (target) => {
      pushed.set(target.id, await upload(await publishable(target, what), undefined, registry))
    })
    await untilAborted(Promise.all(uploads), host.signal)
    return pushedByDigest
  })
  await leaveResults(what, done === pushedByDigest ? undefined : whyOf(done), pushed)
  return done
}

const whyOf = ({ publication }: Published): string => (publication.status === 'published' ? '' : publication.reason)

/** A result file for each target of the plan, also for one that was not come to: without it `mode: publish` could not say what happened. */
export async function leaveResults(
  { plan, outcomes, options, host }: Pick<ToPublish, 'plan' | 'outcomes' | 'options' | 'host'>,
  notPushed: string | undefined,
  pushed: ReadonlyMap<string, readonly Digest[]> = new Map(),
): Promise<void> {
  const folder = resultsFolder(options, host)
  const { sha, runId, runAttempt } = host.event
  for (const { id, addon, architecture, platform, image, tags } of plan.addons.flatMap(({ targets }) => targets)) {
    const build = { status: 'failed', durationMs: 0, emulated: false, reason: notPushed ?? '', log: [] } as const
    const { report = { addon, architecture, platform, image, tags, build }, failure } = outcomes.get(id) ?? {}
    const file: ResultFile = {
      schemaVersion: 1,
      kind: 'aicleaner-build-result',
      id,
      sha,
      run: { id: runId, attempt: runAttempt },
      report,
      ...(failure && { failure: { kind: failure.kind, diagnostics: failure.diagnostics } }),
      ...(notPushed !== undefined && { notPushed }),
      ...(pushed.has(id) && { pushed: pushed.get(id) ?? [] }),
    }
    const refused = await tryToWrite(host.workspace, join(folder, resultFileName(report)), JSON.stringify(file))
    if (refused) host.log.report(refused)
  }
}

const whyNotPushed = ({ notPushed, report: { addon, architecture } }: TargetOutcome): readonly Reason[] =>
  notPushed === undefined
    ? []
    : [
        {
          gate: 'publish',
          addon,
          architecture,
          message: `The job that built it did not push it: ${notPushed}`,
          remedy: 'Give "mode: build" the same "push", login and limits as "mode: publish", and run that job again.',
        },
      ]

/** `mode: publish` has built nothing and asks here; the others asked before they built. */
async function whyRefused({ plan, registry, options, host }: ToPublish): Promise<readonly Diagnostic[]> {
  if (options.mode !== 'publish') return []
  const { checkPushAccess } = await import('./push-access.ts')
  return checkPushAccess(plan, registry, options, host)
}

const mayNotPush = (diagnostics: readonly Diagnostic[]): Published => ({
  ...notPublished('The registry refused the login, so no tag was moved.'),
  diagnostics,
  reasons: reasonsOf(new Failure('publish', diagnostics)),
})

async function attempt(what: ToPublish, work: () => Promise<Published>): Promise<Published> {
  const { options, verdict, host } = what
  if (host.signal.aborted) return cancelled('The run was cancelled.')
  if (!verdict.passed) return notPublished('Not every architecture passed every gate, so no tag was moved.')
  if (!options.push) return notPublished('Publishing was not asked for (push: false).')
  try {
    return await work()
  } catch (thrown) {
    if (host.signal.aborted) return cancelled(host.log.redact(whyCancelled(thrown, host.signal)))
    if (thrown instanceof Failure && thrown.kind === 'publish') {
      return {
        ...notPublished(host.log.redact(messageOf(thrown))),
        diagnostics: thrown.diagnostics,
        reasons: reasonsOf(thrown),
      }
    }
    const message = host.log.redact(messageOf(thrown))
    const remedy = isRefused(thrown) ? await remedyOf(what) : undefined
    return { ...notPublished(message), reasons: [{ gate: 'publish', message, ...(remedy && { remedy }) }] }
  }
}

/** What a cancel could not put back must be said, too. */
const whyCancelled = (thrown: unknown, signal: AbortSignal): string =>
  thrown === signal.reason ? 'The run was cancelled while it published.' : `The run was cancelled: ${messageOf(thrown)}`

async function remedyOf({ plan, options, host }: ToPublish): Promise<string> {
  const [{ destinations }, { pushRemedy }] = await Promise.all([
    import('./push-access.ts'),
    import('../registry/push-remedy.ts'),
  ])
  const registries = [...new Set(destinations(plan, options).map(({ repository }) => repository.registry))]
  return `This login may not push there. ${pushRemedy({ registries, loggedIn: true }, host)}`
}

const cancelled = (message: string): Published => ({
  ...notPublished(message),
  reasons: [{ gate: 'cancelled', message }],
})

const notPublished = (reason: string): Published => ({ publication: { status: 'not-published', reason }, reasons: [] })

const pushedByDigest = notPublished('Pushed by digest; "mode: publish" moves the tags.')

async function publishableAddon(addon: PlannedAddon, what: ToPublish): Promise<PublishableAddon> {
  const images = await Promise.all(addon.targets.map((target) => publishable(target, what)))
  return { images, ...(addon.multiArch && { multiArch: addon.multiArch }) }
}

async function publishable({ id, architecture, image, tags }: Target, what: ToPublish): Promise<Publishable> {
  const outcome = what.outcomes.get(id)
  if (outcome?.report.build.status !== 'built') throw new Error(`${id} was not built.`)
  const { manifestDigest, configDigest } = outcome.report.build
  const stored =
    outcome.layout === undefined
      ? await openStored(what.registry, image, manifestDigest).catch((thrown) => {
          throw isMissing(thrown) ? isGone(id, `${image}@${manifestDigest}`, thrown) : thrown
        })
      : await openLayout(outcome.layout, manifestDigest)
  const attestation = await attestationOf(outcome, image, what.registry)
  return { architecture, image, tags, stored, testedConfig: configDigest, ...(attestation && { attestation }) }
}

const isGone = (id: string, name: string, thrown: unknown): Failure =>
  new Failure(
    'publish',
    [
      error(
        'publish/image-gone',
        `The image that the job for ${id} pushed is not in the registry any more: ${name}.`,
        'Run all jobs again, not only those that failed: when a check fails, the images of the other jobs are deleted.',
      ),
    ],
    thrown,
  )

async function attestationOf(
  { attestation, report }: TargetOutcome,
  image: string,
  registry: Registry,
): Promise<StoredImage | undefined> {
  if (attestation !== undefined) return openLayout(attestation.layout, attestation.digest)
  return report.attestation === undefined ? undefined : openStored(registry, image, report.attestation)
}
