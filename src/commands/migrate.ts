import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { workspaceFiles } from '../addon/files.ts'
import { type Change, unifiedDiff } from '../addon/migrate/diff.ts'
import { migrate as planMigration } from '../addon/migrate/migrate.ts'
import type { CommandLine } from '../cli-arguments.ts'
import { Failure, isError } from '../diagnostics.ts'
import type { Host } from '../host.ts'
import { readInputs } from '../inputs.ts'
import { guarded } from './refuse.ts'

/** `migrate [FOLDER…] [--write]`: prints the change that moves add-ons off build.yaml as a patch, or makes it. */
export function migrate({ text, given, write }: CommandLine, host: Host): Promise<number> {
  const work = async (): Promise<number> => {
    const { options, diagnostics: wrong } = await readInputs(text, { workspace: host.workspace, given })
    if (options === undefined) throw new Failure('input', wrong)
    const { changes, diagnostics } = await planMigration(options, workspaceFiles(host.workspace))
    for (const diagnostic of diagnostics) host.log.report(diagnostic)
    for (const change of changes) {
      if (write) await make(change, host.workspace)
      host.log.info(
        write ? `${change.after === undefined ? 'removed' : 'changed'} ${change.file}` : unifiedDiff(change),
      )
    }
    if (changes.length === 0 && !diagnostics.some(isError)) host.log.info('Nothing to move.')
    return diagnostics.some(isError) ? 2 : 0
  }
  return guarded(host, work, () => rm(host.temporary, { recursive: true, force: true }))
}

async function make({ file, after }: Change, workspace: string): Promise<void> {
  const path = join(workspace, file)
  if (after === undefined) return rm(path)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, after)
}
