import type { ContextReport } from '../context/context-measure.ts'
import { isError } from '../core/diagnostics.ts'
import { shorten } from '../core/text.ts'
import type { ImageMeasure } from '../image/measure.ts'
import type { SizeResult } from '../size/result.ts'
import type { Evidence, SmokeResult } from '../smoke/result.ts'
import { type Tier, tiers } from './markdown/comment.ts'
import type { Reason, Report, TargetReport } from './model/report.ts'

/** A digest that the comment does not show. The schema requires one. */
const noDigest = `sha256:${'0'.repeat(64)}`

/**
 * The part of a report that the comment of a tier shows: small enough to be stored in the comment, from which the next job of the run reads it.
 * Condensing again for the same or a later tier changes nothing.
 */
export function condense(report: Report, tier: Tier): Report {
  const { runId, runAttempt, url, headSha, sha } = report.run
  const published = report.publication.status === 'published'
  return {
    schemaVersion: 1,
    tool: report.tool,
    run: {
      mode: report.run.mode,
      ...{ event: '', repository: '', ref: '', workflow: '', startedAt: epoch, finishedAt: epoch },
      ...{ runId, runAttempt, url, sha },
      ...(headSha !== undefined && { headSha }),
    },
    addons: report.addons.map(({ slug, name, version, targets, contexts, manifest, tags }) => ({
      ...{ slug, name, folder: '', version },
      targets: targets.map((target) => condenseTarget(target, tier, published)),
      ...(contexts && tier === 'all' && { contexts: contexts.map(condenseContext) }),
      ...(manifest?.digest !== undefined && published && { manifest }),
      ...(tags &&
        published &&
        atLeast(tier, 'changed') && { tags: tags.slice(0, mostTags).map((tag) => ({ ...tag, digest: noDigest })) }),
    })),
    verdict: {
      passed: report.verdict.passed,
      reasons: condenseReasons(report.verdict.reasons, tier),
      warnings: condenseReasons(report.verdict.warnings, tier),
    },
    publication: published && !atLeast(tier, 'no-files') ? { status: 'published' } : report.publication,
    diagnostics: [],
  }
}

/** Maximum tags of an add-on. */
const mostTags = 40

const epoch = '1970-01-01T00:00:00.000Z'

const logLines: Readonly<Record<Tier, number>> = { all: 20, 'no-files': 20, changed: 8, verdict: 0 }

/** Whether a tier shows at least as much as another one. */
const atLeast = (tier: Tier, least: Tier): boolean => tiers.indexOf(tier) <= tiers.indexOf(least)

function condenseReasons(reasons: readonly Reason[], tier: Tier): readonly Reason[] {
  const most = tier === 'verdict' ? 20 : 200
  return reasons.slice(0, most).map(({ gate, addon, architecture, message, where }) => ({
    gate,
    message: shorten(message, tier === 'verdict' ? 200 : 700),
    ...(addon !== undefined && { addon }),
    ...(architecture !== undefined && { architecture }),
    ...(where && { where }),
  }))
}

function condenseTarget(target: TargetReport, tier: Tier, published: boolean): TargetReport {
  const { addon, architecture, platform, image, tags, smoke, size, sizeError, audit } = target
  const shown = published && target.published !== undefined && atLeast(tier, 'changed')
  return {
    ...{ addon, architecture, platform, image: shown ? image : '', tags: shown ? tags : [] },
    build: condenseBuild(target.build, tier),
    ...(smoke && { smoke: condenseSmoke(smoke, tier) }),
    ...(size && { size: condenseSize(size, tier) }),
    ...(sizeError !== undefined && { sizeError: shorten(sizeError, 200) }),
    ...(audit && atLeast(tier, 'no-files') && { audit: audit.slice(0, 60) }),
    ...(shown && { published: noDigest }),
  }
}

function condenseBuild(build: TargetReport['build'], tier: Tier): TargetReport['build'] {
  const { durationMs, emulated } = build
  if (build.status !== 'built') {
    const { status, reason, where, log } = build
    return {
      ...{ status, durationMs, emulated, reason: shorten(reason, 400), log: tail(log, logLines[tier]) },
      ...(where && { where }),
    }
  }
  // Cached and quick steps are not shown. The others are also kept for native builds, because emulated steps are compared with them.
  const shown = atLeast(tier, 'no-files')
  const steps = build.steps.filter(({ cached, durationMs: took }) => shown && !cached && took >= 1000)
  return {
    ...{ status: 'built', durationMs, emulated, configDigest: noDigest, manifestDigest: noDigest },
    steps: steps.slice(0, 60).map((step) => ({ ...step, name: shorten(step.name, 200) })),
    cache: build.cache,
    warnings: [],
  }
}

function tail(lines: readonly string[], most: number): readonly string[] {
  const all = lines.flatMap((line) => line.split('\n'))
  return all.slice(Math.max(0, all.length - most)).map((line) => shorten(line, 400))
}

