import { type Diagnostic, Failure, isError } from '../core/diagnostics.ts'
import type { GateAction, Options } from '../inputs/options.ts'
import { reasonsOf } from '../report/model/make-report.ts'
import type { Reason, TargetReport, Verdict } from '../report/model/report.ts'
import { byGate } from '../report/model/report.ts'
import type { TargetOutcome } from './target-outcome.ts'

type GateOptions = Pick<Options, 'sizeGate' | 'audit'> & Partial<Pick<Options, 'versionGate'>>

/** A label with this name on the pull request accepts a size over its limit. */
const sizeLabel = 'size-ok'

interface VerdictContext {
  /** Labels of the pull request. */
  readonly labels?: readonly string[] | undefined
  /** Problems of the result files in `mode: publish`. If one is an error, nothing is published. */
  readonly problems?: readonly Diagnostic[]
  /** What the version gate found. */
  readonly versions?: readonly Reason[] | undefined
}

/**
 * Decides whether the images may be published. Pure.
 * Every target is judged, so that one report names all problems; one failed target is enough to hold back all.
 */
export function decideVerdict(
  outcomes: Iterable<TargetOutcome>,
  options: GateOptions,
  { labels = [], problems = [], versions = [] }: VerdictContext = {},
): Verdict {
  const reasons: Reason[] = []
  const warnings: Reason[] = []
  for (const outcome of outcomes) {
    if (outcome.status !== 'tested') reasons.push(...outcome.reasons)
    for (const [gate, reason] of gatesOf(outcome.report, options, labels)) {
      if (gate !== 'off') (gate === 'fail' ? reasons : warnings).push(reason)
    }
  }
  if (options.versionGate !== 'off') (options.versionGate === 'fail' ? reasons : warnings).push(...versions)
  const unusable = problems.some(isError) ? reasonsOf(new Failure('artifact', problems)) : []
  return {
    passed: unusable.length + reasons.length === 0,
    reasons: [...unusable, ...reasons.toSorted(byGate)],
    warnings: warnings.toSorted(byGate),
  }
}

type GatedReason = readonly [GateAction, Reason]

/** What the gates find in the results of one image. */
function* gatesOf(report: TargetReport, options: GateOptions, labels: readonly string[]): Generator<GatedReason> {
  const { addon, architecture, build, smoke, size, audit = [] } = report
  if (build.status !== 'built') return
  const reasonWith = (gate: GateAction, name: Reason['gate'], message: string): GatedReason => [
    gate,
    { gate: name, addon, architecture, message },
  ]
  for (const { name, status, reason } of smoke?.checks ?? []) {
    if (status === 'warn') yield reasonWith('warn', 'smoke', `${name}: ${reason}`)
  }
  const isAllowed = options.sizeGate === 'fail' && labels.includes(sizeLabel)
  const because = isAllowed ? ` The label ${sizeLabel} lets it pass.` : ''
  for (const { over, unjudged, message } of size?.budgets ?? []) {
    if (over) yield reasonWith(isAllowed ? 'warn' : options.sizeGate, 'size', `${message}${because}`)
    else if (unjudged !== undefined && options.sizeGate !== 'off') yield reasonWith('warn', 'size', message)
  }
  for (const { severity, rule, message } of audit) {
    if (severity !== 'notice') yield reasonWith(options.audit, 'audit', `${rule}: ${message}`)
  }
}
