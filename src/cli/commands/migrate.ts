import { workspaceFiles } from '../../addon/files.ts'
import { migrate as planMigration } from '../../addon/migrate/migrate.ts'
import type { Change } from '../../addon/migrate/migration.ts'
import { patchOf } from '../../addon/migrate/patch.ts'
import { Failure, isError } from '../../core/diagnostics.ts'
import type { Host } from '../../core/host.ts'
import { readInputs } from '../../inputs/read-inputs.ts'
import { Refused, removeInside, writeInside } from '../../platform/workspace-path.ts'
import type { CommandLine } from '../arguments.ts'
import { inputFailure, withExitCode } from './exit-code.ts'

/** `migrate [FOLDER…] [--write]`: prints the patch that moves add-ons off build.yaml, or applies it. */
export function migrate({ text, given, write }: CommandLine, host: Host): Promise<number> {
  return withExitCode(host, async () => {
    const { options, diagnostics: inputProblems } = await readInputs(text, { ...host, given })
    if (options === undefined) throw new Failure('input', inputProblems)
    const { changes, diagnostics } = await planMigration(options, workspaceFiles(host.workspace))
    for (const diagnostic of diagnostics) host.log.report(diagnostic)
    for (const change of changes) {
      if (write) await apply(change, host.workspace)
      host.log.info(write ? `${change.after === undefined ? 'removed' : 'changed'} ${change.file}` : patchOf(change))
    }
    if (changes.length === 0 && !diagnostics.some(isError)) host.log.info('Nothing to move.')
    return diagnostics.some(isError) ? 2 : 0
  })
}

async function apply({ file, after }: Change, workspace: string): Promise<void> {
  try {
    if (after === undefined) await removeInside(workspace, file)
    else await writeInside(workspace, file, after)
  } catch (thrown) {
    if (!(thrown instanceof Refused)) throw thrown
    const remedy = 'Remove the link and try again, or run without "--write" and apply the printed patch.'
    throw inputFailure('migrate/not-written', `Not changed: ${thrown.message}`, remedy, { file, line: 1, column: 1 })
  }
}
