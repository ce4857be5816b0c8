import type { Host } from '../../core/host.ts'
import { runAction } from '../../pipeline/run-action.ts'
import type { CommandLine } from '../arguments.ts'

/** `run`, `plan`, `build`, `publish`: the pipeline of the action, without step outputs and job summary. */
export async function run({ text, given }: CommandLine, host: Host): Promise<number> {
  const { exitCode } = await runAction({ text, given, host, outputs: { output: () => {}, summary: async () => {} } })
  return exitCode
}
