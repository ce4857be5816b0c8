import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ExecOptions, Host, Processes, ProcessResult } from '../core/host.ts'
import { fitsEnvironment, fitsOnLine, isReserved } from '../core/variables.ts'
import { assignments, csv, flag } from './arguments.ts'
import { lostLayer, lostLayerRetries } from './images.ts'

export interface Mount {
  /** Undefined: an anonymous volume, which is removed with its container. */
  readonly volume?: string
  readonly target: string
  readonly readOnly?: boolean
}

/** A folder of the daemon's machine, read-only. */
interface Bind {
  readonly source: string
  readonly target: string
}

/** Probe times for one container. The command of HEALTHCHECK stays that of the image. */
interface HealthOverride {
  readonly intervalMs: number
  readonly timeoutMs: number
  readonly retries: number
}

export interface ContainerSpec {
  readonly name: string
  readonly image: string
  readonly labels: ReadonlyMap<string, string>
  readonly platform?: string
  readonly init?: boolean
  readonly interactive?: boolean
  readonly hostname?: string
  readonly domain?: string
  readonly dnsSearch?: readonly string[]
  readonly dnsOptions?: readonly string[]
  readonly environment?: ReadonlyMap<string, string>
  /** Names in `environment` whose values come from the workflow and may be secret. All others are public. */
  readonly ownerVariables?: ReadonlySet<string>
  readonly mounts?: readonly Mount[]
  readonly binds?: readonly Bind[]
  readonly tmpfs?: readonly string[]
  readonly network?: string
  readonly address?: string
  readonly hosts?: ReadonlyMap<string, string>
  readonly capAdd?: readonly string[]
  readonly capDrop?: readonly string[]
  readonly securityOptions?: readonly string[]
  readonly readOnly?: boolean
  readonly devices?: readonly string[]
  readonly ulimits?: ReadonlyMap<string, string>
  readonly pidsLimit?: number
  readonly oomScoreAdjust?: number
  readonly health?: HealthOverride
  readonly logOptions?: ReadonlyMap<string, string>
  readonly entrypoint?: string
  readonly command?: readonly string[]
  /** As the user gives them; they come last, so they win. */
  readonly extra?: readonly string[]
}

const mount = ({ volume, target, readOnly }: Mount, labels: ReadonlyMap<string, string>): string =>
  // `volume-nocopy`, because the Supervisor mounts a folder there, which hides the files of the image.
  [
    csv({ type: 'volume', source: volume, target }),
    'volume-nocopy',
    ...(readOnly ? ['readonly'] : []),
    ...(volume ? assignments(labels).map((pair) => csv({ 'volume-label': pair })) : []),
  ].join(',')

/** `docker create`; the environment comes from a file, see `passEnvironment`. */
export const createArguments = (spec: ContainerSpec, environmentFile?: string): readonly string[] => [
  'create',
  ...flag('--env-file', environmentFile),
  ...specArguments(spec),
]

/** The arguments that `create` and `run` share, without the environment. */
export function specArguments(spec: ContainerSpec): readonly string[] {
  const { health } = spec
  return [
    ...flag('--name', spec.name),
    ...flag('--label', assignments(spec.labels)),
    ...flag('--platform', spec.platform),
    ...flag('--init', spec.init),
    ...flag('--interactive', spec.interactive),
    ...flag('--hostname', spec.hostname),
    ...flag('--domainname', spec.domain),
    ...flag('--dns-search', spec.dnsSearch),
    ...flag('--dns-option', spec.dnsOptions),
    ...flag(
      '--mount',
      spec.mounts?.map((one) => mount(one, spec.labels)),
    ),
    ...flag(
      '--mount',
      spec.binds?.map(({ source, target }) => `${csv({ type: 'bind', source, target })},readonly`),
    ),
    ...flag('--tmpfs', spec.tmpfs),
    ...flag('--network', spec.network),
    ...flag('--ip', spec.address),
    ...flag('--add-host', spec.hosts && [...spec.hosts].map(([name, address]) => `${name}:${address}`)),
    ...flag('--cap-add', spec.capAdd),
    ...flag('--cap-drop', spec.capDrop),
    ...flag('--security-opt', spec.securityOptions),
    ...flag('--read-only', spec.readOnly),
    ...flag('--device', spec.devices),
    ...flag('--ulimit', spec.ulimits && assignments(spec.ulimits)),
    ...flag('--pids-limit', spec.pidsLimit),
    ...flag('--oom-score-adj', spec.oomScoreAdjust),
    ...(health
      ? [
          ...flag('--health-interval', `${health.intervalMs}ms`),
          ...flag('--health-timeout', `${health.timeoutMs}ms`),
          ...flag('--health-retries', health.retries),
          // Ends at once, because moby probes every five seconds within the start period, whatever the interval.
          ...flag('--health-start-period', '1ms'),
        ]
      : []),
    ...(spec.logOptions ? ['--log-driver', 'json-file', ...flag('--log-opt', assignments(spec.logOptions))] : []),
    ...flag('--entrypoint', spec.entrypoint),
    ...(spec.extra ?? []),
    spec.image,
    ...(spec.command ?? []),
  ]
}

