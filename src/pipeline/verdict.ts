import type { Gate, Options } from '../inputs/options.ts'
import { byGate } from '../report/model/reason-order.ts'
import type { Reason, TargetReport, Verdict } from '../report/model/report.ts'

type GateOptions = Pick<Options, 'sizeGate' | 'audit'>

/** A label of this name on the pull request says: the growth is known and wanted. */
export const sizeLabel = 'size-ok'

/**
 * Whether the images may be published. Pure.
 * Every architecture is judged, so that one report names all that is wrong; one that fails is enough to hold back all.
 */
export function decideVerdict(
  targets: readonly TargetReport[],
  options: GateOptions,
  labels: readonly string[] = [],
): Verdict {
  const reasons: Reason[] = []
  const warnings: Reason[] = []
  const put = (gate: Gate, target: TargetReport, what: Reason['gate'], message: string, remedy?: string): void => {
    if (gate === 'off') return
    const { addon, architecture } = target
    const reason = { gate: what, addon, architecture, message, ...(remedy && { remedy }) }
    ;(gate === 'fail' ? reasons : warnings).push(reason)
  }
  const allowed = options.sizeGate === 'fail' && labels.includes(sizeLabel)
  const sizeGate: Gate = allowed ? 'warn' : options.sizeGate
  const because = allowed ? ` The label ${sizeLabel} lets it pass.` : ''
  for (const target of targets) {
    const { build, smoke, size, sizeError, audit } = target
    if (build.status !== 'built') {
      const what = build.status === 'cancelled' ? 'cancelled' : build.environment ? 'environment' : 'build'
      put('fail', target, what, build.reason, build.remedy)
      continue
    }
    if (smoke?.status === 'failed') put('fail', target, 'smoke', smoke.reason)
    for (const { name, reason } of smoke?.checks.filter(({ status }) => status === 'warn') ?? []) {
      put('warn', target, 'smoke', `${name}: ${reason}`)
    }
    // Without the size of the new image no budget means anything, so that is never a pass.
    if (sizeError !== undefined) put('fail', target, 'measure', sizeError)
    for (const { over, unjudged, message } of size?.budgets ?? []) {
      if (over) put(sizeGate, target, 'size', `${message}${because}`)
      else if (unjudged !== undefined && options.sizeGate !== 'off') put('warn', target, 'size', message)
    }
    const worst = audit?.filter(({ severity }) => severity !== 'notice') ?? []
    for (const { rule, message } of worst) put(options.audit, target, 'audit', `${rule}: ${message}`)
  }
  return { passed: reasons.length === 0, reasons: reasons.toSorted(byGate), warnings: warnings.toSorted(byGate) }
}
