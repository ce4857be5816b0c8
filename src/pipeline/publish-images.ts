import { join } from 'node:path'
import { nextVersion } from '../addon/version.ts'
import { untilAborted } from '../core/abort.ts'
import { type Diagnostic, error, Failure, messageOf } from '../core/diagnostics.ts'
import type { Digest } from '../core/digest.ts'
import { enumerate } from '../core/text.ts'
import { namesOfList, namesOfTarget, type Plan, type PlannedAddon, type Target } from '../plan/plan.ts'
import { isVersionTag } from '../plan/version-tag.ts'
import { isMissing, isRefused } from '../registry/error.ts'
import { AlreadyPublished, type PublishedAddon, publish, upload } from '../registry/publish.ts'
import type { Publishable, PublishableAddon } from '../registry/publishable.ts'
import { openLayout, openStored } from '../registry/stored-image.ts'
import { reasonsOf } from '../report/model/make-report.ts'
import type { Reason } from '../report/model/report.ts'
import { type ResultFile, resultFileName } from '../report/model/result-file.ts'
import { tryToWrite } from '../report/write.ts'
import { resultsFolder } from './collect-results.ts'
import type { PublicationResult, PublishRequest, ResultsRequest } from './stages.ts'
import { causeOf, identityOf, type TargetOutcome } from './target-outcome.ts'

/** Publishes all add-ons of the plan or none, if publishing is requested and every gate passed. Never rejects. */
export async function publishImages(request: PublishRequest): Promise<PublicationResult> {
  const { plan, registry } = request
  const result = await attempt(request, async () => {
    const reasons = [...request.outcomes.values()].flatMap(whyNotPushed)
    if (reasons.length > 0) return { ...notPublished('Not every image is in the registry.'), reasons }
    const diagnostics = await checkAccess(request)
    if (diagnostics.length > 0) {
      const refused = notPublished('The registry refused the login, so no tag was moved.')
      return { ...refused, diagnostics, reasons: reasonsOf(new Failure('publish', diagnostics)) }
    }
    const addons = await Promise.all(plan.addons.map((addon) => publishableAddon(addon, request)))
    const { options, host, sign } = request
    const results = await publish(addons, registry, {
      existing: options.existing,
      signal: host.signal,
      ...(sign && { sign }),
    })
    const published = new Map(
      plan.addons.flatMap(({ slug }, index) => (results[index] ? [[slug, results[index]]] : [])),
    )
    const verify = await sign?.verifyCommands?.(signedReferences(results))
    return {
      publication: { status: 'published', ...(verify && verify.length > 0 && { verify }) },
      published,
      reasons: [],
      warnings: replacedVersions(plan, published),
    }
  })
  const isKept = [...(result.published?.values() ?? [])].some(({ tags }) => tags.some(({ kept }) => kept))
  if (!mayHaveUnpublished(request) || (result.published && !isKept)) return result
  const { removeUnpublished, removeUnused } = await import('./remove-unpublished.ts')
  const left = await (result.published ? removeUnused(request, result.published) : removeUnpublished(request))
  return { ...result, diagnostics: [...(result.diagnostics ?? []), ...left] }
}

/** Jobs of `mode: build` have pushed images that are not published now. A cancelled run has no time to remove them. */
const mayHaveUnpublished = ({ options: { mode, push }, host }: PublishRequest): boolean =>
  mode === 'publish' && push && !host.signal.aborted

/** `mode: build`: pushes the images under their digests only, and writes a result file for each target in any case. Never rejects. */
export async function pushByDigest(request: PublishRequest): Promise<PublicationResult> {
  const { plan, registry, host } = request
  const targets = plan.addons.flatMap((addon) => addon.targets)
  const pushed = new Map<string, readonly Digest[]>()
  const result = await attempt(request, async () => {
    const uploads = targets.map(async (target) => {
      pushed.set(target.id, await upload(target.image, await publishable(target, request), registry))
    })
    await untilAborted(Promise.all(uploads), host.signal)
    return pushedByDigest
  })
  const { publication } = result
  const notPushed = result === pushedByDigest || publication.status === 'published' ? undefined : publication.reason
  await writeResults({ ...request, notPushed, pushed })
  return result
}

