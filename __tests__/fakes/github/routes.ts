import type { Answer } from '../loopback.ts'
import { contentOf, entryOf } from './contents-shape.ts'
import { pageOf } from './pages.ts'
import { fullRepositoryOf, type Places, selfOf } from './repository-shape.ts'
import { commentOf, commitOf, comparisonOf, fileOf, labelOf, mergeShaOf, pullOf, simplePullOf } from './shapes.ts'
import {
  type Comment,
  type Permission,
  type Pull,
  type Repository,
  type State,
  type Token,
  timestamp,
} from './state.ts'

export interface Asked {
  readonly state: State
  readonly places: Places
  /** Absent for an anonymous request, which may read public data. */
  readonly token: Token | undefined
  readonly path: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly body: Readonly<Record<string, unknown>>
  /** The kind of server: Gitea neither paginates comments nor lists the files of a comparison. */
  readonly flavour: 'github' | 'ghes' | 'gitea'
}

type Route = (asked: Asked) => Answer

export const problem = (status: number, message: string, more: object = {}): Answer => ({
  status,
  body: { message, documentation_url: 'https://docs.github.com/rest', status: String(status), ...more },
})
const notFound = (): Answer => problem(404, 'Not Found')
export const refused = (): Answer => problem(403, 'Resource not accessible by integration')

/** Thrown by lookups, so that a route contains only the success case. */
class Refusal extends Error {
  readonly answer: Answer
  constructor(answer: Answer) {
    super('refused')
    this.answer = answer
  }
}

const ok = (body: unknown): Answer => ({ status: 200, body })

