import { isPrerelease, parseVersion } from '../addon/version.ts'
import type { GitHubEvent } from '../core/host.ts'
import type { PlanOptions } from '../inputs/options.ts'
import { releaseTag } from './version.ts'

/**
 * Events that build a commit of the repository itself. `workflow_run` and `issue_comment` have the ref of the default branch as well, but may have
 * checked out the commit of a fork.
 */
const ofRepository: ReadonlySet<string> = new Set(['push', 'schedule', 'workflow_dispatch', 'repository_dispatch'])

/**
 * Value of `{channel}`: the input, else `stable`, `beta` or `edge`, or `pr-7` for any event of a pull request, whatever rights its token has. Undefined in a
 * terminal, for drafts, for other branches and for all other events. Pure.
 * @param version of the add-on. A release of a version that is a pre-release is `beta`, because it does not get the tag `latest` either.
 */
export function channelOf(
  event: GitHubEvent,
  version: string,
  options: Pick<PlanOptions, 'channel'>,
): string | undefined {
  if (options.channel !== undefined) return options.channel
  if (event.pullRequest) return `pr-${event.pullRequest.number}`
  if (event.name === 'release') return channelOfRelease(event, version)
  if (!ofRepository.has(event.name)) return undefined
  if (releaseTag(event) !== undefined) return channelOfTag(event, version)
  return isOnDefaultBranch(event) ? 'edge' : undefined
}

function channelOfRelease(event: GitHubEvent, version: string): string | undefined {
  if (!event.release || event.release.draft) return undefined
  return event.release.prerelease || isEarly(event, version) ? 'beta' : 'stable'
}

/** A pushed tag such as `nightly` is no release, even if config.yaml has a version. */
function channelOfTag(event: GitHubEvent, version: string): string | undefined {
  const tag = releaseTag(event) ?? ''
  if (parseVersion(version) === undefined || !/(?:^|[-_/@])v?\d/i.test(tag)) return undefined
  return isEarly(event, version) ? 'beta' : 'stable'
}

/** In a repository with several add-ons, the tag may be a pre-release and the version of an add-on may not. */
const isEarly = (event: GitHubEvent, version: string): boolean =>
  [version, releaseTag(event) ?? ''].some((text) => {
    const parts = parseVersion(text)
    return parts !== undefined && isPrerelease(parts)
  })

/** Schedules run only on the default branch, and their event may not name it. */
const isOnDefaultBranch = ({ name, ref, defaultBranch }: GitHubEvent): boolean =>
  defaultBranch === '' ? name === 'schedule' && ref.startsWith('refs/heads/') : ref === `refs/heads/${defaultBranch}`