/** Writes a result file for each target of the plan, also for one that was not built: `mode: publish` reports what happened to it. */
export async function writeResults(request: ResultsRequest): Promise<void> {
  const { plan, outcomes, options, host, notPushed, pushed } = request
  const folder = resultsFolder(options, host)
  const { sha, runId, runAttempt } = host.event
  for (const target of plan.addons.flatMap(({ targets }) => targets)) {
    const { id } = target
    const build = { status: 'failed', durationMs: 0, emulated: false, reason: notPushed ?? '', log: [] } as const
    const outcome = outcomes.get(id)
    const report = outcome?.report ?? { ...identityOf(target), build }
    const cause = causeOf(outcome)
    const digests = pushed?.get(id)
    const file: ResultFile = {
      schemaVersion: 1,
      kind: 'aicleaner-build-result',
      id,
      sha,
      run: { id: runId, attempt: runAttempt },
      report,
      ...(cause && { failure: { kind: cause.kind, diagnostics: cause.diagnostics } }),
      ...(notPushed !== undefined && { notPushed }),
      ...(digests && { pushed: digests }),
    }
    const refused = await tryToWrite(host.workspace, join(folder, resultFileName(report)), JSON.stringify(file))
    if (refused) host.log.report(refused)
  }
}

function whyNotPushed({ upload, report: { addon, architecture } }: TargetOutcome): readonly Reason[] {
  if (upload?.notPushed === undefined) return []
  const message = `The job that built it did not push it: ${upload.notPushed}`
  const remedy = 'Give "mode: build" the same "push", login and limits as "mode: publish", and run that job again.'
  return [{ gate: 'publish', addon, architecture, message, remedy }]
}

/** `mode: publish` checks the login here; the other modes checked it before the builds. */
async function checkAccess({ plan, registry, options, host }: PublishRequest): Promise<readonly Diagnostic[]> {
  if (options.mode !== 'publish') return []
  const { checkPushAccess } = await import('./push-access.ts')
  return checkPushAccess(plan, registry, options, host)
}

/** Publishes if nothing prevents it, and turns errors into a result. */
async function attempt(request: PublishRequest, work: () => Promise<PublicationResult>): Promise<PublicationResult> {
  const { plan, options, verdict, host } = request
  if (host.signal.aborted) return cancelled('The run was cancelled.')
  if (!verdict.passed) return notPublished('Not every architecture passed every gate, so no tag was moved.')
  if (!options.push) return notPublished('The input "push" is false.')
  try {
    return await work()
  } catch (thrown) {
    if (host.signal.aborted) return cancelled(host.log.redact(whyCancelled(thrown, host.signal)))
    const message = host.log.redact(messageOf(thrown))
    if (thrown instanceof AlreadyPublished) {
      return { ...notPublished('The version is already published.'), reasons: existingVersions(plan, thrown) }
    }
    if (thrown instanceof Failure && thrown.kind === 'publish')
      return { ...notPublished(message), diagnostics: thrown.diagnostics, reasons: reasonsOf(thrown) }
    const remedy = isRefused(thrown) ? await remedyOf(request) : undefined
    return { ...notPublished(message), reasons: [{ gate: 'publish', message, ...(remedy && { remedy }) }] }
  }
}

/** Why publishing was cancelled, with the tags that could not be restored. */
const whyCancelled = (thrown: unknown, signal: AbortSignal): string =>
  thrown === signal.reason ? 'The run was cancelled while it published.' : `The run was cancelled: ${messageOf(thrown)}`

async function remedyOf({ plan, options, host }: PublishRequest): Promise<string> {
  const [{ destinations }, { pushRemedy }] = await Promise.all([
    import('./push-access.ts'),
    import('../registry/push-remedy.ts'),
  ])
  const registries = [...new Set(destinations(plan, options).map(({ repository }) => repository.registry))]
  return `This login may not push there. ${pushRemedy({ registries, loggedIn: true }, host)}`
}

/** Commands listed in a report. */
const mostCommands = 6

