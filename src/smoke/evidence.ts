import type { Host } from '../core/host.ts'
import { docker } from '../docker/containers.ts'
import type { Watch } from './container/container-watch.ts'
import type { Output } from './container/output.ts'
import type { ContainerState } from './container/state.ts'
import { exitInWords } from './exit.ts'
import type { Evidence } from './result.ts'

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
/** Lines of `docker diff` that are looked at. */
const mostChanges = 20_000

/** Everything that is gone once the container is removed. Secrets are masked here, so that nobody has to think of it later. */
export async function collectEvidence(watch: Watch, around: Around, host: Host): Promise<Evidence> {
  const [state, diff] = await Promise.all([
    watch.look(),
    docker(host.processes, ['diff', watch.id]).catch(() => ({ exitCode: 1, stdout: '', stderr: '' })),
  ])
  if (state && !state.running) await watch.readLogToEnd(2000)
  const { redact } = host.log
  const changes = ownChanges(diff.stdout.split('\n', mostChanges).filter(Boolean), around.mounts)
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
 * changed for nothing but them. Time grows with the number of lines: a container can change any number of files.
 */
export function ownChanges(lines: readonly string[], mounts: readonly string[]): readonly string[] {
  const entries = lines.map((line) => ({ line, path: line.slice(2) }))
  const mountPoints = new Set(mounts)
  for (const mount of mounts) markAbove(mount, mountPoints)
  const isForeign = (path: string): boolean => /^(\/usr)?\/sbin\/docker-init$/.test(path) || mountPoints.has(path)
  const parents = new Set<string>()
  for (const { path } of entries) markAbove(path, parents)
  const owned = new Set<string>()
  for (const { path } of entries) if (!parents.has(path) && !isForeign(path)) markAbove(path, owned)
  return entries
    .filter(({ path }) => !isForeign(path) && (!parents.has(path) || owned.has(path)))
    .map(({ line }) => line)
}

/** Each folder above a path, up to the first that is known: what is above that is known, too. */
function markAbove(path: string, known: Set<string>): void {
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
    const folder = path.slice(0, at)
    if (known.has(folder)) return
    known.add(folder)
  }
}
