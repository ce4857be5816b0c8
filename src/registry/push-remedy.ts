import type { Host } from '../core/host.ts'
import { originOf } from '../core/origin.ts'

interface RefusedPush {
  /** As users write them: `ghcr.io`, `docker.io`. */
  readonly registries: readonly string[]
  /** `false`: there is no login for them. */
  readonly loggedIn: boolean
}

/** What to do about a push that a registry refused: one text for the check before the build and for publishing. Pure. */
export function pushRemedy({ registries, loggedIn }: RefusedPush, host: Pick<Host, 'event' | 'payload'>): string {
  const { event } = host
  // The other events of an untrusted pull request run with the secrets of the base repository.
  const isFork =
    event.name.startsWith('pull_request') && event.name !== 'pull_request_target' && originOf(host) === 'untrusted'
  if (isFork) {
    return `Set "push: \${{ github.event_name != 'pull_request' }}": a pull request from a fork or of Dependabot never gets a token that may push.`
  }
  const account = loggedIn
    ? 'Check "username" and "password" (or the login of an earlier step): the account or token needs write access there.'
    : registries.map((registry) => logIn(registry, event.name === 'local')).join(' ')
  return [account, ...registries.flatMap((registry) => hintFor(registry, event.repository)), noRetry].join(' ')
}

const noRetry = 'Running it again changes nothing.'

const logIn = (registry: string, isLocal: boolean): string =>
  isLocal
    ? `Run "docker login ${registry}" before, or set "registry: ${registry}", "username" and "password".`
    : `Set "registry: ${registry}", "username" and "password", or use docker/login-action in an earlier step of the job.`

function hintFor(registry: string, repository: string): readonly string[] {
  switch (registry.toLowerCase()) {
    case 'ghcr.io':
      return [
        `On ghcr.io the job needs the permission "packages: write". If the package exists already, add ${repository === '' ? 'the repository' : repository} in its settings under "Manage Actions access" with the role Write. A personal access token needs the scope "write:packages".`,
      ]
    case 'docker.io':
      return [
        'On Docker Hub use an access token with the permission "Read & Write", of an account that may push to this namespace.',
      ]
    case 'registry.gitlab.com':
      return [
        'On GitLab use a token with the scopes "read_registry" and "write_registry" and at least the role Developer.',
      ]
    case 'quay.io':
      return [
        'On Quay give the robot account the permission Write on the repository, and for a new one the right to create repositories in the organization.',
      ]
    default:
      return []
  }
}
