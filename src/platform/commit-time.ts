import { realpath } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { ExecOptions, Host } from '../core/host.ts'
import { gitSettings } from './git.ts'

/**
 * The time of the built commit in ms, for labels and BUILD_DATE: the same commit gives the same image.
 * `SOURCE_DATE_EPOCH` (reproducible-builds.org) comes first, then git. Undefined without a git checkout.
 */
export async function commitTime(host: Host): Promise<number | undefined> {
  const epoch = host.environment.SOURCE_DATE_EPOCH
  if (epoch !== undefined && /^\d+$/.test(epoch)) return timeOf(epoch)
  try {
    // Git compares safe.directory with the path behind all links.
    const workspace = await realpath(host.workspace).catch(() => host.workspace)
    const { args, environment } = commitTimeQuery(workspace, host.environment.GITHUB_ACTIONS === 'true')
    const { exitCode, stdout } = await host.processes.exec('git', args, { environment, timeoutMs: 10_000 })
    const seconds = exitCode === 0 ? /^(?:commit [0-9a-f]+\n)?(\d+)$/.exec(stdout.trim())?.[1] : undefined
    return timeOf(seconds)
  } catch {
    return undefined
  }
}

/** Milliseconds; undefined for a number that is not a valid date: a commit may have any number of seconds. */
function timeOf(seconds: string | undefined): number | undefined {
  const time = Number(seconds) * 1000
  return Number.isNaN(new Date(time).getTime()) ? undefined : time
}

/** Reads one commit. `rev-list` is plumbing: no pager, aliases, hooks or signatures, and no index. Pure. @param workspace without links. */
function commitTimeQuery(
  workspace: string,
  onRunner: boolean,
): { readonly args: readonly string[]; readonly environment: NonNullable<ExecOptions['environment']> } {
  const { args, environment } = gitSettings()
  return {
    args: [
      ...args,
      // In a container job the checkout belongs to another user, and git would refuse it. In a terminal the user's own configuration applies.
      ...(onRunner ? ['-c', `safe.directory=${workspace}`] : []),
      ...['-C', workspace, 'rev-list', '--max-count=1', '--format=%ct', 'HEAD', '--'],
    ],
    environment: {
      ...environment,
      ...(onRunner && {
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_CONFIG_GLOBAL: '/dev/null',
        // Only the workspace, not a repository in a folder above it.
        GIT_CEILING_DIRECTORIES: dirname(workspace),
      }),
    },
  }
}