interface PassedEnvironment {
  /** Text for `--env-file`. */
  readonly file: string
  readonly arguments: readonly string[]
  /** Variables for the docker process itself. `--env NAME` copies them from there. */
  readonly child: ReadonlyMap<string, string>
}

/**
 * How an environment gets to `docker create`. Values may be secret and argv is public, so they go into an env file. A value that does not fit there
 * goes as `--env KEY=value` if it is from a file of the repository; one from the workflow goes into the environment of the docker process, but never
 * under a name that a program reads. So no file of a pull request changes the environment of a process on this machine. Pure.
 */
export function passEnvironment({
  environment = new Map(),
  ownerVariables = new Set(),
}: Pick<ContainerSpec, 'environment' | 'ownerVariables'>): PassedEnvironment {
  // Checked where inputs and config.yaml are read, and here again, because for a bare name docker copies a variable of this machine.
  const entries = [...environment].filter(([name, value]) => fitsEnvironment(name, value))
  const long = entries.filter(([name, value]) => !fitsOnLine(name, value))
  const child = long.filter(([name]) => ownerVariables.has(name) && !isReserved(name))
  const open = long.filter(([name]) => !ownerVariables.has(name))
  return {
    file: entries
      .filter(([name, value]) => fitsOnLine(name, value))
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
    arguments: flag('--env', [...assignments(new Map(open)), ...child.map(([name]) => name)]),
    child: new Map(child),
  }
}

/** Creates a container without starting it. Resolves with its ID, or with docker's error message. */
export async function createContainer(
  spec: ContainerSpec,
  { processes, temporary }: Pick<Host, 'processes' | 'temporary'>,
): Promise<{ readonly id: string } | { readonly error: string }> {
  const passed = passEnvironment(spec)
  // A file instead of standard input, because Node's pipes are sockets, which cannot be opened by the path /dev/stdin.
  const file = join(temporary, `${spec.name}.env`)
  if (passed.file) await writeFile(file, passed.file, { mode: 0o600 })
  try {
    const [command = '', ...args] = createArguments(spec, passed.file ? file : undefined)
    for (let retries = lostLayerRetries; ; retries -= 1) {
      const answer = await docker(processes, [command, ...passed.arguments, ...args], {
        environment: Object.fromEntries(passed.child),
        timeoutMs: 120_000,
      })
      const id = answer.stdout.trim().split('\n').at(-1) ?? ''
      if (answer.exitCode === 0 && /^[0-9a-f]{64}$/.test(id)) return { id }
      const message = errorOf(answer)
      if (retries === 0 || !lostLayer(message)) return { error: message }
    }
  } finally {
    await rm(file, { force: true })
  }
}

export const docker = (processes: Processes, args: readonly string[], options?: ExecOptions): Promise<ProcessResult> =>
  processes.exec('docker', args, options)

/** The error message of a docker command that failed, without docker's own preamble. */
export function errorOf({ stderr, exitCode }: ProcessResult): string {
  const lines = stderr
    .split('\n')
    .filter((line) => line.trim() && !/^(WARNING|Error: failed to start|Run 'docker )/.test(line))
  const text = lines.find((line) => line.startsWith('Error')) ?? lines.at(-1) ?? `docker ended with ${exitCode}`
  return text.replace(preamble, '').trim()
}

const preamble =
  /^(?:(?:Error response from daemon|docker|failed to create (?:task for container|shim task)|(?:OCI runtime|runc) create failed): )+/

/** Removes containers without a grace period, with their anonymous volumes. A container that no longer exists is not an error. */
export const removeContainers = (processes: Processes, names: readonly string[]): Promise<ProcessResult> =>
  docker(processes, ['rm', '--force', '--volumes', ...names])
