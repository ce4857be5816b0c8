import { shorten } from '../../core/text.ts'
import type { Report } from './report.ts'

/**
 * How each field of a report from a pull request is sanitized, because code of the pull request wrote it:
 *
 * - Numbers, digests and words from a fixed list are kept, as the schema has checked them. Numbers are limited to what can be shown.
 * - Names, sentences and log lines are cut. They are rendered as text, without links and mentions.
 * - Dropped is everything that a reader would follow: links, commits (they become links), remedies, fixes, patterns to add to a file, and the
 *   command that repeats a test.
 * - Dropped is everything that only GitHub can vouch for: the run, the commit, the pull request, and whether anything was published.
 *
 * A field that is not listed is dropped. The report has passed `readReport`, so each field has its type.
 */
type Rule = (value: unknown) => unknown

/** Numbers are limited to this, positive or negative: a petabyte in bytes, or thirty thousand years in milliseconds. */
const largest = 1e15
const figure: Rule = (value) => Math.max(-largest, Math.min(largest, Number(value)))
/** For a flag, a word of a list or a digest: the schema has checked it. */
const checked: Rule = (value) => value
/** Drops a text. The schema requires one, so it becomes empty. */
const noText: Rule = () => ''
const noList: Rule = () => []

const text =
  (most: number): Rule =>
  (value) =>
    shorten(String(value), most).toWellFormed()

const list =
  (most: number, rule: Rule): Rule =>
  (value) =>
    (value as readonly unknown[]).slice(0, most).map(rule)

/** Keeps the last lines of a log, which show what happened. */
const end =
  (most: number, rule: Rule): Rule =>
  (value) =>
    (value as readonly unknown[]).slice(-most).map(rule)

const fields =
  (rules: Readonly<Record<string, Rule>>): Rule =>
  (value) =>
    Object.fromEntries(
      Object.entries(rules)
        .filter(([name]) => Object.hasOwn(value as object, name))
        .map(([name, rule]) => [name, rule((value as Record<string, unknown>)[name])]),
    )

const name = text(100)
const path = text(200)
const sentence = text(400)
const log = end(60, sentence)

const place = fields({ file: path, line: figure, column: figure })
const size = fields({ bytes: figure, unknown: text(100) })
const change = fields({ before: size, after: size, bytes: figure, percent: figure })
const amount = fields({ files: figure, bytes: figure })
const entry = fields({ path, bytes: figure })
const reasons = list(
  100,
  fields({ gate: checked, message: sentence, addon: name, architecture: checked, where: place }),
)

const contents = fields({
  ...{ merged: figure, hidden: figure, files: figure },
  waste: list(50, fields({ path, bytes: figure, reason: checked, writtenBy: figure, hiddenBy: figure, files: figure })),
  largestFiles: noList,
  folders: noList,
  packages: list(50, fields({ manager: checked, name, version: name, bytes: figure, layer: figure })),
})

const measure = fields({
  ...{ method: checked, manifestDigest: checked, configDigest: checked, download: figure, onDisk: size },
  layers: list(
    200,
    fields({
      ...{ digest: checked, diffId: checked, mediaType: name, compression: checked, download: figure, onDisk: size },
      ...{ createdBy: path, line: figure },
    }),
  ),
  base: fields({ reference: noText, layers: figure }),
  contents,
})

const sizeResult = fields({
  measure,
  budgets: list(
    10,
    fields({
      ...{ budget: checked, limit: text(40), limitBytes: figure, actualBytes: figure, over: checked },
      ...{ message: sentence, layers: checked, unjudged: sentence },
    }),
  ),
  baseline: fields({ source: checked, reference: path, measure, chosen: sentence }),
  noBaseline: sentence,
  comparison: fields({
    ...{ identical: checked, download: change, onDisk: change, update: size, base: change, own: change },
    caveats: list(10, sentence),
    changes: list(20, sentence),
    packages: list(20, fields({ manager: checked, name, bytes: figure, before: name, after: name, layer: figure })),
    folders: list(20, fields({ path, bytes: figure, before: figure, after: figure, layer: figure })),
  }),
})

const evidence = fields({
  ...{ state: name, exitCode: figure, outOfMemory: checked, emulated: checked },
  probes: end(5, fields({ at: figure, durationMs: figure, exitCode: figure, output: sentence })),
  ...{ stdout: log, stderr: log, diff: noList, supervisorCalls: noList, reproduce: noText, image: noText },
})

const smoke = fields({
  ...{ status: checked, readiness: name, reason: sentence, durationMs: figure },
  ...{ timeToHealthyMs: figure, peakMemoryBytes: figure },
  checks: list(50, fields({ name, status: checked, reason: sentence, durationMs: figure })),
  diagnostics: list(20, fields({ severity: checked, code: name, message: sentence, remedy: noText, where: place })),
  evidence,
  failedTries: list(5, fields({ reason: sentence, evidence })),
})

const build = fields({
  ...{ status: checked, durationMs: figure, emulated: checked },
  ...{ configDigest: checked, manifestDigest: checked },
  steps: list(200, fields({ name: path, durationMs: figure, cached: checked })),
  cache: fields({ hits: figure, total: figure }),
  warnings: noList,
  ...{ reason: sentence, log, where: place },
})

const target = fields({
  ...{ addon: name, architecture: checked, platform: checked, image: noText, tags: noList },
  ...{ build, smoke, size: sizeResult, sizeError: sentence },
  audit: list(
    50,
    fields({ rule: name, severity: checked, message: sentence, fix: noText, where: place, bytes: figure }),
  ),
})

const report = fields({
  schemaVersion: checked,
  tool: fields({ name: checked, version: name }),
  run: fields({ mode: checked, startedAt: checked, finishedAt: checked }),
  addons: list(
    100,
    fields({
      ...{ slug: name, name, folder: path, version: name },
      targets: list(8, target),
      contexts: list(
        8,
        fields({
          ...{ folder: path, dockerfile: path, ignoreFile: path, before: amount, after: amount, exclude: noList },
          largestFiles: list(5, entry),
        }),
      ),
    }),
  ),
  verdict: fields({ passed: checked, reasons, warnings: reasons }),
  diagnostics: noList,
})

/** The fields of a run that GitHub vouches for. */
type TrustedRun = Pick<Report['run'], 'repository' | 'runId' | 'runAttempt' | 'url' | 'headSha' | 'pullRequest'>

/** The report with only what may be shown, and with the run that GitHub vouches for. */
export function sanitizeReport(from: Report, trusted: TrustedRun): Report {
  const kept = report(from) as Report
  return {
    ...kept,
    run: { ...kept.run, event: 'pull_request', ref: '', sha: '', workflow: '', ...trusted },
    // A run of a pull request from a fork has no right to push.
    publication: { status: 'not-published', reason: 'A pull request from a fork is never published.' },
  }
}
