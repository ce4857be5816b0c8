import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Answer, AskOptions, Host, Processes } from '../host.ts'
import { assignments, csv, flag } from './arguments.ts'

export interface Mount {
  /** Undefined: an anonymous volume, which goes with its container. */
  readonly volume?: string
  readonly target: string
  readonly readOnly?: boolean
}

/** A folder of the daemon's machine, read-only. */
export interface Bind {
  readonly source: string
  readonly target: string
}

/** Probe times of a container; the test itself stays that of the image. */
export interface HealthOverride {
  readonly intervalMs: number
  readonly timeoutMs: number
  readonly retries: number
}

/** Everything about a container that `docker create` is told. */
export interface ContainerSpec {
  readonly name: string
  readonly image: string
  readonly labels: ReadonlyMap<string, string>
  readonly platform?: string
  readonly init?: boolean
  readonly interactive?: boolean
  readonly hostname?: string
  readonly environment?: ReadonlyMap<string, string>
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
  readonly oomScoreAdjust?: number
  readonly health?: HealthOverride
  readonly logOptions?: ReadonlyMap<string, string>
  readonly entrypoint?: string
  readonly command?: readonly string[]
  /** As the user gives them; they come last, so they win. */
  readonly extra?: readonly string[]
}

const label = (pairs: ReadonlyMap<string, string>): readonly string[] => flag('--label', assignments(pairs))

const mount = ({ volume, target, readOnly }: Mount, labels: ReadonlyMap<string, string>): string =>
  // Nocopy: the Supervisor binds a folder there, which hides what the image has in its place.
  [
    csv({ type: 'volume', source: volume, target }),
    'volume-nocopy',
    ...(readOnly ? ['readonly'] : []),
    ...(volume ? assignments(labels).map((pair) => csv({ 'volume-label': pair })) : []),
  ].join(',')

/** `docker create`; the environment comes from a file, see `environmentFile`. */
export const createArguments = (spec: ContainerSpec, environmentFile?: string): readonly string[] => [
  'create',
  ...flag('--env-file', environmentFile),
  ...specArguments(spec),
]

/** What `create` and `run` have in common, without the environment. */
export function specArguments(spec: ContainerSpec): readonly string[] {
  const { health } = spec
  return [
    ...flag('--name', spec.name),
    ...label(spec.labels),
    ...flag('--platform', spec.platform),
    ...flag('--init', spec.init),
    ...flag('--interactive', spec.interactive),
    ...flag('--hostname', spec.hostname),
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
    ...flag('--oom-score-adj', spec.oomScoreAdjust),
    ...(health
      ? [
          ...flag('--health-interval', `${health.intervalMs}ms`),
          ...flag('--health-timeout', `${health.timeoutMs}ms`),
          ...flag('--health-retries', health.retries),
          // Over at once: within a start period moby probes every five seconds, whatever the interval.
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

/** A value with a line end has no form in an env file. */
const oneLine = (value: string): boolean => !/[\r\n]/.test(value)

/**
 * The environment as text for `--env-file`: values may be secret and argv is public.
 * Values of several lines are returned apart; the caller passes them as `--env NAME` in the environment of the docker process.
 */
export function environmentFile(environment: ReadonlyMap<string, string>): {
  readonly text: string
  readonly others: ReadonlyMap<string, string>
} {
  const entries = [...environment]
  return {
    text: entries
      .filter(([, value]) => oneLine(value))
      .map(([key, value]) => `${key}=${value}\n`)
      .join(''),
    others: new Map(entries.filter(([, value]) => !oneLine(value))),
  }
}

/** Creates without starting. Resolves with the container's ID, or what docker said instead. */
export async function createContainer(
  spec: ContainerSpec,
  { processes, temporary }: Pick<Host, 'processes' | 'temporary'>,
): Promise<{ readonly id: string } | { readonly error: string }> {
  const { text, others } = environmentFile(spec.environment ?? new Map())
  // A file and not standard input: Node's pipes are sockets, which /dev/stdin cannot open.
  const file = join(temporary, `${spec.name}.env`)
  if (text) await writeFile(file, text, { mode: 0o600 })
  try {
    const [command = '', ...args] = createArguments(spec, text ? file : undefined)
    const answer = await docker(processes, [command, ...flag('--env', [...others.keys()]), ...args], {
      environment: Object.fromEntries(others),
      timeoutMs: 120_000,
    })
    const id = answer.stdout.trim().split('\n').at(-1) ?? ''
    return answer.exitCode === 0 && /^[0-9a-f]{64}$/.test(id) ? { id } : { error: saidBy(answer) }
  } finally {
    await rm(file, { force: true })
  }
}

export const docker = (processes: Processes, args: readonly string[], options?: AskOptions): Promise<Answer> =>
  processes.ask('docker', args, options)

/** The last word of a docker command that failed, without docker's own preamble. */
export function saidBy({ stderr, exitCode }: Answer): string {
  const lines = stderr
    .split('\n')
    .filter((line) => line.trim() && !/^(WARNING|Error: failed to start|Run 'docker )/.test(line))
  const text = lines.find((line) => line.startsWith('Error')) ?? lines.at(-1) ?? `docker ended with ${exitCode}`
  return text
    .replace(/^Error response from daemon: /, '')
    .replace(/^docker: /, '')
    .replace(/^failed to create task for container: /, '')
    .replace(/^failed to create shim task: /, '')
    .replace(/^OCI runtime create failed: /, '')
    .replace(/^runc create failed: /, '')
    .trim()
}

/** Removes at once, with the anonymous volumes. A container that is gone already is no error. */
export const removeContainers = (processes: Processes, names: readonly string[]): Promise<Answer> =>
  docker(processes, ['rm', '--force', '--volumes', ...names])
