import { quoteForShell, shellLine } from '../core/shell-words.ts'
import { docker } from '../docker/containers.ts'
import type { ContainerRun } from './container/container-run.ts'
import { describeExit } from './container/exit.ts'
import { buildCommand, localTag, redactAll, reproduceCommand } from './container/reproduce.ts'
import type { ContainerState } from './container/state.ts'
import type { SmokeContext } from './context.ts'
import type { CheckResult, Evidence } from './result.ts'

const maxListedChanges = 100
/** Maximum lines of `docker diff` that are read. */
const maxChanges = 20_000

/**
 * Everything that is lost once the container is removed, with secrets masked.
 * @param startError the message of the container runtime if the container could not be started
 */
export async function collectEvidence(
  context: SmokeContext,
  run: ContainerRun,
  startError?: string,
): Promise<Evidence> {
  const { processes, log } = context.host
  const { observer, output, spec } = run
  const { redact } = log
  const [state, diff] = await Promise.all([
    observer.inspect(),
    docker(processes, ['diff', observer.id]).catch(() => ({ exitCode: 1, stdout: '', stderr: '' })),
  ])
  const hasEnded = state !== undefined && !state.running
  if (hasEnded) await observer.readLogToEnd(2000)
  const mounts = [...(spec.mounts ?? []).map(({ target }) => target), ...(spec.tmpfs ?? [])]
  const changes = changesOfAddon(diff.stdout.split('\n', maxChanges).filter(Boolean), mounts)
  return {
    state: redact(startError ?? describeState(state, observer.outOfMemory)),
    ...(hasEnded && { exitCode: state.exitCode }),
    outOfMemory: observer.outOfMemory,
    probes: observer.probes.map((probe) => ({ ...probe, output: redact(probe.output) })),
    stdout: output.stdout,
    stderr: output.stderr,
    diff: changes
      .slice(0, maxListedChanges)
      .concat(changes.length > maxListedChanges ? [`… ${changes.length - maxListedChanges} more`] : [])
      .map(redact),
    supervisorCalls: (run.session?.calls ?? []).map(redact),
    reproduce: reproduceRun(context, run),
    image: context.image.id,
    emulated: context.emulated,
  }
}

function reproduceRun({ target, addonOptions, kept, host }: SmokeContext, { spec }: ContainerRun): string {
  const { redact } = host.log
  return kept
    ? reproduceCommand(spec, addonOptions, redact)
    : reproduceCommand({ ...spec, image: localTag(target) }, addonOptions, redact, buildCommand(target, redact))
}

/** For a test that failed before a container was created. */
export function evidenceWithoutContainer(context: SmokeContext, checks: readonly CheckResult[]): Evidence {
  const { target, reference, kept, addonOptions, host } = context
  const { redact } = host.log
  const haveOptionsFailed = checks.some(({ name, status }) => name === 'options' && status === 'fail')
  return {
    state: 'not started',
    ...{ outOfMemory: false, probes: [], stdout: [], stderr: [], diff: [], supervisorCalls: [] },
    reproduce: haveOptionsFailed
      ? `printf %s ${quoteForShell(JSON.stringify(redactAll(addonOptions, redact)))} > options.json`
      : shellLine([
          ...(kept ? [] : [buildCommand(target, redact)]),
          `docker image inspect ${quoteForShell(kept ? reference : localTag(target))}`,
        ]),
    image: context.image.id,
    emulated: context.emulated,
  }
}

/** `exited, exit code 137: killed (SIGKILL), out of memory`. */
function describeState(state: ContainerState | undefined, outOfMemory: boolean): string {
  if (!state) return 'the container was removed'
  if (state.running) {
    const health = state.health ? `, ${state.health.status}` : ''
    return `running${health}${outOfMemory ? ', out of memory: the kernel killed a process' : ''}`
  }
  const cause = outOfMemory || state.outOfMemory ? ', out of memory' : ''
  return `${state.status}, ${describeExit(state.exitCode)}${cause}`
}

/**
 * Pure: the lines of `docker diff` that the add-on caused: without docker-init, mount points, and folders that changed only because of those.
 * Takes linear time, because a container can change any number of files.
 */
export function changesOfAddon(lines: readonly string[], mounts: readonly string[]): readonly string[] {
  const entries = lines.map((line) => ({ line, path: line.slice(2) }))
  const mountPoints = new Set(mounts)
  for (const mount of mounts) addParents(mount, mountPoints)
  const isFromDocker = (path: string): boolean => /^(\/usr)?\/sbin\/docker-init$/.test(path) || mountPoints.has(path)
  const parents = new Set<string>()
  for (const { path } of entries) addParents(path, parents)
  const owned = new Set<string>()
  for (const { path } of entries) if (!parents.has(path) && !isFromDocker(path)) addParents(path, owned)
  return entries
    .filter(({ path }) => !isFromDocker(path) && (!parents.has(path) || owned.has(path)))
    .map(({ line }) => line)
}

/** Adds each folder above a path, up to the first known one, whose parents are known too. */
function addParents(path: string, known: Set<string>): void {
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
    const folder = path.slice(0, at)
    if (known.has(folder)) return
    known.add(folder)
  }
}
