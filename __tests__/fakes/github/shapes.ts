import { nodeId, type Places, repositoryOf, userOf } from './repository-shape.ts'
import {
  type ChangedFile,
  type Comment,
  type Commit,
  type Comparison,
  fakeSha,
  hash,
  type Pull,
  type State,
  timestamp,
} from './state.ts'

export function commentOf(comment: Comment, places: Places) {
  const repository = `${places.api}/repos/${comment.repository}`
  return {
    url: `${repository}/issues/comments/${comment.id}`,
    html_url: `${places.pages}/${comment.repository}/pull/${comment.issue}#issuecomment-${comment.id}`,
    issue_url: `${repository}/issues/${comment.issue}`,
    id: comment.id,
    node_id: nodeId('IC', comment.id),
    user: userOf(comment.author, places),
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    body: comment.body,
    author_association: 'NONE',
    performed_via_github_app: null,
    reactions: {
      url: `${repository}/issues/comments/${comment.id}/reactions`,
      total_count: 0,
      '+1': 0,
      '-1': 0,
      laugh: 0,
      hooray: 0,
      confused: 0,
      heart: 0,
      rocket: 0,
      eyes: 0,
    },
    pin: null,
    minimized: null,
  }
}

export const labelOf = (name: string, repository: string, { api }: Places) => ({
  id: hash(name),
  node_id: nodeId('LA', hash(name)),
  url: `${api}/repos/${repository}/labels/${encodeURIComponent(name)}`,
  name,
  color: 'ededed',
  default: false,
  // Not null: the description of a pull request in a list does not allow it.
  description: '',
})

const branchOf = ({ ref, sha, repository }: Pull['head'], state: State, places: Places) => {
  const [owner = ''] = repository.split('/')
  const known = state.repositories.find(({ name }) => name === repository) ?? {
    id: hash(repository),
    name: repository,
    defaultBranch: 'main',
    private: false,
    fork: true,
  }
  return { label: `${owner}:${ref}`, ref, sha, user: userOf(owner, places), repo: repositoryOf(known, places) }
}

export function simplePullOf(pull: Pull, state: State, places: Places) {
  const url = `${places.api}/repos/${pull.repository}/pulls/${pull.number}`
  const issue = `${places.api}/repos/${pull.repository}/issues/${pull.number}`
  const page = `${places.pages}/${pull.repository}/pull/${pull.number}`
  const statuses = `${places.api}/repos/${pull.repository}/statuses/${pull.head.sha}`
  return {
    url,
    id: 1_000_000 + pull.number,
    node_id: nodeId('PR', pull.number),
    html_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    issue_url: issue,
    number: pull.number,
    state: pull.state,
    locked: pull.locked,
    title: pull.title,
    user: userOf(pull.author, places),
    body: pull.body,
    created_at: pull.createdAt,
    updated_at: pull.updatedAt,
    closed_at: pull.state === 'closed' ? pull.updatedAt : null,
    merged_at: pull.merged ? pull.updatedAt : null,
    merge_commit_sha: mergeShaOf(pull),
    assignee: null,
    assignees: [],
    requested_reviewers: [],
    requested_teams: [],
    labels: pull.labels.map((name) => labelOf(name, pull.repository, places)),
    milestone: null,
    draft: pull.draft,
    commits_url: `${url}/commits`,
    review_comments_url: `${url}/comments`,
    review_comment_url: `${places.api}/repos/${pull.repository}/pulls/comments{/number}`,
    comments_url: `${issue}/comments`,
    statuses_url: statuses,
    head: branchOf(pull.head, state, places),
    base: branchOf(pull.base, state, places),
    _links: {
      self: { href: url },
      html: { href: page },
      issue: { href: issue },
      comments: { href: `${issue}/comments` },
      review_comments: { href: `${url}/comments` },
      review_comment: { href: `${places.api}/repos/${pull.repository}/pulls/comments{/number}` },
      commits: { href: `${url}/commits` },
      statuses: { href: statuses },
    },
    author_association: 'CONTRIBUTOR',
    auto_merge: null,
    active_lock_reason: null,
  }
}

/** The commit that a `pull_request` workflow checks out. */
export const mergeShaOf = (pull: Pull): string => fakeSha(`merge of ${pull.head.sha} into ${pull.base.sha}`)

