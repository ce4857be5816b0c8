import { fieldOf, ownerAndName, textOf } from '../core/json-fields.ts'
import { type Marker, readMarker } from './comment-marker.ts'
import type { Conversation } from './comment-options.ts'
import { ifFound, type RestClient, RestError, type RestResponse } from './rest.ts'

/** A comment of ours. */
export interface OwnComment {
  readonly id: number
  readonly url: string
  readonly body: string
  readonly marker: Marker
}

/** The author of comments that use the token of a job. */
const jobLogin = 'github-actions[bot]'

/** An interrupted request may have created the comment anyway: look for it before trying again. */
export async function createComment(
  options: Conversation,
  body: string,
  mine: Author,
): Promise<{ url: string; action: 'created' }> {
  const { client, repository, number } = options
  for (let attempt = 0; ; attempt++) {
    try {
      const { data } = await client.request('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', {
        ...ownerAndName(repository),
        issue_number: number,
        body,
      })
      return { url: textOf(data, 'html_url'), action: 'created' }
    } catch (thrown) {
      const uncertain = thrown instanceof RestError && (thrown.status === 0 || thrown.status >= 500)
      if (!uncertain || attempt >= 2) throw thrown
      const [created] = await findComments(options, mine)
      if (created) return { url: created.url, action: 'created' }
    }
  }
}

const commentRoute = '/repos/{owner}/{repo}/issues/comments/{comment_id}'

/** Replaces the text of a comment. */
export const replaceComment = (
  { client, repository }: Conversation,
  { id }: OwnComment,
  body: string,
): Promise<RestResponse> =>
  client.request(`PATCH ${commentRoute}`, { ...ownerAndName(repository), comment_id: id, body })

export async function removeComments(
  { client, repository }: Conversation,
  comments: readonly OwnComment[],
): Promise<void> {
  for (const { id } of comments) {
    // Another run may have removed it.
    await ifFound(client.request(`DELETE ${commentRoute}`, { ...ownerAndName(repository), comment_id: id }))
  }
}

export type Author = { readonly login: string } | 'any bot'

/** The author of comments with this token. Tokens of jobs and apps have no permission for that request. */
export async function authorOf(client: RestClient): Promise<Author> {
  try {
    const { data } = await client.request('GET /user')
    return { login: textOf(data, 'login') }
  } catch (thrown) {
    if (thrown instanceof RestError && [401, 403, 404].includes(thrown.status)) return 'any bot'
    throw thrown
  }
}

/** Our comments with this key, oldest first. The author must match, so that no other user can plant one. */
export async function findComments(
  { client, repository, number, key }: Conversation,
  mine: Author,
): Promise<readonly OwnComment[]> {
  const found: (OwnComment & { readonly login: string })[] = []
  const route = 'GET /repos/{owner}/{repo}/issues/{issue_number}/comments'
  for await (const page of client.pages(route, { ...ownerAndName(repository), issue_number: number })) {
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
  // If the author may be any bot, and the job's own bot is one of them, the comments of other bots are not ours.
  return mine === 'any bot' && ofJob.length > 0 ? ofJob : found
}
