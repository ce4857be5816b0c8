import { type Diagnostic, warning } from '../../core/diagnostics.ts'
import { type Files, joinPath } from '../files.ts'
import { readText } from '../yaml/text.ts'
import type { Migration } from './migration.ts'
import { sourceText } from './source-text.ts'
import { migrateWorkflow } from './workflow.ts'

/** The value of `uses` in migrated steps. */
const thisAction = 'org/aicleaner-build@v1'

/** The changes of all workflows, and of the repository's composite actions, which have steps as well. */
export async function migrateWorkflows(files: Files): Promise<Migration> {
  const changed = await Promise.all(
    (await workflowFiles(files)).map(async (file): Promise<Migration> => {
      const before = await sourceText(file, files)
      if (before === undefined) return { changes: [], diagnostics: await unread(file, files) }
      const { text: after, diagnostics } = migrateWorkflow(before, file, thisAction)
      return { changes: after === before ? [] : [{ file, before, after }], diagnostics }
    }),
  )
  return {
    changes: changed.flatMap(({ changes }) => changes),
    diagnostics: changed.flatMap(({ diagnostics }) => diagnostics),
  }
}

/** Why a file cannot be read. It may use the retired action, so this is reported. */
async function unread(file: string, files: Files): Promise<readonly Diagnostic[]> {
  const read = await readText(file, files)
  if (read === undefined || !('diagnostic' in read)) return []
  const { message, remedy, where } = read.diagnostic
  return [warning('migrate/workflow-kept', `The file is not checked: ${message}`, remedy, where)]
}

async function workflowFiles(files: Files): Promise<readonly string[]> {
  const list = async (folder: string) => {
    const entries = await files.list(folder)
    return entries === undefined || entries === 'outside' ? [] : entries
  }
  const yaml = (entries: Awaited<ReturnType<typeof list>>, folder: string, names: RegExp) =>
    entries.flatMap(({ name, kind }) => (kind === 'file' && names.test(name) ? [joinPath(folder, name)] : []))
  const actions = (await list('.github/actions')).filter(({ kind }) => kind === 'folder')
  return [
    ...yaml(await list('.github/workflows'), '.github/workflows', /\.ya?ml$/),
    ...(
      await Promise.all(
        actions.map(async ({ name }) => {
          const folder = joinPath('.github/actions', name)
          return yaml(await list(folder), folder, /^action\.ya?ml$/)
        }),
      )
    ).flat(),
  ]
}
