import { hash, type Repository } from './state.ts'

/** The base URLs for responses. */
export interface Places {
  /** `https://api.github.com`, here with the port of the fake. */
  readonly api: string
  /** `https://github.com` */
  readonly pages: string
}

/** The ID of an object in GitHub's GraphQL API. */
export const nodeId = (kind: string, id: number): string => `${kind}_${Buffer.from(String(id)).toString('base64url')}`

/** The real ID of the user of GitHub's Actions app; IDs of other users are derived from their names. */
const userId = (login: string): number => (login === 'github-actions[bot]' ? 41_898_282 : (hash(login) % 9_000_000) + 1)

export function userOf(login: string, { api, pages }: Places) {
  const url = `${api}/users/${encodeURIComponent(login)}`
  const bot = login.endsWith('[bot]')
  return {
    login,
    id: userId(login),
    node_id: nodeId(bot ? 'BOT' : 'U', userId(login)),
    avatar_url: `${pages}/avatars/${userId(login)}`,
    gravatar_id: '',
    url,
    html_url: bot ? `${pages}/apps/${login.slice(0, -5)}` : `${pages}/${login}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type: bot ? 'Bot' : 'User',
    user_view_type: 'public',
    site_admin: false,
  }
}

/** The response of `GET /user`: users see more of their own data than of others. */
export const selfOf = (login: string, places: Places) => ({
  ...userOf(login, places),
  user_view_type: 'private',
  name: null,
  company: null,
  blog: '',
  location: null,
  email: null,
  notification_email: null,
  hireable: null,
  bio: null,
  public_repos: 1,
  public_gists: 0,
  followers: 0,
  following: 0,
  created_at: '2020-01-01T00:00:00Z',
  updated_at: '2024-01-01T00:00:00Z',
  private_gists: 0,
  total_private_repos: 0,
  owned_private_repos: 0,
  disk_usage: 0,
  collaborators: 0,
  two_factor_authentication: true,
})

/** The URLs of a repository that are a fixed path below its own URL. */
const below = {
  archive_url: '/{archive_format}{/ref}',
  assignees_url: '/assignees{/user}',
  blobs_url: '/git/blobs{/sha}',
  branches_url: '/branches{/branch}',
  collaborators_url: '/collaborators{/collaborator}',
  comments_url: '/comments{/number}',
  commits_url: '/commits{/sha}',
  compare_url: '/compare/{base}...{head}',
  contents_url: '/contents/{+path}',
  contributors_url: '/contributors',
  deployments_url: '/deployments',
  downloads_url: '/downloads',
  events_url: '/events',
  forks_url: '/forks',
  git_commits_url: '/git/commits{/sha}',
  git_refs_url: '/git/refs{/sha}',
  git_tags_url: '/git/tags{/sha}',
  hooks_url: '/hooks',
  issue_comment_url: '/issues/comments{/number}',
  issue_events_url: '/issues/events{/number}',
  issues_url: '/issues{/number}',
  keys_url: '/keys{/key_id}',
  labels_url: '/labels{/name}',
  languages_url: '/languages',
  merges_url: '/merges',
  milestones_url: '/milestones{/number}',
  notifications_url: '/notifications{?since,all,participating}',
  pulls_url: '/pulls{/number}',
  releases_url: '/releases{/id}',
  stargazers_url: '/stargazers',
  statuses_url: '/statuses/{sha}',
  subscribers_url: '/subscribers',
  subscription_url: '/subscription',
  tags_url: '/tags',
  teams_url: '/teams',
  trees_url: '/git/trees{/sha}',
} as const

export function repositoryOf(repository: Repository, places: Places) {
  const [owner = '', name = ''] = repository.name.split('/')
  const url = `${places.api}/repos/${repository.name}`
  const page = `${places.pages}/${repository.name}`
  return {
    id: repository.id,
    node_id: nodeId('R', repository.id),
    name,
    full_name: repository.name,
    private: repository.private,
    owner: userOf(owner, places),
    html_url: page,
    description: null,
    fork: repository.fork,
    url,
    ...(Object.fromEntries(Object.entries(below).map(([key, path]) => [key, url + path])) as Record<
      keyof typeof below,
      string
    >),
    git_url: page.replace(/^https?/, 'git').concat('.git'),
    ssh_url: `git@${new URL(places.pages).hostname}:${repository.name}.git`,
    clone_url: `${page}.git`,
    svn_url: page,
    mirror_url: null,
    homepage: null,
    created_at: '2020-01-01T00:00:00Z',
    updated_at: '2024-01-01T00:00:00Z',
    pushed_at: '2024-01-01T00:00:00Z',
    size: 100,
    stargazers_count: 0,
    watchers_count: 0,
    language: 'Python',
    has_issues: true,
    has_projects: true,
    has_downloads: true,
    has_wiki: true,
    has_pages: false,
    has_discussions: false,
    forks_count: 0,
    archived: false,
    disabled: false,
    open_issues_count: 0,
    license: null,
    allow_forking: true,
    is_template: false,
    web_commit_signoff_required: false,
    topics: [],
    visibility: repository.private ? 'private' : 'public',
    forks: 0,
    open_issues: 0,
    watchers: 0,
    default_branch: repository.defaultBranch,
  }
}

export const fullRepositoryOf = (repository: Repository, places: Places) => ({
  ...repositoryOf(repository, places),
  network_count: 0,
  subscribers_count: 0,
})
