import { isNewer, readMarker } from './comment-marker.ts'
import type { CommentParts, SharedComment, UpsertOptions, UpsertResult } from './comment-options.ts'
import {
  type Author,
  createComment,
  findComments,
  type OwnComment,
  removeComments,
  replaceComment,
} from './comment-requests.ts'
import { ifFound, RestError } from './rest.ts'

type SharedOptions = UpsertOptions & { readonly shared: SharedComment }

/** Why a comment with the policy `update` is not created. */
export const nothingBuilt = 'There was nothing to build, and the pull request has no comment to update.'

/** Maximum number of times that a job writes the comment. */
const mostRounds = 6

/** Whether the job is one of several that share a comment. */
export const sharesComment = (options: UpsertOptions, found: readonly OwnComment[]): options is SharedOptions =>
  options.shared !== undefined && (options.shared.partial || options.shared.parts.add(ofRun(options, found)).hasOthers)

/** Bodies of the comments that jobs of this run wrote. */
const ofRun = ({ run }: UpsertOptions, found: readonly OwnComment[]): readonly string[] =>
  found.filter(({ marker }) => marker.run === run.id).map(({ body }) => body)

/**
 * Adds the rows of this job to the comment of its run, or starts the comment again if it is that of an older run.
 *
 * GitHub has no conditional update, so a job that read the comment before this one wrote it may take these rows away again. So each job
 * reads the comment again after a while and writes again if a part is missing, until a whole wait passed without such a loss.
 */
export async function upsertShared(
  options: SharedOptions,
  mine: Author,
  before: readonly OwnComment[],
): Promise<UpsertResult> {
  let state: State = { parts: options.shared.parts, found: before }
  for (let round = 0; round < mostRounds; round++) {
    try {
      if (round > 0) {
        await options.shared.sleep(options.shared.waitMs(round))
        state = { ...state, found: await findComments(options, mine) }
      }
      const next = await write(options, mine, state)
      if ('result' in next) return next.result
      state = next
    } catch (thrown) {
      // The comment is written; only whether another job overwrites it is unknown.
      if (state.written && thrown instanceof RestError) return state.written
      throw thrown
    }
  }
  return state.written ?? { skipped: 'The comment was removed while it was written.' }
}

interface State {
  /** Every part that was seen. */
  readonly parts: CommentParts
  readonly found: readonly OwnComment[]
  readonly written?: { readonly url: string; readonly action: 'created' | 'updated' }
}

/** Writes missing parts, if there are any. */
async function write(
  options: SharedOptions,
  mine: Author,
  { parts: seen, found, written }: State,
): Promise<State | { readonly result: UpsertResult }> {
  const { run, policy, shared } = options
  const newer = found.find(({ marker }) => isNewer(marker, { run: run.id, attempt: marker.attempt }))
  if (newer) return { result: { url: newer.url, action: 'superseded' } }
  const parts = seen.add(ofRun(options, found))
  const body = shared.partial || parts.hasOthers ? parts.render() : options.body
  const [first, ...duplicates] = found
  if (!first) {
    if (policy === 'on-change' && readMarker(body)?.notable === false) {
      return { result: { skipped: 'Nothing changed (comment: on-change).' } }
    }
    if (policy === 'update' && !parts.hasOthers) return { result: { skipped: nothingBuilt } }
    return { parts, found, written: await createComment(options, body, mine) }
  }
  const same = sameText(first.body, body)
  // Not found: another job removed the comment as a duplicate.
  const replaced = !same && (await ifFound(replaceComment(options, first, body))) !== undefined
  // Two jobs that found no comment may both have created one. The oldest now has the parts of both.
  if (same || replaced) await removeComments(options, duplicates)
  if (same) return { result: { url: first.url, action: written?.action ?? 'unchanged' } }
  return {
    parts,
    found,
    ...(replaced ? { written: { url: first.url, action: written?.action ?? 'updated' } } : written && { written }),
  }
}

const sameText = (a: string, b: string): boolean => a.replaceAll('\r\n', '\n').trimEnd() === b.trimEnd()
