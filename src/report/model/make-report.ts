import type { ContextReport } from '../../context/context-measure.ts'
import { type Diagnostic, type Failure, isError, oneLine } from '../../core/diagnostics.ts'
import type { GitHubEvent } from '../../core/host.ts'
import type { Mode } from '../../inputs/options.ts'
import type { Plan } from '../../plan/plan.ts'
import type { PublishedAddon } from '../../registry/publish.ts'
import type { AddonReport, Publication, Reason, Report, TargetReport, Verdict } from './report.ts'

/** Set by hand at each release, as the version in package.json. */
export const toolVersion = '1.0.0'

/** The results of a run. A stage that was not reached leaves its part empty. */
interface RunResults {
  readonly mode: Mode
  readonly plan?: Plan
  /** By target id. */
  readonly targets: ReadonlyMap<string, TargetReport>
  readonly verdict: Verdict
  readonly publication: Publication
  /** By slug. */
  readonly published?: ReadonlyMap<string, PublishedAddon>
  readonly diagnostics: readonly Diagnostic[]
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  readonly finishedAt: number
}

export function makeReport(results: RunResults, event: GitHubEvent): Report {
  const { plan, targets, published, verdict, publication, diagnostics } = results
  const addons = (plan?.addons ?? []).map(
    ({ slug, name, folder, version, multiArch, targets: planned }): AddonReport => {
      const { digests, manifest: digest, tags } = published?.get(slug) ?? {}
      const found = planned.flatMap(({ id }) => targets.get(id) ?? [])
      const contexts = contextsOf(found)
      const manifest = multiArch && { image: multiArch.image, tags: multiArch.tags, ...(digest && { digest }) }
      return {
        ...{ slug, name, folder, version },
        targets: found.map(({ context: _, ...report }) => {
          const published = digests?.get(report.architecture)
          return published === undefined ? report : { ...report, published }
        }),
        ...(contexts.length > 0 && { contexts }),
        ...(manifest && { manifest }),
        ...(tags && { tags }),
      }
    },
  )
  const { pullRequest, repository, ref, sha, workflow, runId, runAttempt } = event
  return {
    schemaVersion: 1,
    tool: { name: 'aicleaner-build', version: toolVersion },
    run: {
      mode: results.mode,
      ...{ event: event.name, repository, ref, sha },
      ...(pullRequest && { headSha: pullRequest.headSha, pullRequest: pullRequest.number }),
      ...(pullRequest && { baseRef: pullRequest.baseRef, baseSha: pullRequest.baseSha }),
      ...{ workflow, runId, runAttempt, url: event.runUrl },
      startedAt: new Date(results.startedAt).toISOString(),
      finishedAt: new Date(results.finishedAt).toISOString(),
    },
    addons,
    verdict,
    publication,
    diagnostics: [...(plan?.diagnostics ?? []), ...diagnostics],
  }
}

/** Architectures of one add-on usually share their build context: each context is listed once. */
function contextsOf(targets: readonly TargetReport[]): readonly ContextReport[] {
  const all = targets.flatMap(({ context }) => context ?? [])
  return [...new Map(all.map((context) => [JSON.stringify([context.folder, context.dockerfile]), context])).values()]
}

/** A failure as reasons of a verdict: one for each error, with its location. */
export const reasonsOf = (failure: Failure): readonly Reason[] =>
  failure.diagnostics.length === 0
    ? [{ gate: failure.kind, message: failure.message }]
    : failure.diagnostics.filter(isError).map((diagnostic) => ({ gate: failure.kind, message: oneLine(diagnostic) }))
