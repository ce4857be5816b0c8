import * as v from 'valibot'
import { architectures, platformOf } from '../../core/architecture.ts'
import {
  architecture,
  bytes,
  dateTime,
  digest,
  flag,
  integer,
  layerIndex,
  listOf,
  milliseconds,
  number,
  signedBytes,
  text,
  whole,
} from '../../core/schema.ts'
import { modes } from '../../inputs/options.ts'
import { contents, entry, installedPackage, manager, measure, size, tree } from '../../size/measure-schema.ts'
import { gates } from './report.ts'

const onlyTrue = v.exactOptional(v.literal(true))
const optionalText = v.exactOptional(text)
const optionalBytes = v.exactOptional(bytes)
const optionalDigest = v.exactOptional(digest)
const optionalMilliseconds = v.exactOptional(milliseconds)
const optionalLayer = v.exactOptional(layerIndex)

const severity = v.picklist(['error', 'warning', 'notice'])
const fromOne = v.pipe(whole, v.description('From 1.'))
const place = v.object({ file: text, line: fromOne, column: fromOne })
const optionalPlace = v.exactOptional(place)
export const diagnostic = v.object({ severity, code: text, message: text, remedy: text, where: optionalPlace })

const reason = v.object({
  gate: v.picklist(gates),
  message: text,
  addon: optionalText,
  architecture: v.exactOptional(architecture),
  remedy: optionalText,
  where: optionalPlace,
})

const change = v.object({
  before: size,
  after: size,
  bytes: v.exactOptional(signedBytes),
  percent: v.exactOptional(v.pipe(number, v.description('Hundredths: 5.2 is 5.2 %.'))),
})

const comparison = v.object({
  identical: flag,
  download: change,
  onDisk: change,
  update: size,
  caveats: listOf(text),
  changes: listOf(text),
  base: v.exactOptional(change),
  own: v.exactOptional(change),
  packages: v.exactOptional(
    listOf(
      v.object({
        manager,
        name: text,
        bytes: signedBytes,
        before: optionalText,
        after: optionalText,
        layer: optionalLayer,
      }),
    ),
  ),
  folders: v.exactOptional(
    listOf(v.object({ path: text, bytes: signedBytes, before: bytes, after: bytes, layer: optionalLayer })),
  ),
})

const sizeResult = v.object({
  measure,
  budgets: listOf(
    v.object({
      budget: v.picklist(['max-size', 'max-increase']),
      limit: text,
      actualBytes: signedBytes,
      over: flag,
      message: text,
      limitBytes: v.exactOptional(number),
      layers: v.exactOptional(v.literal('own')),
      unjudged: optionalText,
    }),
  ),
  baseline: v.exactOptional(
    v.object({
      source: v.picklist(['registry', 'cache', 'file']),
      reference: text,
      measure,
      commit: optionalText,
      chosen: optionalText,
    }),
  ),
  noBaseline: optionalText,
  comparison: v.exactOptional(comparison),
})

const evidence = v.object({
  state: text,
  outOfMemory: flag,
  probes: listOf(v.object({ at: number, durationMs: milliseconds, exitCode: integer, output: text })),
  stdout: listOf(text),
  stderr: listOf(text),
  diff: listOf(text),
  supervisorCalls: listOf(text),
  reproduce: text,
  image: text,
  emulated: flag,
  exitCode: v.exactOptional(integer),
})

const smoke = v.object({
  status: v.picklist(['passed', 'failed', 'skipped']),
  readiness: text,
  reason: text,
  durationMs: milliseconds,
  checks: listOf(
    v.object({
      name: text,
      status: v.picklist(['pass', 'warn', 'fail', 'skip']),
      reason: text,
      durationMs: optionalMilliseconds,
    }),
  ),
  timeToHealthyMs: optionalMilliseconds,
  peakMemoryBytes: optionalBytes,
  diagnostics: v.exactOptional(listOf(diagnostic)),
  evidence: v.exactOptional(evidence),
  failedTries: v.exactOptional(listOf(v.object({ reason: text, evidence: v.exactOptional(evidence) }))),
})

const build = v.pipe(
  v.variant('status', [
    v.object({
      status: v.literal('built'),
      durationMs: milliseconds,
      emulated: flag,
      configDigest: digest,
      manifestDigest: digest,
      steps: listOf(v.object({ name: text, durationMs: milliseconds, cached: flag })),
      cache: v.object({ hits: whole, total: whole }),
      warnings: listOf(diagnostic),
      disks: v.exactOptional(
        listOf(v.object({ folder: text, totalBytes: bytes, freeBefore: bytes, freeAfter: bytes })),
      ),
    }),
    v.object({
      status: v.picklist(['failed', 'cancelled']),
      durationMs: milliseconds,
      emulated: flag,
      reason: text,
      log: listOf(text),
      where: optionalPlace,
      remedy: optionalText,
      environment: v.exactOptional(flag),
    }),
  ]),
  v.description('How building one image ended.'),
)

const finding = v.object({
  rule: text,
  severity,
  message: text,
  fix: text,
  link: optionalText,
  where: optionalPlace,
  bytes: optionalBytes,
})

const amount = v.object({ files: whole, bytes })
export const context = v.object({
  folder: text,
  dockerfile: text,
  before: amount,
  after: amount,
  exclude: listOf(v.object({ pattern: text, reason: text, files: whole, bytes })),
  largestFiles: listOf(entry),
  ignoreFile: optionalText,
})

export const target = v.object({
  addon: text,
  architecture,
  platform: v.picklist(architectures.map(platformOf)),
  image: text,
  tags: listOf(text),
  build,
  smoke: v.exactOptional(smoke),
  size: v.exactOptional(sizeResult),
  sizeError: optionalText,
  audit: v.exactOptional(listOf(finding)),
  attestation: optionalDigest,
  published: optionalDigest,
})

const addon = v.object({
  slug: text,
  name: text,
  folder: text,
  version: text,
  targets: listOf(target),
  contexts: v.exactOptional(listOf(context)),
  manifest: v.exactOptional(v.object({ image: text, tags: listOf(text), digest: optionalDigest })),
  tags: v.exactOptional(listOf(v.object({ image: text, tag: text, digest, multiArch: onlyTrue, kept: onlyTrue }))),
})

/** `report.json`, version 1. Fields may be added within a version; none is removed or changes its meaning. */
export const reportSchema = v.object({
  schemaVersion: v.literal(1),
  tool: v.object({ name: v.literal('aicleaner-build'), version: text }),
  run: v.object({
    mode: v.picklist(modes),
    event: text,
    repository: text,
    ref: text,
    sha: text,
    workflow: text,
    runId: text,
    runAttempt: whole,
    url: text,
    startedAt: dateTime,
    finishedAt: dateTime,
    headSha: optionalText,
    pullRequest: v.exactOptional(whole),
    baseRef: optionalText,
    baseSha: optionalText,
  }),
  addons: listOf(addon),
  verdict: v.object({ passed: flag, reasons: listOf(reason), warnings: listOf(reason) }),
  publication: v.pipe(
    v.variant('status', [
      v.object({ status: v.literal('published'), verify: v.exactOptional(listOf(text)) }),
      v.object({ status: v.literal('not-published'), reason: text }),
    ]),
    v.description('Whether anything was pushed.'),
  ),
  diagnostics: listOf(diagnostic),
})

/** The parts that have a name in docs/report.schema.json. */
export const definitions = {
  ...{ architecture, digest, size, place, diagnostic, reason, change, tree, entry, package: installedPackage, manager },
  ...{ contents, measure, size_result: sizeResult, smoke, build, finding, amount, context, target, addon },
}