/** What a user verifies: the manifest list of each add-on, or else its images. */
function signedReferences(results: readonly PublishedAddon[]): readonly string[] {
  const references = results.flatMap(({ tags }) => {
    const moved = tags.filter(({ kept }) => !kept)
    const lists = moved.filter(({ multiArch }) => multiArch)
    return (lists.length > 0 ? lists : moved).map(({ image, digest }) => `${image}@${digest}`)
  })
  return [...new Set(references)].slice(0, mostCommands)
}

/** `existing: fail`: the versions that would be replaced. */
const existingVersions = ({ addons }: Plan, { tags }: AlreadyPublished): readonly Reason[] =>
  addons.flatMap((addon, index) => {
    const names = tags[index] ?? []
    if (names.length === 0) return []
    const message = `${addon.version} is already published with other images: ${enumerate(names, mostNames)}. ${raiseVersion(addon)}`
    return { ...versionReason(addon, message), remedy: 'To publish only what is missing, set "existing: keep".' }
  })

/** `existing: replace`: the versions that were replaced. */
const replacedVersions = ({ addons }: Plan, published: ReadonlyMap<string, PublishedAddon>): readonly Reason[] =>
  addons.flatMap((addon) => {
    const { replaced = [] } = published.get(addon.slug) ?? {}
    if (replaced.length === 0) return []
    const message = `${addon.version} was already published and now has other images: ${enumerate(replaced, mostNames)}. Devices that have ${addon.version} are not offered them. ${raiseVersion(addon)}`
    return { ...versionReason(addon, message), remedy: 'The Supervisor offers an update only if the version changes.' }
  })

const versionReason = ({ slug, versionWhere }: PlannedAddon, message: string): Reason => ({
  gate: 'version',
  addon: slug,
  message,
  ...(versionWhere && { where: versionWhere }),
})

const raiseVersion = ({ version }: PlannedAddon): string => {
  const next = nextVersion(version)
  return next === undefined ? 'Raise the version.' : `Set "version" to ${next}.`
}

/** Names listed in one message. */
const mostNames = 6

const cancelled = (message: string): PublicationResult => ({
  ...notPublished(message),
  reasons: [{ gate: 'cancelled', message }],
})

const notPublished = (reason: string): PublicationResult => ({
  publication: { status: 'not-published', reason },
  reasons: [],
})

const pushedByDigest = notPublished('Pushed by digest; "mode: publish" moves the tags.')

async function publishableAddon(addon: PlannedAddon, request: PublishRequest): Promise<PublishableAddon> {
  const images = await Promise.all(addon.targets.map((target) => publishable(target, request)))
  return {
    images,
    ...(addon.multiArch && {
      multiArch: { names: namesOfList(addon.multiArch), annotations: addon.multiArch.annotations },
    }),
    isVersion: (tag) => isVersionTag(tag, addon.version),
  }
}

async function publishable(target: Target, request: PublishRequest): Promise<Publishable> {
  const { id, architecture, image } = target
  const outcome = request.outcomes.get(id)
  const { build, attestation } = outcome?.report ?? {}
  if (outcome?.status !== 'tested' || build?.status !== 'built') throw new Error(`${id} was not built and tested.`)
  const named = { architecture, names: namesOfTarget(target), testedConfig: build.configDigest }
  if (outcome.image) {
    const { layout, attestation: attested } = outcome.image
    const stored = await openLayout(layout, build.manifestDigest)
    return { ...named, stored, ...(attested && { attestation: await openLayout(attested.layout, attested.digest) }) }
  }
  const { registry } = request
  const stored = await openStored(registry, image, build.manifestDigest).catch((thrown) => {
    throw isMissing(thrown) ? isGone(id, `${image}@${build.manifestDigest}`, thrown) : thrown
  })
  return { ...named, stored, ...(attestation && { attestation: await openStored(registry, image, attestation) }) }
}

const isGone = (id: string, name: string, thrown: unknown): Failure =>
  new Failure(
    'publish',
    [
      error(
        'publish/image-gone',
        `The image that the job for ${id} pushed is no longer in the registry: ${name}.`,
        'Run all jobs again, not only those that failed: when a check fails, the images of the other jobs are deleted.',
      ),
    ],
    thrown,
  )
