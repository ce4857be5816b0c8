import { type Diagnostic, Failure, isError, unexpected } from '../../core/diagnostics.ts'
import type { Host } from '../../core/host.ts'

/** Runs a command; what it throws is said, and becomes the exit code: 2 for input, 3 for the environment. The temporary folder goes in any case. */
export async function guarded(
  host: Host,
  work: () => Promise<number>,
  cleanUp: () => Promise<unknown>,
): Promise<number> {
  try {
    return await work()
  } catch (thrown) {
    const failure = thrown instanceof Failure ? thrown : unexpected(thrown)
    sayAll(failure.diagnostics, host)
    if (failure.diagnostics.length === 0) host.log.info(failure.message)
    return failure.kind === 'input' ? 2 : failure.kind === 'cancelled' ? 130 : 3
  } finally {
    await cleanUp()
  }
}

export function sayAll(diagnostics: readonly Diagnostic[], host: Host): void {
  for (const diagnostic of diagnostics.filter(isError)) host.log.report(diagnostic)
}
