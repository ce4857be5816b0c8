import { messageOf } from '../core/diagnostics.ts'
import { isNewer, readMarker, sameButRun } from './comment-marker.ts'
import type { UpsertOptions, UpsertResult } from './comment-options.ts'
import {
  type Author,
  authorOf,
  createComment,
  findComments,
  type OwnComment,
  removeComments,
  replaceComment,
} from './comment-requests.ts'
import { RestError } from './rest.ts'
import { nothingBuilt, sharesComment, upsertShared } from './shared-comment.ts'

/**
 * One comment for each key, found again by its marker and its author, written in place.
 * A missing comment must not fail a run: this always resolves, with the reason if there is no comment.
 */
export async function upsertComment(options: UpsertOptions): Promise<UpsertResult> {
  if (options.policy === 'never') return { skipped: 'Comments are turned off (comment: never).' }
  try {
    return await upsert(options)
  } catch (thrown) {
    return { skipped: whyNot(thrown) }
  }
}

async function upsert(options: UpsertOptions): Promise<UpsertResult> {
  const { client, policy, body } = options
  const mine = await authorOf(client)
  const found = await findComments(options, mine)
  if (sharesComment(options, found)) return upsertShared(options, mine, found)
  const [first, ...duplicates] = found
  if (first) {
    const written = await update(options, first)
    // Two runs that started at the same time may have created two; the oldest stays.
    await removeComments(options, written.action === 'superseded' ? [] : duplicates)
    return written
  }
  if (policy === 'on-change' && readMarker(body)?.notable === false) {
    return { skipped: 'Nothing changed (comment: on-change).' }
  }
  if (policy === 'update') return { skipped: nothingBuilt }
  const created = await createComment(options, body, mine)
  return (await removeDuplicates(options, mine)) ?? created
}

async function update(
  options: UpsertOptions,
  found: OwnComment,
): Promise<{ url: string; action: 'updated' | 'unchanged' | 'superseded' }> {
  const { body, run, policy } = options
  const ours = { run: run.id, attempt: run.attempt }
  if (isNewer(found.marker, ours)) return { url: found.url, action: 'superseded' }
  const isOfOtherJob = found.marker.run === run.id && found.marker.attempt === run.attempt
  if (sameButRun(found.body, body) || (policy === 'update' && isOfOtherJob))
    return { url: found.url, action: 'unchanged' }
  await replaceComment(options, found, body)
  return { url: found.url, action: 'updated' }
}

/** Two runs that found no comment may both have created one. The last run to check keeps the oldest comment with the newest text. */
async function removeDuplicates(options: UpsertOptions, mine: Author): Promise<UpsertResult | undefined> {
  const all = await findComments(options, mine)
  const [first, ...duplicates] = all
  if (!first || duplicates.length === 0) return undefined
  const newest = all.reduce((a, b) => (isNewer(b.marker, a.marker) ? b : a))
  if (newest.id !== first.id)
    await update(
      { ...options, body: newest.body, run: { id: newest.marker.run, attempt: newest.marker.attempt } },
      first,
    )
  await removeComments(options, duplicates)
  return { url: first.url, action: readMarker(options.body)?.run === newest.marker.run ? 'created' : 'superseded' }
}

/** Why there is no comment, and what to do, in one or two sentences. */
function whyNot(thrown: unknown): string {
  if (!(thrown instanceof RestError)) return `The comment could not be written: ${messageOf(thrown)}`
  const { status, message } = thrown
  if (status === 403 && /locked/i.test(message))
    return 'The conversation is locked, so the report is only in the job summary.'
  if (status === 403 && /rate limit/i.test(message)) return `The rate limit of GitHub is exceeded: ${message}`
  if (status === 403) {
    return 'The token has no permission to write the comment. Give the job "permissions: pull-requests: write". Pull requests from forks and from Dependabot never get this permission: use the workflow_run example for them.'
  }
  if (status === 404) {
    return 'The pull request was not found with this token. Give the job "permissions: pull-requests: write", and check that github-token belongs to this repository.'
  }
  if (status === 401) return 'The token is not valid (401). Check the input github-token.'
  if (status === 0) return `GitHub could not be reached for the comment: ${message}`
  return `GitHub rejected the comment (${status}): ${message}`
}
