import { type Diagnostic, error, Failure } from '../core/diagnostics.ts'
import type { Host } from '../core/host.ts'
import { parseJsonText } from '../core/json-fields.ts'
import { dockerConfigFolder, readDockerConfig } from '../registry/credentials.ts'
import { findProgram, pluginFolders } from './buildx-plugin.ts'
import { type QueryEngine, querySocket, socketOf } from './engine-socket.ts'

export interface Engine {
  readonly version: string
  /** The file of the buildx plugin, if it is known. */
  readonly buildxProgram?: string
  /** `containerd`: the daemon's own BuildKit builds for several platforms, and an image's ID is its manifest digest. */
  readonly store: 'containerd' | 'classic'
  /** Architecture of the engine's machine, in Node's names: `x64`, `arm64`, `arm`, `ia32`. */
  readonly machine: string
  readonly context: string
  /** Registries that the daemon is configured to reach without TLS. */
  readonly insecureRegistries: readonly string[]
  /** The folder with the engine's images, on the machine `hostName`, which may be another one. */
  readonly dataRoot?: string
  readonly hostName?: string
}

interface Info {
  readonly ServerVersion?: string
  readonly ServerErrors?: readonly string[]
  readonly Architecture?: string
  readonly DockerRootDir?: string
  readonly Name?: string
  readonly DriverStatus?: readonly (readonly [string, string])[] | null
  readonly RegistryConfig?: { readonly IndexConfigs?: Readonly<Record<string, { readonly Secure?: boolean }>> } | null
  readonly ClientInfo?: {
    readonly Context?: string
    readonly Plugins?: readonly { readonly Name: string; readonly Version?: string; readonly Path?: string }[] | null
  }
}

/** The first buildx with `--progress=rawjson`; its BuildKit (0.13) is the first that writes several outputs. */
const oldestBuildx = [0, 13] as const

/**
 * Queries the engine at its socket, because `docker info` starts every plugin, which takes a fifth of a cached run (28.5). `docker info` is for errors, and
 * for engines that only docker can reach. Throws a Failure (`environment`) if the daemon does not answer or buildx is missing.
 */
export async function inspectEngine(
  { processes, environment }: Pick<Host, 'processes' | 'environment'>,
  query: QueryEngine = querySocket,
): Promise<Engine> {
  const config = await readDockerConfig(dockerConfigFolder(environment))
  const socket = socketOf(environment, config)
  const [program, docker] = await Promise.all([
    socket === undefined ? undefined : findProgram('docker-buildx', pluginFolders(environment, config)),
    findProgram('docker', (environment.PATH ?? '').split(':')),
  ])
  // Later stages call docker itself: if it is missing, fail now.
  if (socket !== undefined && program !== undefined && docker !== undefined) {
    const info = parseInfo((await query(socket, '/info')) ?? '')
    if (info?.ServerVersion) return describe(info, program)
  }
  const answer = await processes.exec('docker', ['info', '--format', '{{json .}}'])
  return readEngine(answer.stdout, answer.stderr)
}

/** Reads the output of `docker info --format '{{json .}}'`. Pure. */
export function readEngine(stdout: string, stderr = ''): Engine {
  const info = parseInfo(stdout)
  const problem = info?.ServerErrors?.[0] ?? (info?.ServerVersion ? undefined : stderr.trim().split('\n').at(-1))
  if (!info || problem !== undefined) {
    throw failure(
      'environment/no-docker',
      `The Docker daemon does not answer: ${problem || 'the output of "docker info" is not JSON'}.`,
      'Start it (systemctl start docker), or give this user access to its socket.',
    )
  }
  const buildx = info.ClientInfo?.Plugins?.find(({ Name }) => Name === 'buildx')
  if (buildx === undefined) {
    throw failure(
      'environment/no-buildx',
      'Docker has no buildx plugin.',
      'Install it (Debian, Ubuntu: docker-buildx or docker-buildx-plugin).',
    )
  }
  if (isTooOld(buildx.Version)) throw new Failure('environment', [tooOld(buildx.Version)])
  return describe(info, buildx.Path)
}

const parseInfo = (text: string): Info | undefined => parseJsonText(text) as Info | undefined

function describe(info: Info, buildxProgram: string | undefined): Engine {
  return {
    version: info.ServerVersion ?? '',
    ...(buildxProgram?.startsWith('/') && { buildxProgram }),
    store: info.DriverStatus?.some(
      ([key, value]) => key === 'driver-type' && value.startsWith('io.containerd.snapshotter'),
    )
      ? 'containerd'
      : 'classic',
    machine: machineOf(info.Architecture ?? ''),
    context: info.ClientInfo?.Context || 'default',
    insecureRegistries: Object.entries(info.RegistryConfig?.IndexConfigs ?? {})
      .filter(([, config]) => config.Secure === false)
      .map(([name]) => name),
    ...(info.DockerRootDir && { dataRoot: info.DockerRootDir }),
    ...(info.Name && { hostName: info.Name }),
  }
}

const isTooOld = (version = ''): version is string => {
  const found = /(?<!\d)(\d+)\.(\d+)/.exec(version)
  if (!found) return false
  const [major, minor] = found.slice(1).map(Number) as [number, number]
  return major < oldestBuildx[0] || (major === oldestBuildx[0] && minor < oldestBuildx[1])
}

const tooOld = (version: string): Diagnostic =>
  error(
    'environment/old-buildx',
    `buildx ${version} is too old: ${oldestBuildx.join('.')} is the first that can write several outputs and a machine-readable log.`,
    'Update the docker-buildx-plugin package.',
  )

/** The error for a buildx that is too old. Checked only after a build without machine-readable output: it costs another process. */
export async function explainOldBuildx(
  engine: Pick<Engine, 'buildxProgram'>,
  { exec }: Pick<Host['processes'], 'exec'>,
): Promise<Diagnostic | undefined> {
  const { stdout } = await exec(...buildxCommand(engine, ['buildx', 'version']))
  const version = /^github\.com\/docker\/buildx\s+(\S+)/.exec(stdout)?.[1]
  return isTooOld(version) ? tooOld(version) : undefined
}

const machineOf = (architecture: string): string =>
  ({ x86_64: 'x64', amd64: 'x64', aarch64: 'arm64', arm64: 'arm64', armv7l: 'arm', armv6l: 'arm', i686: 'ia32' })[
    architecture
  ] ?? architecture

const failure = (code: string, message: string, remedy: string): Failure =>
  new Failure('environment', [error(code, message, remedy)])

/** `docker buildx …`, by the plugin itself: docker would first start every plugin, a third of a cached build (28.5). @param args starting with `buildx`. */
export const buildxCommand = (
  { buildxProgram }: Pick<Engine, 'buildxProgram'>,
  args: readonly string[],
): readonly [command: string, args: readonly string[]] =>
  buildxProgram !== undefined && args[0] === 'buildx' ? [buildxProgram, args.slice(1)] : ['docker', args]
