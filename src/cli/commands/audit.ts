import { join } from 'node:path'
import type { Finding } from '../../audit/finding.ts'
import { openAudit } from '../../audit/open.ts'
import { formatBytes } from '../../core/bytes.ts'
import type { Host } from '../../core/host.ts'
import { count } from '../../core/text.ts'
import { readInputs } from '../../inputs/read-inputs.ts'
import { knownNames } from '../../pipeline/known-names.ts'
import { loadPlan } from '../../pipeline/load-plan.ts'
import { buildOnly } from '../../plan/build-only.ts'
import type { Plan } from '../../plan/plan.ts'
import type { SharedFinding } from '../../report/markdown/audit.ts'
import { sarifOf } from '../../report/sarif.ts'
import { tryToWrite } from '../../report/write.ts'
import type { CommandLine } from '../arguments.ts'
import { withExitCode } from './exit-code.ts'

/**
 * `audit FOLDER…`: checks Dockerfiles and build contexts without a build and without Docker. Errors that only stop a build,
 * such as an unknown base image, are warnings here.
 * Writes `report.sarif` if `--report-path` is given. Returns 1 with `--audit fail` and an error or a warning.
 */
export function audit({ text, given }: CommandLine, host: Host): Promise<number> {
  const work = async (): Promise<number> => {
    const inputs = await readInputs(text, {
      workspace: host.workspace,
      environment: host.environment,
      given,
      ...knownNames,
    })
    const { plan, options } = await loadPlan(inputs, host, { tolerated: buildOnly })
    if (options.audit === 'off') {
      host.log.info('The audit is off.')
      return 0
    }
    for (const diagnostic of plan.diagnostics) if (buildOnly.has(diagnostic.code)) host.log.report(diagnostic)
    const findings = await auditAll(plan, openAudit(options, host))
    for (const finding of findings) host.log.report(diagnosticOf(finding))
    host.log.info(summaryOf(findings, plan))
    if (options.reportPath !== undefined) {
      const file = join(options.reportPath, 'report.sarif')
      const refused = await tryToWrite(host.workspace, file, sarifOf(findings))
      if (refused) host.log.report(refused)
    }
    return options.audit === 'fail' && findings.some(({ severity }) => severity !== 'notice') ? 1 : 0
  }
  return withExitCode(host, work)
}

/** Each finding once, with all images that it is about. */
async function auditAll(plan: Plan, auditTarget: ReturnType<typeof openAudit>): Promise<readonly SharedFinding[]> {
  const shared = new Map<string, { finding: Finding; images: string[] }>()
  for (const target of plan.addons.flatMap(({ targets }) => targets)) {
    for (const finding of await auditTarget(target)) {
      const key = JSON.stringify([target.addon, finding.rule, finding.message, finding.where])
      const known = shared.get(key)
      if (known) known.images.push(target.id)
      else shared.set(key, { finding, images: [target.id] })
    }
  }
  return [...shared.values()].map(({ finding, images }) => ({ ...finding, images }))
}

const diagnosticOf = ({ rule, severity, message, fix, where, bytes }: SharedFinding) => ({
  severity,
  code: `audit/${rule}`,
  message: `${message}${bytes === undefined ? '' : ` (${formatBytes(bytes)})`}`,
  remedy: fix,
  ...(where && { where }),
})

function summaryOf(findings: readonly SharedFinding[], plan: Plan): string {
  const targets = plan.addons.flatMap(({ targets: all }) => all).length
  const counts = (['error', 'warning', 'notice'] as const).flatMap((severity) => {
    const number = findings.filter((finding) => finding.severity === severity).length
    return number === 0 ? [] : [count(number, severity)]
  })
  return `Audit of ${count(targets, 'image')}, before a build: ${counts.join(', ') || 'no findings'}.`
}
