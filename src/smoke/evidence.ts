import { docker } from '../docker/containers.ts'
import type { Host } from '../host.ts'
import { exitInWords } from './exit.ts'
import type { Output } from './output.ts'
import type { Evidence } from './result.ts'
import type { ContainerState } from './state.ts'
import type { Watch } from './watch.ts'

export interface Around {
  readonly output: Output
  readonly supervisorCalls: readonly string[]
  readonly reproduce: string
  /** Folders that Docker made as mount points. */
  readonly mounts: readonly string[]
  readonly image: string
  readonly emulated: boolean
  /** What the runtime said when the container could not be started. */
  readonly startError?: string
}

const longestDiff = 100

/** Everything that is gone once the container is removed. Secrets are masked here, so that nobody has to think of it later. */
export async function collectEvidence(watch: Watch, around: Around, host: Host): Promise<Evidence> {
  const [state, diff] = await Promise.all([
    watch.look(),
    docker(host.processes, ['diff', watch.id]).catch(() => ({ exitCode: 1, stdout: '', stderr: '' })),
  ])
  if (state && !state.running) await watch.readLogToEnd(2000)
  const { redact } = host.log
  const changes = ownChanges(diff.stdout.split('\n').filter(Boolean), around.mounts)
  const ended = state !== undefined && !state.running
  return {
    state: redact(around.startError ?? stateInWords(state, watch.outOfMemory)),
    ...(ended && { exitCode: state.exitCode }),
    outOfMemory: watch.outOfMemory,
    probes: watch.probes.map((probe) => ({ ...probe, output: redact(probe.output) })),
    stdout: around.output.stdout,
    stderr: around.output.stderr,
    diff: changes
      .slice(0, longestDiff)
      .concat(changes.length > longestDiff ? [`… ${changes.length - longestDiff} more`] : [])
      .map(redact),
    supervisorCalls: around.supervisorCalls.map(redact),
    reproduce: around.reproduce,
    image: around.image,
    emulated: around.emulated,
  }
}

/** `exited, exit code 137: killed (SIGKILL), out of memory`. */
export function stateInWords(state: ContainerState | undefined, outOfMemory: boolean): string {
  if (!state) return 'the container is gone'
  const health = state.running && state.health ? `, ${state.health.status}` : ''
  if (state.running) return `running${health}${outOfMemory ? ', a process was killed for want of memory' : ''}`
  const why = outOfMemory || state.outOfMemory ? ', out of memory' : ''
  return `${state.status}, ${exitInWords(state.exitCode)}${why}`
}

/**
 * Pure: the lines of `docker diff` that the add-on itself is to blame for: without docker-init, the mount points, and the folders that
 * changed for nothing but them.
 */
export function ownChanges(lines: readonly string[], mounts: readonly string[]): readonly string[] {
  const entries = lines.map((line) => ({ line, path: line.slice(2) }))
  const foreign = (path: string): boolean =>
    /^(\/usr)?\/sbin\/docker-init$/.test(path) || mounts.some((mount) => mount === path || mount.startsWith(`${path}/`))
  const below = (folder: string) => entries.filter(({ path }) => path.startsWith(`${folder}/`))
  const owned = ({ path }: { readonly path: string }): boolean => {
    const inside = below(path)
    return (
      !foreign(path) && (inside.length === 0 || inside.some((entry) => below(entry.path).length === 0 && owned(entry)))
    )
  }
  return entries.filter(owned).map(({ line }) => line)
}