function condenseSmoke(smoke: SmokeResult, tier: Tier): SmokeResult {
  const { status, durationMs, timeToHealthyMs, checks, diagnostics, evidence, failedTries } = smoke
  const lines = logLines[tier]
  const shown = (status === 'failed' || failedTries !== undefined) && lines > 0
  return {
    ...{ status, readiness: '', reason: '', durationMs },
    ...(failedTries && {
      failedTries: failedTries.map((one) => ({
        reason: shorten(one.reason, 400),
        ...(shown && one.evidence && { evidence: condenseEvidence(one.evidence, lines) }),
      })),
    }),
    ...(timeToHealthyMs !== undefined && { timeToHealthyMs }),
    checks: checks
      .filter((check) => shown && check.status === 'fail')
      .slice(0, 20)
      .map(({ name, reason }) => ({ name, status: 'fail', reason: shorten(reason, 400) })),
    ...(shown && diagnostics && { diagnostics: diagnostics.filter(isError).slice(0, 20) }),
    ...(shown && evidence && { evidence: condenseEvidence(evidence, lines) }),
  }
}

const condenseEvidence = (evidence: Evidence, lines: number): Evidence => ({
  ...{ state: evidence.state, outOfMemory: evidence.outOfMemory, emulated: evidence.emulated, image: '' },
  probes: evidence.probes
    .filter(({ exitCode }) => exitCode !== 0)
    .slice(-2)
    .map((probe) => ({ ...probe, output: shorten(probe.output, 400) })),
  stdout: tail(evidence.stdout, Math.ceil(lines / 2)),
  stderr: tail(evidence.stderr, lines),
  ...{ diff: [], supervisorCalls: [], reproduce: shorten(evidence.reproduce, 400) },
})

function condenseSize(size: SizeResult, tier: Tier): SizeResult {
  const { measure, baseline, noBaseline, comparison, budgets } = size
  const details = tier === 'all'
  const lists = details ? 8 : 0
  const changes = { all: 5, 'no-files': 5, changed: 1, verdict: 0 }[tier]
  return {
    measure: details ? condenseMeasure(measure, (comparison?.packages ?? []).length === 0) : bareMeasure(measure),
    budgets: tier === 'verdict' ? [] : budgets.slice(0, 10),
    ...(baseline &&
      tier !== 'verdict' && {
        baseline: {
          ...baseline,
          measure: {
            ...bareMeasure(baseline.measure),
            manifestDigest: baseline.measure.manifestDigest,
            layers: details ? layersInCommon(baseline.measure, measure) : [],
          },
        },
      }),
    ...(noBaseline !== undefined && details && { noBaseline }),
    ...(comparison && {
      comparison: {
        ...comparison,
        caveats: details ? comparison.caveats.slice(0, 10) : [],
        changes: comparison.changes.slice(0, changes).map((change) => shorten(change, 420)),
        ...(comparison.packages && { packages: comparison.packages.slice(0, lists) }),
        ...(comparison.folders && { folders: comparison.folders.slice(0, lists) }),
      },
    }),
  }
}

/** Sizes alone. */
const bareMeasure = ({ method, download, onDisk }: ImageMeasure): ImageMeasure => ({
  ...{ method, manifestDigest: noDigest, configDigest: noDigest, download, onDisk, layers: [] },
})

function condenseMeasure(measure: ImageMeasure, withPackages: boolean): ImageMeasure {
  const { layers, base, contents } = measure
  return {
    ...bareMeasure(measure),
    layers: layers.map((layer) => ({
      ...{ ...layer, digest: noDigest, mediaType: '' },
      ...(layer.createdBy !== undefined && { createdBy: shorten(layer.createdBy, 300) }),
    })),
    ...(base && { base }),
    ...(contents && {
      contents: {
        ...{ merged: contents.merged, hidden: contents.hidden, files: contents.files },
        waste: largest(contents.waste),
        ...{ largestFiles: [], folders: [] },
        packages: withPackages ? largest(contents.packages) : [],
      },
    }),
  }
}

const largest = <T extends { readonly bytes: number }>(all: readonly T[]): readonly T[] =>
  all.toSorted((a, b) => b.bytes - a.bytes).slice(0, 8)

/** The layers that both images have, but at least one: no layer at all would mean that nothing was compared. */
function layersInCommon(before: ImageMeasure, after: ImageMeasure): ImageMeasure['layers'] {
  const ours = new Set(after.layers.map(({ diffId }) => diffId))
  const common = before.layers.filter(({ diffId }) => ours.has(diffId))
  return (common.length > 0 ? common : before.layers.slice(0, 1)).map(({ diffId, compression }) => ({
    ...{ digest: noDigest, diffId, mediaType: '', compression, download: 0, onDisk: { bytes: 0 } },
  }))
}

const condenseContext = (context: ContextReport): ContextReport => ({
  ...context,
  exclude: context.exclude.slice(0, 20),
  largestFiles: context.largestFiles.slice(0, 5),
})
