import type { CommandLine } from '../cli-arguments.ts'
import type { Host } from '../host.ts'
import { start } from '../start.ts'

/** `run`, `plan`, `build`, `publish`, `audit`: the pipeline of the action, its report beside the user instead of on GitHub. */
export async function run({ text, given }: CommandLine, host: Host): Promise<number> {
  const { exitCode } = await start({ text, given, host, desk: { output: () => {}, summary: async () => {} } })
  return exitCode
}
