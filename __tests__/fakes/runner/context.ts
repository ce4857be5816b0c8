/** The event that started the run: its name and its payload, as GitHub sends it. Omitted fields are derived from the payload. */
export interface JobEvent {
  readonly name: string
  readonly payload?: object
  readonly ref?: string
  readonly sha?: string
  readonly actor?: string
  readonly runId?: string
  readonly runAttempt?: number
}

/** The runner's data about the run. */
export interface RunContext {
  readonly repository: string
  readonly actor: string
  readonly workflow: string
  readonly job: string
  readonly runId: string
  readonly runNumber: number
  readonly runAttempt: number
  readonly ref: string
  readonly sha: string
  readonly headRef: string
  readonly baseRef: string
  readonly serverUrl: string
  readonly apiUrl: string
  readonly graphqlUrl: string
  /** The token of the job, `github.token`. An action receives it only through an input. */
  readonly token: string
}

/** Source: GitHub, "Events that trigger workflows": GITHUB_REF and GITHUB_SHA of each. */
export function contextOf(event: JobEvent, given: Partial<RunContext> = {}): RunContext {
  const { name, payload = {}, ref, sha, actor, runId, runAttempt } = event
  return {
    repository: text(payload, 'repository', 'full_name') || 'octo/addons',
    workflow: 'CI',
    job: 'build',
    runNumber: 7,
    serverUrl: 'https://github.com',
    apiUrl: 'https://api.github.com',
    graphqlUrl: 'https://api.github.com/graphql',
    token: 'ghs_test_token',
    ...placeOf(name, payload),
    actor: actor ?? (text(payload, 'sender', 'login') || 'octocat'),
    runId: runId ?? '1000',
    runAttempt: runAttempt ?? 1,
    ...(ref !== undefined && { ref }),
    ...(sha !== undefined && { sha }),
    ...given,
  }
}

type Place = Pick<RunContext, 'ref' | 'sha' | 'headRef' | 'baseRef'>

function placeOf(name: string, payload: object): Place {
  const branch = text(payload, 'repository', 'default_branch') || 'main'
  const onDefault = { ref: `refs/heads/${branch}`, sha: 'a'.repeat(40), headRef: '', baseRef: '' }
  const pull = (payload as { pull_request?: { number?: number } }).pull_request
  const baseRef = text(pull, 'base', 'ref')
  const headRef = text(pull, 'head', 'ref')
  switch (name) {
    case 'push':
      return { ...onDefault, ref: text(payload, 'ref') || onDefault.ref, sha: text(payload, 'after') || onDefault.sha }
    case 'pull_request':
      return {
        ref: `refs/pull/${pull?.number}/merge`,
        sha: text(pull, 'merge_commit_sha') || onDefault.sha,
        headRef,
        baseRef,
      }
    case 'pull_request_target':
      return { ref: `refs/heads/${baseRef}`, sha: text(pull, 'base', 'sha') || onDefault.sha, headRef, baseRef }
    case 'release':
      return { ...onDefault, ref: `refs/tags/${text(payload, 'release', 'tag_name')}` }
    default:
      return onDefault
  }
}

const text = (value: unknown, ...path: readonly string[]): string => {
  const found = path.reduce<unknown>(
    (at, name) => (typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[name] : undefined),
    value,
  )
  return typeof found === 'string' ? found : ''
}

/** The GITHUB_* variables of the run, without those for files and folders. */
export function contextVariables(run: RunContext, event: string): Readonly<Record<string, string>> {
  const [owner = ''] = run.repository.split('/')
  return {
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_ACTION: '__octo_aicleaner-build',
    GITHUB_ACTION_REF: 'v1',
    GITHUB_ACTION_REPOSITORY: 'octo/aicleaner-build',
    GITHUB_ACTOR: run.actor,
    GITHUB_ACTOR_ID: '583231',
    GITHUB_API_URL: run.apiUrl,
    GITHUB_BASE_REF: run.baseRef,
    GITHUB_EVENT_NAME: event,
    GITHUB_GRAPHQL_URL: run.graphqlUrl,
    GITHUB_HEAD_REF: run.headRef,
    GITHUB_JOB: run.job,
    GITHUB_REF: run.ref,
    GITHUB_REF_NAME: run.ref.replace(/^refs\/(heads|tags|pull)\//, ''),
    GITHUB_REF_PROTECTED: 'false',
    GITHUB_REF_TYPE: run.ref.startsWith('refs/tags/') ? 'tag' : 'branch',
    GITHUB_REPOSITORY: run.repository,
    GITHUB_REPOSITORY_ID: '1296269',
    GITHUB_REPOSITORY_OWNER: owner,
    GITHUB_REPOSITORY_OWNER_ID: '1',
    GITHUB_RETENTION_DAYS: '90',
    GITHUB_RUN_ATTEMPT: String(run.runAttempt),
    GITHUB_RUN_ID: run.runId,
    GITHUB_RUN_NUMBER: String(run.runNumber),
    GITHUB_SERVER_URL: run.serverUrl,
    GITHUB_SHA: run.sha,
    GITHUB_TRIGGERING_ACTOR: run.actor,
    GITHUB_WORKFLOW: run.workflow,
    GITHUB_WORKFLOW_REF: `${run.repository}/.github/workflows/build.yml@${run.ref}`,
    GITHUB_WORKFLOW_SHA: run.sha,
    RUNNER_ARCH: process.arch === 'arm64' ? 'ARM64' : 'X64',
    RUNNER_ENVIRONMENT: 'github-hosted',
    RUNNER_NAME: 'GitHub Actions 1',
    RUNNER_OS: 'Linux',
  }
}
