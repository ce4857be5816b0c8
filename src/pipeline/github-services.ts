import { offersCache } from '../build/cache/decision.ts'
import type { Host } from '../core/host.ts'
import type { UpsertOptions, UpsertResult } from '../github/comment-options.ts'
import { clientOf } from '../github/open-client.ts'
import type { Options } from '../inputs/options.ts'
import type { SizeCache } from '../size/baseline.ts'

/** The services of GitHub that a report is delivered to. */
export interface GitHubServices {
  /** Creates or updates the comment of a pull request. */
  upsertComment(comment: CommentRequest, options: Pick<Options, 'githubToken'>, host: Host): Promise<UpsertResult>
  /** Undefined: sizes are not kept in a cache. */
  openSizeCache(options: Pick<Options, 'baseline'>, host: Host): Promise<SizeCache | undefined>
}

export type CommentRequest = Omit<UpsertOptions, 'client'>

/** Loaded when they are needed. */
export const githubServices: GitHubServices = {
  openSizeCache,
  async upsertComment(comment, options, host) {
    const { upsertComment } = await import('../github/comment.ts')
    return upsertComment({ ...comment, client: await clientOf(options, host) })
  },
}

/** The cache of the runner, if there is one and the input `baseline` uses it. */
export async function openSizeCache(
  { baseline }: Pick<Options, 'baseline'>,
  host: Host,
): Promise<SizeCache | undefined> {
  const isUsed = baseline.kind === 'auto' || baseline.kind === 'cache'
  if (!isUsed || !offersCache(host.environment)) return undefined
  const { openSizeCache } = await import('../github/size-cache.ts')
  return openSizeCache(host)
}