export const pullOf = (pull: Pull, state: State, places: Places) => ({
  ...simplePullOf(pull, state, places),
  merged: pull.merged,
  mergeable: pull.state === 'open' ? true : null,
  rebaseable: pull.state === 'open' ? true : null,
  mergeable_state: pull.state === 'open' ? 'clean' : 'unknown',
  merged_by: pull.merged ? userOf(pull.author, places) : null,
  comments: state.comments.filter(({ repository, issue }) => repository === pull.repository && issue === pull.number)
    .length,
  review_comments: 0,
  maintainer_can_modify: false,
  commits: 1,
  additions: total(pull.files, 'additions'),
  deletions: total(pull.files, 'deletions'),
  changed_files: pull.files.length,
})

const total = (files: readonly ChangedFile[], what: 'additions' | 'deletions'): number =>
  files.reduce((sum, file) => sum + (file[what] ?? 0), 0)

export function fileOf(file: ChangedFile, repository: string, ref: string, { api, pages }: Places) {
  const { additions = 1, deletions = 0, status = 'modified' } = file
  const path = file.filename.split('/').map(encodeURIComponent).join('/')
  return {
    sha: fakeSha(file.filename),
    filename: file.filename,
    status,
    additions,
    deletions,
    changes: additions + deletions,
    blob_url: `${pages}/${repository}/blob/${ref}/${path}`,
    raw_url: `${pages}/${repository}/raw/${ref}/${path}`,
    contents_url: `${api}/repos/${repository}/contents/${path}?ref=${ref}`,
    ...(file.previousFilename !== undefined && { previous_filename: file.previousFilename }),
  }
}

export function commitOf(commit: Commit, places: Places) {
  const url = `${places.api}/repos/${commit.repository}/commits/${commit.sha}`
  const author = { name: 'Mona', email: 'mona@example.com', date: commit.date }
  return {
    url,
    sha: commit.sha,
    node_id: nodeId('C', hash(commit.sha)),
    html_url: `${places.pages}/${commit.repository}/commit/${commit.sha}`,
    comments_url: `${url}/comments`,
    commit: {
      url: `${places.api}/repos/${commit.repository}/git/commits/${commit.sha}`,
      author,
      committer: author,
      message: commit.message,
      comment_count: 0,
      tree: {
        sha: fakeSha(`tree of ${commit.sha}`),
        url: `${places.api}/repos/${commit.repository}/git/trees/${fakeSha(`tree of ${commit.sha}`)}`,
      },
      verification: { verified: false, reason: 'unsigned', payload: null, signature: null, verified_at: null },
    },
    author: userOf('octocat', places),
    committer: userOf('octocat', places),
    parents: commit.parents.map((sha) => ({
      sha,
      url: `${places.api}/repos/${commit.repository}/commits/${sha}`,
      html_url: `${places.pages}/${commit.repository}/commit/${sha}`,
    })),
  }
}

/** GitHub lists at most 300 files of a comparison. */
const mostFiles = 300

export function comparisonOf(comparison: Comparison, places: Places) {
  const { repository, base, head, status } = comparison
  const name = `${base}...${head}`
  const commit = (sha: string, parents: readonly string[]) =>
    commitOf(
      { repository, sha, refs: [], message: `Commit ${sha.slice(0, 7)}`, date: timestamp(0), parents, files: [] },
      places,
    )
  const ahead = status === 'ahead' || status === 'diverged'
  const behind = status === 'behind' || status === 'diverged'
  return {
    url: `${places.api}/repos/${repository}/compare/${name}`,
    html_url: `${places.pages}/${repository}/compare/${name}`,
    permalink_url: `${places.pages}/${repository}/compare/${name}`,
    diff_url: `${places.pages}/${repository}/compare/${name}.diff`,
    patch_url: `${places.pages}/${repository}/compare/${name}.patch`,
    base_commit: commit(base, []),
    merge_base_commit: commit(behind ? fakeSha(`common ancestor of ${name}`) : base, []),
    status,
    ahead_by: ahead ? 1 : 0,
    behind_by: behind ? 1 : 0,
    total_commits: ahead ? 1 : 0,
    commits: ahead ? [commit(head, [base])] : [],
    files: comparison.files.slice(0, mostFiles).map((file) => fileOf(file, repository, head, places)),
  }
}
