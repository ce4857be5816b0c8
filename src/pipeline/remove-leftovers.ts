import { type Diagnostic, isError, notice } from '../core/diagnostics.ts'
import type { Digest } from '../core/digest.ts'
import type { Host } from '../core/host.ts'
import type { Plan } from '../plan/plan.ts'
import type { Registry } from '../registry/client.ts'
import { deleteUntagged } from '../registry/leftovers.ts'
import { parseRepository } from '../registry/name.ts'
import type { Verdict } from '../report/model/report.ts'
import type { TargetOutcome } from './process-target.ts'

interface Refused {
  readonly plan: Plan
  readonly outcomes: ReadonlyMap<string, TargetOutcome>
  readonly verdict: Verdict
  /** What was wrong with the results of the jobs. */
  readonly diagnostics: readonly Diagnostic[]
  readonly registry: Registry
  readonly host: Host
}

/**
 * After `mode: publish` was refused: deletes the images that the jobs of `mode: build` have put into the registry under their digests, as far
 * as no tag leads to them. Those that "Re-run failed jobs" may still publish stay. Never rejects.
 * @returns what is left there, if anything is.
 */
export async function removeLeftovers(what: Refused): Promise<readonly Diagnostic[]> {
  const { registry, host } = what
  const pushed = pushedBy(what)
  const names = [...pushed].flatMap(([image, digests]) => digests.map((digest) => `${image}@${digest}`))
  if (names.length === 0) return []
  if (mayComplete(what)) {
    host.log.info(
      `Kept in the registry without a tag, so that "Re-run failed jobs" can publish it: ${names.join(', ')}`,
    )
    return []
  }
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
    'No tag leads to them. Delete them in the settings of the registry, or leave them.',
  )
  host.log.report(diagnostic)
  return [diagnostic]
}

/** Digests by image. A result is of another job, so only those count that are of the image that it reports on. */
function pushedBy({ plan, outcomes }: Refused): ReadonlyMap<string, readonly Digest[]> {
  const found = new Map<string, readonly Digest[]>()
  for (const { id, image } of plan.addons.flatMap(({ targets }) => targets)) {
    const { report, pushed = [] } = outcomes.get(id) ?? {}
    if (report?.build.status !== 'built') continue
    const own = [report.build.manifestDigest, report.attestation]
    const digests = new Set([...(found.get(image) ?? []), ...pushed.filter((digest) => own.includes(digest))])
    if (digests.size > 0) found.set(image, [...digests])
  }
  return found
}

const checks: readonly Verdict['reasons'][number]['gate'][] = ['build', 'smoke', 'size', 'audit']

/** Nothing but a machine, a cancel or a job without a result was in the way: running these jobs again needs the images of the others. */
const mayComplete = ({ outcomes, verdict, diagnostics }: Refused): boolean =>
  !verdict.reasons.some(({ gate, addon, architecture }) => {
    const build = outcomes.get(`${addon}/${architecture}`)?.report.build
    // A job whose machine failed before its build began leaves a result of a build that took no time.
    return checks.includes(gate) && !(gate === 'build' && build?.status === 'failed' && build.durationMs === 0)
  }) &&
  diagnostics.filter(isError).every(({ code }) => code === 'publish/missing-result' || !code.startsWith('publish/'))
