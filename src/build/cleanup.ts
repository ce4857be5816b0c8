import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '../platform/clock.ts'
import { messageOf } from '../core/diagnostics.ts'
import type { Clock, Host } from '../core/host.ts'
import { sweep } from '../docker/sweep.ts'
import { nameOf } from './builders/builder.ts'
import { buildxFolder } from '../docker/buildx-plugin.ts'
import { type AskEngine, askSocket } from '../docker/engine-socket.ts'
import { type List, openList } from '../docker/lists.ts'
import { endOrphans } from '../docker/orphans.ts'

/** What a run leaves to be removed, known from its id alone, so that it is found after any kind of death. */
export interface Traces {
  readonly runId: string
  readonly temporary: string
}

type Machine = Pick<Host, 'processes' | 'environment'>

/**
 * Removes everything that a run made. Can be called again, and after a run that died at any point; one part that cannot be removed does not keep the others.
 * @returns what could not be removed, in words.
 */
export async function removeTraces(
  { runId, temporary }: Traces,
  machine: Machine,
  clock: Pick<Clock, 'sleep'> = systemClock,
  ask: AskEngine = askSocket,
): Promise<readonly string[]> {
  const problems: string[] = []
  const attempt = async (what: string, work: () => Promise<unknown>): Promise<void> => {
    try {
      await work()
    } catch (thrown) {
      problems.push(`${what}: ${messageOf(thrown)}`)
    }
  }
  const list = await openList(machine, ask)
  // First: they would make more.
  await attempt('processes', () => endOrphans(temporary))
  await attempt('containers, networks and volumes', () => sweep(runId, machine.processes, list))
  // After the containers, which hold them.
  await Promise.all([
    attempt('images', async () => {
      const [domain, end] = ['aicleaner-build.invalid/', `-${runId}`]
      const names = await list('tag', { reference: `${domain}*:*${end}` })
      // An image has all of its names there, also those that somebody else has given it.
      const ours = names.filter((name) => name.startsWith(domain) && name.endsWith(end))
      if (ours.length > 0) await succeed(machine, ['image', 'rm', '--force', ...ours])
    }),
    attempt('builder', () => removeLeftBuilder(nameOf(runId), machine, list, clock)),
  ])
  await attempt('temporary folder', () => rm(temporary, { recursive: true, force: true, maxRetries: 3 }))
  return problems
}

/** Does not ask buildx whether there is one: `buildx ls` waits for every builder of the machine, also for those that are not ours and do not answer. */
async function removeLeftBuilder(
  builder: string,
  machine: Machine,
  list: List,
  clock: Pick<Clock, 'sleep'>,
): Promise<void> {
  if (await mayKnow(builder, machine)) await succeed(machine, ['buildx', 'rm', '--force', builder])
  await removeNodes(builder, machine, list, clock)
}

/**
 * Whether buildx may know of this builder: it keeps a file for each (buildx `store/store.go`). Nearly always there is none any more, and to hear that
 * from buildx takes a fifth of a second of the processor.
 */
async function mayKnow(builder: string, { environment }: Machine): Promise<boolean> {
  const known = await readdir(join(buildxFolder(environment), 'instances')).catch(() => undefined)
  return known === undefined || known.includes(builder)
}

const triesToRemove = 10
const betweenTriesMs = 500

/**
 * The volumes that hold the state of a builder's nodes. `buildx rm --force` forgets a builder also where it could not remove a volume, which is in use
 * as long as the engine removes the container; no later one knows of it.
 */
async function removeNodes(
  builder: string,
  { processes }: Machine,
  list: List,
  clock: Pick<Clock, 'sleep'>,
): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const volumes = await list('volume', { name: `^buildx_buildkit_${builder}` })
    if (volumes.length === 0) return
    const containers = volumes.map((volume) => volume.replace(/_state$/, ''))
    await processes.exec('docker', ['rm', '--force', ...containers])
    const { exitCode, stderr } = await processes.exec('docker', ['volume', 'rm', '--force', ...volumes])
    if (exitCode === 0) return
    if (tries === triesToRemove) throw new Error(stderr.trim())
    await clock.sleep(betweenTriesMs)
  }
}

async function succeed({ processes }: Machine, args: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await processes.exec('docker', args)
  if (exitCode !== 0 && !/no such|not found|no builder/i.test(stderr)) throw new Error(stderr.trim())
}
