import { type Diagnostic, isError, type Severity } from '../core/diagnostics.ts'
import { enumerate } from '../core/text.ts'
import { findingsOf } from './markdown/audit.ts'
import { visible } from './markdown/markdown.ts'
import { imageName, sharedMessage, withoutMeasures } from './markdown/reasons.ts'
import type { Gate, Reason, Report, TargetReport } from './model/report.ts'
import { shortMessage } from './rows.ts'

/** GitHub shows this many annotations of a kind for a step, and silently drops the rest. */
const maxAnnotations = 10

const remedies: Partial<Record<Gate, string>> = {
  build: 'See the end of the build log in the report.',
  smoke: 'See the container output in the report, and the command that reproduces the test.',
  size: 'See in the report what grew. If the growth is intended, raise the budget or label the pull request "size-ok".',
  audit: 'The report lists a fix for each finding.',
  version: 'Raise "version" in config.yaml. The Supervisor offers an update only if the version changes.',
  pull: 'Make the package public in the settings of the registry.',
  measure: 'Without a measurement, the size cannot be checked.',
  publish: 'No tag points to an incomplete result. Run the job again when the registry is available.',
}

/**
 * Why the run failed or warns, and findings of the audit and of Docker's build checks, at the code. Most severe first, one for all
 * architectures, at most ten of a kind. Diagnostics of the plan were shown when they were found.
 */
export function annotations(report: Report): readonly Diagnostic[] {
  const { verdict } = report
  const targets = report.addons.flatMap((addon) => addon.targets)
  const found = [
    ...verdict.reasons.map((reason) => annotationOf(report, reason, 'error')),
    // A warning of the audit is a finding below, at its line.
    ...verdict.warnings.filter(({ gate }) => gate !== 'audit').map((reason) => annotationOf(report, reason, 'warning')),
    // The first error is shown as the reason of the verdict, at its own line.
    ...targets.flatMap(({ smoke: { diagnostics = [] } = {}, architecture }) =>
      diagnostics
        .filter((diagnostic) => diagnostic !== diagnostics.find(isError))
        .map((diagnostic) => ({ diagnostic, architecture })),
    ),
    ...targets.flatMap(({ build, architecture, audit }) =>
      // With an audit, its findings include the build checks.
      build.status === 'built' && audit === undefined
        ? build.warnings.map((diagnostic) => ({ diagnostic, architecture }))
        : [],
    ),
    ...findingsOf(report)
      // If the audit is a gate, its errors are already reasons of the verdict.
      .map(({ rule, severity, message, fix, where, images }) => ({
        diagnostic: { severity, code: `audit/${rule}`, message, remedy: fix, ...(where && { where }) } as const,
        architecture: enumerate(images.map((image) => image.split('/').at(-1) ?? image)),
      })),
  ]
  return (['error', 'warning', 'notice'] as const).flatMap((severity) => atMost(merged(found, severity), severity))
}

interface Annotation {
  readonly diagnostic: Diagnostic
  /** Empty if the reason is not about one image. */
  readonly architecture: string
}

function annotationOf(report: Report, reason: Reason, severity: Severity): Annotation {
  const target = report.addons
    .flatMap(({ targets }) => targets)
    .find(({ addon, architecture }) => addon === reason.addon && architecture === reason.architecture)
  const where = reason.where ?? locationOf(reason, target)
  const diagnostic: Diagnostic = {
    severity,
    code: `gate/${reason.gate}`,
    message: visible(shortMessage(reason)),
    remedy: reason.remedy ?? remedies[reason.gate] ?? '',
    ...(where && { where }),
  }
  return { diagnostic, architecture: imageName(reason, report.addons.length > 1) }
}

function locationOf(reason: Reason, target: TargetReport | undefined): Diagnostic['where'] {
  if (reason.gate === 'build' && target?.build.status === 'failed') return target.build.where
  const option = reason.gate === 'smoke' ? target?.smoke?.diagnostics?.find(isError) : undefined
  return option && reason.message.includes(option.message) ? option.where : undefined
}

/** One annotation for all architectures with the same message at the same location. */
function merged(found: readonly Annotation[], severity: Severity): readonly Diagnostic[] {
  const groups = Map.groupBy(
    found.filter(({ diagnostic }) => diagnostic.severity === severity),
    ({ diagnostic: { code, message, where } }) => JSON.stringify([code, withoutMeasures(message), where]),
  )
  return [...groups.values()].flatMap((group) => {
    const names = new Set(group.map(({ architecture }) => architecture).filter((name) => name !== ''))
    const message = sharedMessage(group.map(({ diagnostic }) => diagnostic.message))
    const prefix = names.size === 0 ? '' : `${enumerate([...names])}: `
    return group.slice(0, 1).map(({ diagnostic }) => ({ ...diagnostic, message: `${prefix}${message}` }))
  })
}

function atMost(diagnostics: readonly Diagnostic[], severity: Severity): readonly Diagnostic[] {
  if (diagnostics.length <= maxAnnotations) return diagnostics
  // At least two: the last annotation that fits becomes the note about the rest.
  const rest = diagnostics.length - (maxAnnotations - 1)
  const message = `The job summary lists ${rest} more ${severity}s.`
  return [...diagnostics.slice(0, maxAnnotations - 1), { severity, code: 'report/more', message, remedy: '' }]
}
