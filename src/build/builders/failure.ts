import { error, Failure } from '../../core/diagnostics.ts'
import type { Builder, Opening } from './builder.ts'

/** Why a builder cannot be used. */
export interface Explanation {
  readonly code: string
  readonly message: string
  readonly remedy: string
  /** Another try may succeed. */
  readonly mayPass: boolean
}

export const refuse = ({ code, message, remedy }: Explanation): Failure =>
  new Failure('environment', [error(code, message, remedy)])

/** Puts into words what docker or buildx said when it failed to create or inspect a builder. Pure. */
export function explain(
  stderr: string,
  builder: Pick<Builder, 'name' | 'driver'>,
  opening: Pick<Opening, 'options'>,
): Explanation {
  const said = wordsOf(stderr)
  const { options } = opening
  if (/no builder "[^"]*" found/.test(stderr)) {
    return {
      code: 'environment/no-such-builder',
      message: `There is no builder "${builder.name}" on this machine.`,
      remedy:
        'Create it in an earlier step (docker buildx create --name …) as the same user, or remove the input "builder". "docker buildx ls" shows all.',
      mayPass: false,
    }
  }
  const ssh = stderr.split('command [ssh ')[1]
  const sshHost = /-- (\S+) /.exec(ssh ?? '')?.[1]
  const sshSaid = ssh?.split('stderr=').slice(1).join('stderr=')
  if (sshHost !== undefined && sshSaid !== undefined && sshSaid !== '') return explainSsh(sshHost, sshSaid, 'docker')
  const image = /pulling image (\S+)/.exec(stderr)?.[1]
  if (image !== undefined && /failed to resolve|not found|denied|failed to do request|unauthorized/i.test(said)) {
    return {
      code: 'environment/no-buildkit-image',
      message: `The image of the ${builder.driver} builder cannot be had: ${said}`,
      remedy: `Log in to its registry or give this machine a way to it, load "${image}" before (docker load), or name one that it has: "driver-opts: image=…".`,
      // Neither does a name become right, nor a login.
      mayPass: !/not found|denied|unauthorized|no such host/i.test(said),
    }
  }
  const unreachable =
    /no such host|connection refused|i\/o timeout|no route to host|Cannot connect to the Docker daemon/i.test(said)
  if (unreachable && options.endpoints.length > 0) {
    const list = options.endpoints.map(({ endpoint }) => endpoint).join(', ')
    return {
      code: 'environment/builder-unreachable',
      message: `A node of the builder (${list}) does not answer: ${said}`,
      remedy: 'Check "endpoint"; with "driver: docker-container" a Docker engine has to listen there.',
      mayPass: !/no such host/.test(said),
    }
  }
  if (/failed to parse buildkit config|invalid driver option|could not find|cannot parse/i.test(said)) {
    return {
      code: 'environment/no-builder',
      message: `The ${builder.driver} builder cannot be made: ${said}`,
      remedy: 'Correct "driver-opts" or "buildkitd-config".',
      mayPass: false,
    }
  }
  if (builder.driver === 'kubernetes' && /kubernetes|namespace|configuration/i.test(said)) {
    return {
      code: 'environment/no-builder',
      message: `The kubernetes builder cannot be made: ${said}`,
      remedy: 'Give this job a cluster: a kubeconfig (KUBECONFIG), and "driver-opts: namespace=…" where it names none.',
      mayPass: false,
    }
  }
  return {
    code: 'environment/no-builder',
    message: `The ${builder.driver === 'other' ? `builder "${builder.name}"` : `${builder.driver} builder`} did not start: ${said}`,
    remedy: 'Look whether the machine it runs on has the BuildKit image and lets a privileged container start.',
    mayPass: true,
  }
}

/** @param program what is called on the other side: `docker` or `buildctl`. */
export function explainSsh(host: string, stderr: string, program: 'docker' | 'buildctl'): Explanation {
  const said = wordsOf(stderr) || `ssh said nothing.`
  const to = (remedy: string, mayPass = false): Explanation => ({
    code: 'environment/builder-ssh',
    message: `The builder behind ssh://${host} cannot be reached: ${said}`,
    remedy,
    mayPass,
  })
  if (/Host key verification failed|host key is known|authenticity of host/i.test(stderr)) {
    return to(`Tell this machine the host's key before: ssh-keyscan -H ${host} >> ~/.ssh/known_hosts (and compare it).`)
  }
  if (/Permission denied \(|Too many authentication failures/i.test(stderr)) {
    return to('Give this user a key that the host takes: in an ssh-agent (SSH_AUTH_SOCK), or in ~/.ssh.')
  }
  if (/permission denied while trying to connect|dial unix/i.test(stderr)) {
    return to(`Start ${program === 'docker' ? 'Docker' : 'buildkitd'} there, and let that user reach its socket.`)
  }
  if (/not found|No such file/i.test(stderr)) {
    return to(`Install "${program}" there, in the path of a login without a terminal.`)
  }
  return to('Check "endpoint", and whether the host lets this machine in.', !/resolve hostname/i.test(stderr))
}

/** The last line that says something, without what buildx puts around it, as a sentence. */
function wordsOf(stderr: string): string {
  const lines = stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^(-+|> \[|WARNING)/.test(line))
  const last = (lines.findLast((line) => line.startsWith('ERROR:')) ?? lines.at(-1) ?? '')
    .replace(/^ERROR:\s*/, '')
    .replace(/^failed to initialize builder \S+ \(\S+\):\s*/, '')
    .replace(/^Error response from daemon:\s*/, '')
  return last === '' || /[.!?]$/.test(last) ? last : `${last}.`
}
