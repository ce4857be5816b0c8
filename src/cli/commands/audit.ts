import { join } from 'node:path'
import pLimit from 'p-limit'
import { openAudit } from '../../audit/open.ts'
import { formatBytes } from '../../core/bytes.ts'
import type { Host } from '../../core/host.ts'
import { count } from '../../core/text.ts'
import { readInputs } from '../../inputs/read-inputs.ts'
import { knownNames } from '../../pipeline/known-names.ts'
import { loadPlan } from '../../pipeline/load-plan.ts'
import { buildOnly } from '../../plan/build-only.ts'
import { countsOf, findingsOf, type SharedFinding } from '../../report/markdown/audit.ts'
import { sarifOf } from '../../report/sarif.ts'
import { tryToWrite } from '../../report/write.ts'
import type { CommandLine } from '../arguments.ts'
import { withExitCode } from './exit-code.ts'

/** hadolint is a process per Dockerfile, with a deadline. */
const auditsAtOnce = 4

/**
 * `audit FOLDER…`: checks Dockerfiles and build contexts without a build and without Docker. Errors that only stop a build,
 * such as an unknown base image, are warnings here.
 * Writes `report.sarif` if `--report-path` is given. Returns 1 with `--audit fail` and an error or a warning.
 */
export function audit({ text, given }: CommandLine, host: Host): Promise<number> {
  return withExitCode(host, async () => {
    const inputs = await readInputs(text, { ...host, given, ...knownNames })
    const { plan, options } = await loadPlan(inputs, host, { tolerated: buildOnly })
    if (options.audit === 'off') {
      host.log.info('The audit is off.')
      return 0
    }
    for (const diagnostic of plan.diagnostics) if (buildOnly.has(diagnostic.code)) host.log.report(diagnostic)
    const auditTarget = openAudit(options, host)
    const targets = plan.addons.flatMap((addon) => addon.targets)
    const limit = pLimit(auditsAtOnce)
    const audited = await Promise.all(
      targets.map((target) => limit(async () => ({ ...target, audit: await auditTarget(target) }))),
    )
    const findings = findingsOf({ addons: [{ targets: audited }] })
    for (const finding of findings) host.log.report(diagnosticOf(finding))
    host.log.info(`Audit of ${count(targets.length, 'image')}, before a build: ${countsOf(findings) || 'no findings'}.`)
    if (options.reportPath !== undefined) {
      const file = join(options.reportPath, 'report.sarif')
      const refused = await tryToWrite(host.workspace, file, sarifOf(findings))
      if (refused) host.log.report(refused)
    }
    return options.audit === 'fail' && findings.some(({ severity }) => severity !== 'notice') ? 1 : 0
  })
}

const diagnosticOf = ({ rule, severity, message, fix, where, bytes }: SharedFinding) => ({
  severity,
  code: `audit/${rule}`,
  message: `${message}${bytes === undefined ? '' : ` (${formatBytes(bytes)})`}`,
  remedy: fix,
  ...(where && { where }),
})
