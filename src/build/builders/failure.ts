import { error, Failure } from '../../core/diagnostics.ts'
import type { Host } from '../../core/host.ts'
import { retry } from '../../core/retry.ts'
import type { Builder, Opening } from './builder.ts'

export interface Explanation {
  readonly code: string
  readonly message: string
  readonly remedy: string
  /** Whether another attempt may succeed. */
  readonly isTransient: boolean
}

export const explanation = (code: string, message: string, remedy: string, isTransient = false): Explanation => ({
  code,
  message,
  remedy,
  isTransient,
})

export class BuilderFailure extends Failure {
  readonly explanation: Explanation

  constructor(explanation: Explanation) {
    const { code, message, remedy } = explanation
    super('environment', [error(code, message, remedy)])
    this.explanation = explanation
  }
}

/** Retries transient failures, such as a slow registry or a node that is starting. @param delayMs first wait; each later one is longer by as much. */
export const retryBuilder = <T>(
  { clock, signal, log }: Pick<Host, 'clock' | 'signal' | 'log'>,
  { attempts, delayMs }: { readonly attempts: number; readonly delayMs: number },
  work: (attempt: number) => Promise<T>,
): Promise<T> =>
  retry(
    {
      sleep: clock.sleep,
      signal,
      attempts,
      waitMs: (thrown, attempt) =>
        thrown instanceof BuilderFailure && thrown.explanation.isTransient ? attempt * delayMs : undefined,
      onRetry(thrown, waitMs) {
        const message = thrown instanceof BuilderFailure ? thrown.explanation.message : ''
        log.info(`${message} Trying again in ${waitMs / 1000} s.`)
      },
    },
    work,
  )

/** The cause of a failure to create or inspect a builder, from the output of docker or buildx. Pure. */
export function explain(
  stderr: string,
  builder: Pick<Builder, 'name' | 'driver'>,
  opening: Pick<Opening, 'options'>,
): Explanation {
  const reason = reasonIn(stderr)
  const { options } = opening
  if (/no builder "[^"]*" found/.test(stderr)) {
    return explanation(
      'environment/no-such-builder',
      `There is no builder "${builder.name}" on this machine.`,
      'Create it in an earlier step (docker buildx create --name …) as the same user, or remove the input "builder". "docker buildx ls" shows all.',
    )
  }
  const ssh = stderr.split('command [ssh ')[1]
  const sshHost = /-- (\S+) /.exec(ssh ?? '')?.[1]
  const sshError = ssh?.split('stderr=').slice(1).join('stderr=')
  if (sshHost !== undefined && sshError !== undefined && sshError !== '') return explainSsh(sshHost, sshError, 'docker')
  const image = /pulling image (\S+)/.exec(stderr)?.[1]
  if (image !== undefined && /failed to resolve|not found|denied|failed to do request|unauthorized/i.test(reason)) {
    return explanation(
      'environment/no-buildkit-image',
      `The image of the ${builder.driver} builder cannot be pulled: ${reason}`,
      `Log in to its registry, or give this machine access to it. Otherwise load "${image}" in an earlier step (docker load), or set "driver-opts: image=…" to an image that this machine has.`,
      // Retries do not help against a wrong name or login.
      !/not found|denied|unauthorized|no such host/i.test(reason),
    )
  }
  const unreachable =
    /no such host|connection refused|i\/o timeout|no route to host|Cannot connect to the Docker daemon/i.test(reason)
  if (unreachable && options.endpoints.length > 0) {
    const list = options.endpoints.map(({ endpoint }) => endpoint).join(', ')
    return explanation(
      'environment/builder-unreachable',
      `A node of the builder (${list}) does not answer: ${reason}`,
      'Check "endpoint". With "driver: docker-container" it is the address of a Docker engine.',
      !/no such host/.test(reason),
    )
  }
  if (/failed to parse buildkit config|invalid driver option|could not find|cannot parse/i.test(reason)) {
    return explanation(
      'environment/no-builder',
      `The ${builder.driver} builder cannot be created: ${reason}`,
      'Correct "driver-opts" or "buildkitd-config".',
    )
  }
  if (builder.driver === 'kubernetes' && /kubernetes|namespace|configuration/i.test(reason)) {
    return explanation(
      'environment/no-builder',
      `The kubernetes builder cannot be created: ${reason}`,
      'Give this job access to a cluster: a kubeconfig (KUBECONFIG), and "driver-opts: namespace=…" if the kubeconfig has no namespace.',
    )
  }
  return explanation(
    'environment/no-builder',
    `The ${builder.driver === 'other' ? `builder "${builder.name}"` : `${builder.driver} builder`} did not start: ${reason}`,
    'Check that the machine of the builder has the BuildKit image and allows privileged containers.',
    true,
  )
}

/** @param program the program that is started on the host. */
export function explainSsh(host: string, stderr: string, program: 'docker' | 'buildctl'): Explanation {
  const reason = reasonIn(stderr) || 'ssh printed no message.'
  const unreachable = (remedy: string, isTransient?: boolean): Explanation =>
    explanation(
      'environment/builder-ssh',
      `The builder behind ssh://${host} cannot be reached: ${reason}`,
      remedy,
      isTransient,
    )
  if (/Host key verification failed|host key is known|authenticity of host/i.test(stderr)) {
    return unreachable(
      `Add the host's key in an earlier step: ssh-keyscan -H ${host} >> ~/.ssh/known_hosts (and verify it).`,
    )
  }
  if (/Permission denied \(|Too many authentication failures/i.test(stderr)) {
    return unreachable('Give this user a key that the host accepts: in an ssh-agent (SSH_AUTH_SOCK), or in ~/.ssh.')
  }
  if (/permission denied while trying to connect|dial unix/i.test(stderr)) {
    return unreachable(
      `Start ${program === 'docker' ? 'Docker' : 'buildkitd'} there, and give that user access to its socket.`,
    )
  }
  if (/not found|No such file/i.test(stderr)) {
    return unreachable(`Install "${program}" there, in the PATH of a login without a terminal.`)
  }
  return unreachable('Check "endpoint", and that this machine can reach the host.', !/resolve hostname/i.test(stderr))
}

/** The last message as a sentence, without the prefixes of buildx. */
function reasonIn(stderr: string): string {
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
