import { type Diagnostic, messageOf, warning } from '../core/diagnostics.ts'
import { Refused, writeInputPath } from '../platform/workspace-path.ts'

/**
 * Writes a file to a path from an input, but not through anything that a pull request put there (a link, a pipe).
 * @param path absolute, or relative to the workspace.
 * @returns a warning if it could not be written.
 */
export async function tryToWrite(workspace: string, path: string, text: string): Promise<Diagnostic | undefined> {
  try {
    await writeInputPath(workspace, path, text)
    return undefined
  } catch (thrown) {
    const remedy =
      thrown instanceof Refused
        ? 'Remove it from the checkout, or give "report-path" a folder outside of the checkout, such as one in $RUNNER_TEMP.'
        : 'Give "report-path" a folder that this user may write to.'
    return warning('report/not-written', `${path} was not written: ${messageOf(thrown).replace(/\.$/, '')}.`, remedy)
  }
}
