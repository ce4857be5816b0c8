import type { GitHubEvent } from '../core/host.ts'
import { fieldOf, listOf, ownerAndName, textOf } from '../core/json-fields.ts'
import { type RestClient, RestError } from './rest.ts'

/** Paths relative to the repository, old and new name of a renamed file, each once. */
export type ChangedFiles = { readonly files: readonly string[] } | { readonly unknown: string }

/** The most files that GitHub lists for a pull request, and for a comparison. */
const mostOfPull = 3000
const mostOfComparison = 300

/**
 * The files that the commits of an event changed. Unknown, with the reason, if GitHub does not list all of them: building too much is
 * better than leaving out an add-on that changed.
 * @throws RestError if the request to GitHub fails for another reason than a missing commit.
 */
export async function changedFiles(client: RestClient, event: GitHubEvent): Promise<ChangedFiles> {
  if (event.pullRequest) return filesOfPull(client, event.repository, event.pullRequest.number)
  if (event.before === undefined) return { unknown: `A ${event.name} event has nothing to compare with.` }
  if (/^0+$/.test(event.before)) return { unknown: 'The branch is new, so there is no commit before it.' }
  return filesOfComparison(client, event.repository, event.before, event.sha)
}

async function filesOfPull(client: RestClient, repository: string, number: number): Promise<ChangedFiles> {
  const files: unknown[] = []
  const route = 'GET /repos/{owner}/{repo}/pulls/{pull_number}/files'
  for await (const page of client.pages(route, { ...ownerAndName(repository), pull_number: number }))
    files.push(...page)
  if (files.length >= mostOfPull)
    return { unknown: `The pull request changes ${mostOfPull} files or more, and GitHub does not list more.` }
  return { files: namesOf(files) }
}

async function filesOfComparison(
  client: RestClient,
  repository: string,
  base: string,
  head: string,
): Promise<ChangedFiles> {
  try {
    const { data } = await client.request('GET /repos/{owner}/{repo}/compare/{basehead}', {
      ...ownerAndName(repository),
      basehead: `${base}...${head}`,
    })
    const status = textOf(data, 'status')
    // The comparison begins at the common ancestor, so it does not show changes that a force push removed.
    if (status === 'diverged' || status === 'behind') return { unknown: 'The branch was rewritten (force push).' }
    const files = listOf(data, 'files')
    if (fieldOf(data, 'files') === undefined) return { unknown: 'The comparison lists no files.' }
    if (files.length >= mostOfComparison)
      return { unknown: `The push changes ${mostOfComparison} files or more, and GitHub does not list more.` }
    return { files: namesOf(files) }
  } catch (thrown) {
    if (thrown instanceof RestError && (thrown.status === 404 || thrown.status === 422)) {
      return { unknown: `The previous commit ${base.slice(0, 7)} no longer exists.` }
    }
    throw thrown
  }
}

const namesOf = (files: readonly unknown[]): readonly string[] => [
  ...new Set(
    files
      .flatMap((file) => [textOf(file, 'filename'), textOf(file, 'previous_filename')])
      .filter((name) => name !== ''),
  ),
]
