import { basename } from 'node:path'

type Environment = Readonly<Record<string, string | undefined>>

/** Variables by name and by prefix. */
interface Variables {
  readonly names?: readonly string[]
  readonly prefixes?: readonly string[]
  /** Whether variables with a prefix are passed even if their name looks like a credential. */
  readonly credentials?: true
}

/** For every program: to find other programs, folders and the network, and to print text in the user's language. */
const basic: Variables = {
  names: [
    ...['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'LANGUAGE', 'TZ', 'TMPDIR', 'TMP', 'TEMP'],
    ...['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'no_proxy', 'all_proxy'],
    ...['SSL_CERT_FILE', 'SSL_CERT_DIR'],
    // The runner uses it after the job to find processes that a step has left running.
    'RUNNER_TRACKING_ID',
  ],
  prefixes: ['LC_', 'XDG_'],
}

/** Which engine or builder to talk to and how: none of these holds a credential. KUBERNETES_*: a builder beside a runner in a cluster. */
const engine: Variables = {
  names: [
    ...['DOCKER_HOST', 'DOCKER_CONFIG', 'DOCKER_CONTEXT', 'DOCKER_CERT_PATH', 'DOCKER_TLS', 'DOCKER_TLS_VERIFY'],
    ...['DOCKER_API_VERSION', 'DOCKER_CONTENT_TRUST', 'DOCKER_CONTENT_TRUST_SERVER', 'DOCKER_DEFAULT_PLATFORM'],
    ...['DOCKER_CLI_EXPERIMENTAL', 'DOCKER_BUILDKIT', 'EXPERIMENTAL_BUILDKIT_SOURCE_POLICY', 'SOURCE_DATE_EPOCH'],
    ...['KUBECONFIG', 'KUBERNETES_SERVICE_HOST', 'KUBERNETES_SERVICE_PORT'],
  ],
  prefixes: ['BUILDX_', 'BUILDKIT_'],
}

/** The agent signs for `ssh://` engines and builders, and for `--ssh` of a build. */
const agent: Variables = { names: ['SSH_AUTH_SOCK'] }

/** For credential helpers (ECR, Google, Azure, a password store) and KMS providers: only for commands that use a registry. */
const cloud: Variables = {
  names: [
    ...['DOCKER_AUTH_CONFIG', 'GOOGLE_APPLICATION_CREDENTIALS', 'GOOGLE_CLOUD_PROJECT'],
    ...['DBUS_SESSION_BUS_ADDRESS', 'GNUPGHOME', 'PASSWORD_STORE_DIR'],
  ],
  prefixes: ['AWS_', 'AZURE_', 'CLOUDSDK_'],
  credentials: true,
}

/** cosign's own settings, its password, and HashiCorp Vault as its KMS. */
const signing: Variables = {
  names: ['TUF_ROOT', 'TRANSIT_SECRET_ENGINE_PATH'],
  prefixes: ['COSIGN_', 'SIGSTORE_', 'VAULT_'],
  credentials: true,
}

/** For builds that use the GitHub Actions cache, and for no other process. Source: buildx `util/buildflags/cache.go`. */
export const actionsCacheVariables: readonly string[] = [
  'ACTIONS_RUNTIME_TOKEN',
  'ACTIONS_RESULTS_URL',
  'ACTIONS_CACHE_URL',
  'ACTIONS_CACHE_SERVICE_V2',
]

/** For keyless signing, and for no other process. */
export const identityVariables: readonly string[] = ['ACTIONS_ID_TOKEN_REQUEST_URL', 'ACTIONS_ID_TOKEN_REQUEST_TOKEN']

/** Commands of docker that use a registry. `create` does not: its image is in the engine by then. */
const registryCommands: ReadonlySet<string | undefined> = new Set(['buildx', 'login', 'pull', 'push', 'run'])

/** A program that is not listed gets only the basic variables. */
function variablesOf(program: string, args: readonly string[]): readonly Variables[] {
  const name = basename(program)
  if (name === 'docker') return [basic, engine, agent, ...(registryCommands.has(args[0]) ? [cloud] : [])]
  if (name === 'docker-buildx') return [basic, engine, agent, cloud]
  if (name.startsWith('docker-credential-')) return [basic, engine, cloud]
  if (name === 'cosign') return [basic, engine, cloud, signing]
  if (name === 'ssh') return [basic, agent]
  return [basic]
}

/** Inputs and state of the action, which may be passwords and tokens. */
const isOwn = (name: string): boolean => /^(INPUT|STATE)_/i.test(name)

/** `BUILDX_BAKE_GIT_AUTH_TOKEN` and the like: a prefix selects settings, not credentials. */
const isCredential = (name: string): boolean => /TOKEN|PASSWORD|SECRET|CREDENTIAL/i.test(name)

/**
 * The environment of a child process: what its program needs, and what the workflow names for it. No inputs (`INPUT_*`), tokens, `NODE_OPTIONS`. Pure.
 * @param pass more names for this process: `secrets: id=X,env=NAME` for a build. Never a name from a pull request.
 */
export function childEnvironment(
  program: string,
  args: readonly string[],
  environment: Environment,
  pass: readonly string[] = [],
): Readonly<Record<string, string>> {
  const groups = variablesOf(program, args)
  const isListed = (name: string): boolean =>
    groups.some(
      ({ names = [], prefixes = [], credentials }) =>
        names.includes(name) ||
        (prefixes.some((prefix) => name.startsWith(prefix)) && (credentials || !isCredential(name))),
    )
  const entries = Object.entries(environment).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && !isOwn(entry[0]) && (pass.includes(entry[0]) || isListed(entry[0])),
  )
  return Object.fromEntries(entries)
}
