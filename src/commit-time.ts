import type { Host } from './host.ts'

/**
 * When the commit was made that is built, in ms since the epoch: what labels and BUILD_DATE call the creation time, so that the same commit gives the same image.
 * `SOURCE_DATE_EPOCH` (reproducible-builds.org) wins; then git knows; an event alone often does not. Undefined where there is no git checkout.
 */
export async function commitTime(host: Host): Promise<number | undefined> {
  const epoch = host.environment.SOURCE_DATE_EPOCH
  if (epoch !== undefined && /^\d+$/.test(epoch)) return Number(epoch) * 1000
  try {
    // safe.directory: in a container job the checkout belongs to another user, and git would refuse it.
    const args = ['-c', 'safe.directory=*', '-C', host.workspace, 'log', '-1', '--format=%ct']
    const { exitCode, stdout } = await host.processes.ask('git', args, { timeoutMs: 10_000 })
    return exitCode === 0 && /^\d+$/.test(stdout.trim()) ? Number(stdout) * 1000 : undefined
  } catch {
    return undefined
  }
}
