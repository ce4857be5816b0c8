import { type Diagnostic, Failure, isError, messageOf } from '../diagnostics.ts'
import type { Host } from '../host.ts'

/** Runs a command; what it throws is said, and becomes the exit code: 2 for input, 3 for the environment. The temporary folder goes in any case. */
export async function guarded(
  host: Host,
  work: () => Promise<number>,
  cleanUp: () => Promise<unknown>,
): Promise<number> {
  try {
    return await work()
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw new Error(messageOf(thrown), { cause: thrown })
    sayAll(thrown.diagnostics, host)
    if (thrown.diagnostics.length === 0) host.log.info(thrown.message)
    return thrown.kind === 'input' ? 2 : thrown.kind === 'cancelled' ? 130 : 3
  } finally {
    await cleanUp()
  }
}

export function sayAll(diagnostics: readonly Diagnostic[], host: Host): void {
  for (const diagnostic of diagnostics.filter(isError)) host.log.report(diagnostic)
}
