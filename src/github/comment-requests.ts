import { fieldOf, ownerAndName, textOf } from '../core/json-fields.ts'
import { type Marker, readMarker } from './comment-marker.ts'
import type { Conversation } from './comment-options.ts'
import { type RestClient, RestError } from './rest.ts'

/** What is read of a comment. */
export interface OwnComment {
  readonly id: number
  readonly url: string
  readonly body: string
  readonly marker: Marker
}

/** The login of comments that are made with the token of a job. */
const jobLogin = 'github-actions[bot]'

interface Created {
  readonly url: string
  readonly action: 'created'
}

/** A request that was cut off may have made the comment all the same: look before making it again. */
export async function createComment(options: Conversation, body: string, mine: Author): Promise<Created> {
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
      const [made] = await findComments(options, mine)
      if (made) return { url: made.url, action: 'created' }
    }
  }
}

/** Puts another text in the place of a comment's. */
export async function replaceComment(
  { client, repository }: Conversation,
  { id }: OwnComment,
  body: string,
): Promise<void> {
  await client.request('PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}', {
    ...ownerAndName(repository),
    comment_id: id,
    body,
  })
}

export async function removeComments(
  { client, repository }: Conversation,
  comments: readonly OwnComment[],
): Promise<void> {
  for (const { id } of comments) {
    try {
      await client.request('DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}', {
        ...ownerAndName(repository),
        comment_id: id,
      })
    } catch (thrown) {
      // The other run was faster.
      if (!(thrown instanceof RestError && thrown.status === 404)) throw thrown
    }
  }
}

export type Author = { readonly login: string } | 'any bot'

/** Who the token speaks for. The token of a job may not ask; nor may that of an app, whose name is its own. */
export async function authorOf(client: RestClient): Promise<Author> {
  try {
    const { data } = await client.request('GET /user')
    return { login: textOf(data, 'login') }
  } catch (thrown) {
    if (thrown instanceof RestError && [401, 403, 404].includes(thrown.status)) return 'any bot'
    throw thrown
  }
}

/** Every comment of this key that is ours, the oldest first. People cannot plant one: the author must be who we are. */
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
  // An app's own token: its login ends in [bot] too, and comments of the job's token would be another's.
  return mine === 'any bot' && ofJob.length > 0 ? ofJob : found
}
