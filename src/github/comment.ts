import { messageOf } from '../diagnostics.ts'
import { isNewer, type Marker, readMarker, sameButRun } from '../report/marker.ts'
import { fieldOf, placeOf, textOf } from './json.ts'
import { type RestClient, RestError } from './rest.ts'

export interface UpsertOptions {
  readonly client: RestClient
  /** `owner/name`. */
  readonly repository: string
  /** Number of the pull request. */
  readonly number: number
  readonly key: string
  /** From `renderComment`: its last line is the marker. */
  readonly body: string
  readonly run: { readonly id: string; readonly attempt: number }
  readonly policy: 'auto' | 'always' | 'on-change' | 'never'
}

export type UpsertResult =
  | { readonly url: string; readonly action: 'created' | 'updated' | 'unchanged' | 'superseded' }
  | { readonly skipped: string }

/** What is read of a comment. */
interface Found {
  readonly id: number
  readonly url: string
  readonly body: string
  readonly marker: Marker
}

/** The login of comments that are made with the token of a job. */
const jobLogin = 'github-actions[bot]'

/**
 * One comment for each key, found again by its marker and its author, written in place.
 * A report is no reason to fail a run: whatever GitHub says, this resolves, and says why there is no comment.
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
  const [first, ...doubles] = await find(options, mine)
  if (first) {
    const written = await update(options, first)
    // Two runs that started at once may have made two; the oldest stays.
    await remove(options, written.action === 'superseded' ? [] : doubles)
    return written
  }
  if (policy === 'on-change' && readMarker(body)?.news === false) {
    return { skipped: 'Nothing changed (comment: on-change).' }
  }
  const created = await create(options, mine)
  return (await settleDoubles(options, mine)) ?? created
}

async function update(
  { client, repository, body, run }: UpsertOptions,
  found: Found,
): Promise<{ url: string; action: 'updated' | 'unchanged' | 'superseded' }> {
  const ours = { run: run.id, attempt: run.attempt }
  if (isNewer(found.marker, ours)) return { url: found.url, action: 'superseded' }
  if (sameButRun(found.body, body)) return { url: found.url, action: 'unchanged' }
  await client.request('PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}', {
    ...placeOf(repository),
    comment_id: found.id,
    body,
  })
  return { url: found.url, action: 'updated' }
}

/** A request that was cut off may have made the comment all the same: look before making it again. */
async function create(options: UpsertOptions, mine: Author): Promise<UpsertResult> {
  const { client, repository, number, body } = options
  for (let attempt = 0; ; attempt++) {
    try {
      const { data } = await client.request('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', {
        ...placeOf(repository),
        issue_number: number,
        body,
      })
      return { url: textOf(data, 'html_url'), action: 'created' }
    } catch (thrown) {
      const uncertain = thrown instanceof RestError && (thrown.status === 0 || thrown.status >= 500)
      if (!uncertain || attempt >= 2) throw thrown
      const [made] = await find(options, mine)
      if (made) return { url: made.url, action: 'created' }
    }
  }
}

/** Two runs that both found none both made one. Whoever looks last leaves the oldest comment with the newest text. */
async function settleDoubles(options: UpsertOptions, mine: Author): Promise<UpsertResult | undefined> {
  const all = await find(options, mine)
  const [first, ...doubles] = all
  if (!first || doubles.length === 0) return undefined
  const newest = all.reduce((a, b) => (isNewer(b.marker, a.marker) ? b : a))
  if (newest.id !== first.id)
    await update(
      { ...options, body: newest.body, run: { id: newest.marker.run, attempt: newest.marker.attempt } },
      first,
    )
  await remove(options, doubles)
  return { url: first.url, action: readMarker(options.body)?.run === newest.marker.run ? 'created' : 'superseded' }
}

async function remove({ client, repository }: UpsertOptions, comments: readonly Found[]): Promise<void> {
  for (const { id } of comments) {
    try {
      await client.request('DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}', {
        ...placeOf(repository),
        comment_id: id,
      })
    } catch (thrown) {
      // The other run was faster.
      if (!(thrown instanceof RestError && thrown.status === 404)) throw thrown
    }
  }
}

type Author = { readonly login: string } | 'any bot'

/** Who the token speaks for. The token of a job may not ask; nor may that of an app, whose name is its own. */
async function authorOf(client: RestClient): Promise<Author> {
  try {
    const { data } = await client.request('GET /user')
    return { login: textOf(data, 'login') }
  } catch (thrown) {
    if (thrown instanceof RestError && [401, 403, 404].includes(thrown.status)) return 'any bot'
    throw thrown
  }
}

/** Every comment of this key that is ours, the oldest first. People cannot plant one: the author must be who we are. */
async function find({ client, repository, number, key }: UpsertOptions, mine: Author): Promise<readonly Found[]> {
  const found: (Found & { readonly login: string })[] = []
  const route = 'GET /repos/{owner}/{repo}/issues/{issue_number}/comments'
  for await (const page of client.pages(route, { ...placeOf(repository), issue_number: number })) {
    for (const comment of page) {
      const body = textOf(comment, 'body')
      const marker = readMarker(body)
      const user = fieldOf(comment, 'user')
      const id = fieldOf(comment, 'id')
      if (marker?.key !== key || typeof id !== 'number') continue
      const login = textOf(user, 'login')
      const ours = mine === 'any bot' ? login === jobLogin || textOf(user, 'type') === 'Bot' : login === mine.login
      if (ours) found.push({ id, url: textOf(comment, 'html_url'), body, marker, login })
    }
  }
  found.sort((a, b) => a.id - b.id)
  const ofJob = found.filter(({ login }) => login === jobLogin)
  // An app's own token: its login ends in [bot] too, and comments of the job's token would be another's.
  return mine === 'any bot' && ofJob.length > 0 ? ofJob : found
}

/** Why there is no comment, and what to do, in one or two sentences. */
function whyNot(thrown: unknown): string {
  if (!(thrown instanceof RestError)) return `The comment could not be written: ${messageOf(thrown)}`
  const { status, message } = thrown
  if (status === 403 && /locked/i.test(message))
    return 'The conversation is locked, so the report stands in the job summary only.'
  if (status === 403 && /rate limit/i.test(message)) return `GitHub's rate limit is used up: ${message}`
  if (status === 403) {
    return 'The token may not write the comment. Give the job "permissions: pull-requests: write"; a pull request from a fork or of Dependabot never gets it, so use the workflow_run example there.'
  }
  if (status === 404) {
    return 'The pull request was not found with this token. Give the job "permissions: pull-requests: write", and check that github-token belongs to this repository.'
  }
  if (status === 401) return 'The token is not valid (401). Check the input github-token.'
  if (status === 0) return `GitHub could not be reached for the comment: ${message}`
  return `GitHub did not take the comment (${status}): ${message}`
}
