import { migrateWorkflow } from '../../../src/addon/migrate/workflow.ts'

/** Why a workflow is not changed. Throws if it is changed. */
export function reasonsToKeep(text: string): string {
  const { text: after, diagnostics } = migrateWorkflow(text, 'w.yml', 'x/y@v1')
  if (after !== text) throw new Error(`The workflow was changed to:\n${after}`)
  const messages = diagnostics.map(({ message }) => message)
  const [, reasons] =
    /^The file keeps its steps of home-assistant\/builder\/actions, because (.*)\.$/.exec(messages.join('\n')) ?? []
  return reasons ?? messages.join('\n')
}
