import { type Diagnostic, isError, notice } from '../core/diagnostics.ts'
import type { Digest } from '../core/digest.ts'
import type { Target } from '../plan/plan.ts'
import { parseRepository } from '../registry/name.ts'
import type { PublishedAddon } from '../registry/publish.ts'
import { deleteUntagged } from '../registry/untagged.ts'
import type { Verdict } from '../report/model/report.ts'
import type { PublishRequest } from './stages.ts'

type RefusedRun = Pick<PublishRequest, 'plan' | 'outcomes' | 'verdict' | 'registry' | 'host' | 'problems'>

/**
 * After `mode: publish` was refused: deletes the images that the jobs of `mode: build` have pushed by digest, unless a tag points to them.
 * Keeps those that "Re-run failed jobs" may still publish. Never rejects.
 * @returns a notice if images are left.
 */
export async function removeUnpublished(run: RefusedRun): Promise<readonly Diagnostic[]> {
  const pushed = pushedBy(run)
  const names = [...pushed].flatMap(([image, digests]) => digests.map((digest) => `${image}@${digest}`))
  if (names.length > 0 && mayComplete(run)) {
    const reason = 'Kept in the registry without a tag, so that "Re-run failed jobs" can publish it'
    run.host.log.info(`${reason}: ${names.join(', ')}`)
    return []
  }
  return remove(pushed, run)
}

/**
 * After `mode: publish` with `existing: keep`: deletes the images of the jobs of `mode: build` that are not published, because their version was published
 * before. Never rejects.
 * @returns a notice if images are left.
 */
export function removeUnused(
  run: RefusedRun,
  published: ReadonlyMap<string, PublishedAddon>,
): Promise<readonly Diagnostic[]> {
  const addons = run.plan.addons.map((addon) => {
    const { tags = [] } = published.get(addon.slug) ?? {}
    const isUnused = ({ image }: Target): boolean => {
      const own = tags.filter((tag) => tag.image === image)
      // A name without tags has its image under its digest on purpose.
      return own.length > 0 && own.every(({ kept }) => kept)
    }
    return { ...addon, targets: addon.targets.filter(isUnused) }
  })
  return remove(pushedBy({ ...run, plan: { ...run.plan, addons } }), run)
}

async function remove(
  pushed: ReadonlyMap<string, readonly Digest[]>,
  { registry, host }: Pick<RefusedRun, 'registry' | 'host'>,
): Promise<readonly Diagnostic[]> {
  if (pushed.size === 0) return []
  const fates = await Promise.all(
    [...pushed].map(async ([image, digests]) => {
      const found = await deleteUntagged(parseRepository(image), digests, registry)
      return [...found].map(([digest, stays]) => ({ name: `${image}@${digest}`, stays }))
    }),
  )
  const removed = fates.flat().flatMap(({ name, stays }) => (stays === undefined ? [name] : []))
  if (removed.length > 0) host.log.info(`Deleted from the registry, since it is not published: ${removed.join(', ')}`)
  const left = fates.flat().filter(({ stays }) => stays !== undefined)
  if (left.length === 0) return []
  const list = left.map(({ name, stays }) => `${name} (${host.log.redact(stays ?? '')})`).join(', ')
  const diagnostic = notice(
    'publish/left-behind',
    `Images that are not published stay in the registry under their digests: ${list}.`,
    'No tag points to them. Delete them in the registry, or leave them.',
  )
  host.log.report(diagnostic)
  return [diagnostic]
}

/** Digests by image. Results come from other jobs, so only digests of the image that a result reports on count. */
function pushedBy({ plan, outcomes }: RefusedRun): ReadonlyMap<string, readonly Digest[]> {
  const found = new Map<string, readonly Digest[]>()
  for (const { id, image } of plan.addons.flatMap(({ targets }) => targets)) {
    const { report, upload: { pushed = [] } = {} } = outcomes.get(id) ?? {}
    if (report?.build.status !== 'built') continue
    const own = [report.build.manifestDigest, report.attestation]
    const digests = new Set([...(found.get(image) ?? []), ...pushed.filter((digest) => own.includes(digest))])
    if (digests.size > 0) found.set(image, [...digests])
  }
  return found
}

const checks: readonly Verdict['reasons'][number]['gate'][] = ['build', 'smoke', 'size', 'audit']

/** Whether "Re-run failed jobs" may complete the run, which needs the images of the other jobs: only a machine, a cancellation or a missing result stopped it. */
const mayComplete = ({ outcomes, verdict, problems }: RefusedRun): boolean =>
  !verdict.reasons.some(({ gate, addon, architecture }) => {
    const build = outcomes.get(`${addon}/${architecture}`)?.report.build
    // If the machine failed before the build began, the result has a build that took no time.
    return checks.includes(gate) && !(gate === 'build' && build?.status === 'failed' && build.durationMs === 0)
  }) && problems.filter(isError).every(({ code }) => code === 'publish/missing-result' || !code.startsWith('publish/'))
