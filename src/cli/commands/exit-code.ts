import { rm } from 'node:fs/promises'
import { error, Failure, isError, unexpected } from '../../core/diagnostics.ts'
import type { Host } from '../../core/host.ts'

/** Ends a command with exit code 2 and this problem. */
export const inputFailure = (...problem: Parameters<typeof error>): Failure => new Failure('input', [error(...problem)])

/** Runs a command and then its clean-up. Reports an error of the command and returns its exit code: 2 for input, 3 for the environment, 130 if cancelled. */
export async function withExitCode(
  host: Host,
  command: () => Promise<number>,
  cleanUp: () => Promise<unknown> = () => rm(host.temporary, { recursive: true, force: true }),
): Promise<number> {
  try {
    return await command()
  } catch (thrown) {
    const failure = thrown instanceof Failure ? thrown : unexpected(thrown)
    for (const diagnostic of failure.diagnostics.filter(isError)) host.log.report(diagnostic)
    if (failure.diagnostics.length === 0) host.log.info(failure.message)
    return failure.kind === 'input' ? 2 : failure.kind === 'cancelled' ? 130 : 3
  } finally {
    await cleanUp()
  }
}