export const routes: Readonly<Record<string, Route>> = {
  'GET /user': ({ token, places }) => {
    if (!token) return problem(401, 'Requires authentication')
    return token.kind === 'user' ? ok(selfOf(token.login, places)) : refused()
  },
  'GET /repos/{owner}/{repo}': (asked) => ok(fullRepositoryOf(repositoryIn(asked), asked.places)),
  'GET /repos/{owner}/{repo}/issues/{issue_number}/comments': (asked) => {
    const pull = pullIn(asked, asked.path.issue_number)
    const since = asked.query.get('since')
    const all = commentsOf(asked, pull).filter(({ updatedAt }) => since === null || updatedAt >= since)
    if (asked.flavour === 'gitea') return ok(all.map((comment) => commentOf(comment, asked.places)))
    return list(asked, `issues/${pull.number}/comments`, all, (comment) => commentOf(comment, asked.places))
  },
  'POST /repos/{owner}/{repo}/issues/{issue_number}/comments': (asked) => {
    const pull = pullIn(asked, asked.path.issue_number)
    const token = writerIn(asked, 'comment')
    if (pull.locked && token.permissions.contents !== 'write') {
      return problem(403, 'Unable to create comment because issue is locked.')
    }
    const body = checkedBody(asked)
    const now = timestamp()
    const comment: Comment = {
      id: asked.state.nextId++,
      repository: pull.repository,
      issue: pull.number,
      author: token.login,
      body,
      createdAt: now,
      updatedAt: now,
    }
    asked.state.comments.push(comment)
    const shape = commentOf(comment, asked.places)
    return { status: 201, headers: { location: shape.url }, body: shape }
  },
  'GET /repos/{owner}/{repo}/issues/comments/{comment_id}': (asked) => ok(commentOf(commentIn(asked), asked.places)),
  'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}': (asked) => {
    const comment = commentIn(asked)
    writerIn(asked, 'edit', comment.author)
    comment.body = checkedBody(asked)
    comment.updatedAt = timestamp()
    return ok(commentOf(comment, asked.places))
  },
  'DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}': (asked) => {
    const comment = commentIn(asked)
    writerIn(asked, 'edit', comment.author)
    asked.state.comments.splice(asked.state.comments.indexOf(comment), 1)
    return { status: 204 }
  },
  'GET /repos/{owner}/{repo}/issues/{issue_number}/labels': (asked) => {
    const pull = pullIn(asked, asked.path.issue_number)
    return list(asked, `issues/${pull.number}/labels`, pull.labels, (name) =>
      labelOf(name, pull.repository, asked.places),
    )
  },
  'GET /repos/{owner}/{repo}/pulls': (asked) => {
    const wanted = asked.query.get('state') ?? 'open'
    const head = asked.query.get('head')
    const base = asked.query.get('base')
    const found = pullsIn(asked)
      .filter((pull) => wanted === 'all' || pull.state === wanted)
      // GitHub ignores a head without its owner.
      .filter((pull) => !head?.includes(':') || head === `${pull.head.repository.split('/')[0]}:${pull.head.ref}`)
      .filter((pull) => base === null || base === pull.base.ref)
    return list(asked, 'pulls', found, (pull) => simplePullOf(pull, asked.state, asked.places))
  },
  'GET /repos/{owner}/{repo}/pulls/{pull_number}': (asked) =>
    ok(pullOf(pullIn(asked, asked.path.pull_number), asked.state, asked.places)),
  'GET /repos/{owner}/{repo}/pulls/{pull_number}/files': (asked) => {
    const pull = pullIn(asked, asked.path.pull_number)
    // "Responses include a maximum of 3000 files."
    const files = pull.files.slice(0, 3000)
    return list(asked, `pulls/${pull.number}/files`, files, (file) =>
      fileOf(file, pull.repository, pull.head.sha, asked.places),
    )
  },
  'GET /repos/{owner}/{repo}/compare/{basehead}': (asked) => {
    const repository = repositoryIn(asked)
    readable(asked, repository, ['contents'])
    const [base, head, ...rest] = (asked.path.basehead ?? '').split('...')
    if (!base || !head || rest.length > 0) return notFound()
    const sha = (ref: string): string => commitsIn(asked, repository).find(({ refs }) => refs.includes(ref))?.sha ?? ref
    const found = asked.state.comparisons.find(
      (one) => one.repository === repository.name && one.base === sha(base) && one.head === sha(head),
    )
    if (!found) return notFound()
    const { files, ...shape } = comparisonOf(found, asked.places)
    return ok(
      asked.flavour === 'gitea' ? { total_commits: shape.total_commits, commits: shape.commits } : { ...shape, files },
    )
  },
  'GET /repos/{owner}/{repo}/contents/{path}': (asked) => {
    const repository = repositoryIn(asked)
    readable(asked, repository, ['contents'])
    const { path = '' } = asked.path
    const ref = asked.query.get('ref') ?? repository.defaultBranch
    const sha = commitsIn(asked, repository).find(({ refs }) => refs.includes(ref))?.sha ?? ref
    const files = asked.state.files.filter((file) => file.repository === repository.name && file.sha === sha)
    const file = files.find((one) => one.path === path)
    if (file) return ok(contentOf(file, asked.places))
    const below = files.filter((one) => path === '' || one.path.startsWith(`${path}/`))
    return below.length === 0 ? notFound() : ok(below.map((one) => entryOf(one, asked.places)))
  },
  'GET /repos/{owner}/{repo}/commits/{ref}': (asked) => {
    const repository = repositoryIn(asked)
    readable(asked, repository, ['contents'])
    const { ref = '' } = asked.path
    const commit = commitsIn(asked, repository).find(
      ({ sha, refs }) => refs.includes(ref.replace(/^(heads|tags)\//, '')) || (ref.length >= 7 && sha.startsWith(ref)),
    )
    if (!commit) return problem(422, `No commit found for SHA: ${ref}`)
    const files = commit.files.map((file) => fileOf(file, repository.name, commit.sha, asked.places))
    return ok({ ...commitOf(commit, asked.places), files })
  },
  'GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls': (asked) => {
    const { commit_sha: sha } = asked.path
    const found = pullsIn(asked).filter((pull) => pull.head.sha === sha || (pull.merged && mergeShaOf(pull) === sha))
    return list(asked, `commits/${sha}/pulls`, found, (pull) => simplePullOf(pull, asked.state, asked.places))
  },
}

export function answerRoute(route: string, asked: Asked): Answer {
  try {
    return routes[route]?.(asked) ?? notFound()
  } catch (thrown) {
    if (thrown instanceof Refusal) return thrown.answer
    throw thrown
  }
}

function list<T>(asked: Asked, below: string, all: readonly T[], shape: (item: T) => unknown): Answer {
  // GitHub's links contain the repository's ID, even if the request used its name.
  const { items, link } = pageOf(
    all,
    asked.query,
    `${asked.places.api}/repositories/${repositoryIn(asked).id}/${below}`,
  )
  return { status: 200, ...(link !== undefined && { headers: { link } }), body: items.map(shape) }
}

function repositoryIn({ state, path, token }: Asked): Repository {
  const name = `${path.owner}/${path.repo}`.toLowerCase()
  const repository = state.repositories.find((one) => one.name.toLowerCase() === name)
  if (!repository || (repository.private && !reaches(token, repository))) throw new Refusal(notFound())
  return repository
}

const reaches = (token: Token | undefined, { name }: Repository): boolean =>
  token !== undefined && (token.repositories === undefined || token.repositories.includes(name))

/** Public data may be read without a token; private data needs a token with one of these permissions. */
function readable({ token }: Asked, repository: Repository, any: readonly (keyof Token['permissions'])[]): void {
  if (!repository.private) return
  if (!any.some((what) => token?.permissions[what] !== 'none')) throw new Refusal(refused())
}

function pullsIn(asked: Asked): readonly Pull[] {
  const repository = repositoryIn(asked)
  readable(asked, repository, ['pull-requests'])
  return asked.state.pulls.filter((pull) => pull.repository === repository.name).sort((a, b) => b.number - a.number)
}

function pullIn(asked: Asked, number: string | undefined): Pull {
  const repository = repositoryIn(asked)
  readable(asked, repository, ['pull-requests', 'issues'])
  const pull = asked.state.pulls.find((one) => one.repository === repository.name && one.number === Number(number))
  if (!pull) throw new Refusal(notFound())
  return pull
}

const commitsIn = ({ state }: Asked, { name }: Repository) =>
  state.commits.filter(({ repository }) => repository === name)

const commentsOf = ({ state }: Asked, pull: Pull): readonly Comment[] =>
  state.comments
    .filter(({ repository, issue }) => repository === pull.repository && issue === pull.number)
    .sort((a, b) => a.id - b.id)

function commentIn(asked: Asked): Comment {
  const repository = repositoryIn(asked)
  readable(asked, repository, ['pull-requests', 'issues'])
  const id = Number(asked.path.comment_id)
  const comment = asked.state.comments.find((one) => one.repository === repository.name && one.id === id)
  if (!comment) throw new Refusal(notFound())
  return comment
}

/** A user may comment if they can read, and may edit their own comments; everything else needs write permission. */
function writerIn(asked: Asked, what: 'comment' | 'edit', author?: string): Token {
  const { token } = asked
  if (!token) throw new Refusal(problem(401, 'Requires authentication'))
  const permissions: Permission[] = [token.permissions.issues, token.permissions['pull-requests']]
  if (reaches(token, repositoryIn(asked)) && permissions.includes('write')) return token
  if (token.kind !== 'user') throw new Refusal(refused())
  if (what === 'edit' && author !== token.login)
    throw new Refusal(problem(403, 'Must have admin rights to Repository.'))
  return token
}

/** GitHub counts characters, and refuses text that contains only spaces. */
function checkedBody({ body }: Asked): string {
  const text = String(body.body)
  const why =
    text.trim() === ''
      ? "Body can't be blank"
      : [...text].length > 65_536
        ? 'Body is too long (maximum is 65536 characters)'
        : undefined
  if (why === undefined) return text
  throw new Refusal(
    problem(422, 'Validation Failed', {
      errors: [{ resource: 'IssueComment', code: 'unprocessable', field: 'data', message: why }],
    }),
  )
}
