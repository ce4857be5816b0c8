import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '../core/diagnostics.ts'
import type { Clock, Host } from '../core/host.ts'
import { retry } from '../core/retry.ts'
import { buildxFolder } from '../docker/buildx-plugin.ts'
import { type QueryEngine, querySocket } from '../docker/engine-socket.ts'
import { removeLabelled } from '../docker/labels.ts'
import { type List, openList } from '../docker/lists.ts'
import { systemClock } from '../platform/clock.ts'
import { endOrphanedProcesses } from '../platform/orphaned-processes.ts'
import { nameOf } from './builders/builder.ts'

type Machine = Pick<Host, 'processes' | 'environment'>

/** Removes everything that a run created, even if it was killed. Can be called again. @returns a message for each part that could not be removed. */
export async function removeTraces(
  { runId, temporary }: Pick<Host, 'runId' | 'temporary'>,
  machine: Machine,
  clock: Pick<Clock, 'sleep'> = systemClock,
  query: QueryEngine = querySocket,
): Promise<readonly string[]> {
  const problems: string[] = []
  const attempt = async (what: string, work: () => Promise<unknown>): Promise<void> => {
    try {
      await work()
    } catch (thrown) {
      problems.push(`${what}: ${messageOf(thrown)}`)
    }
  }
  const list = await openList(machine, query)
  // First, because running processes would create more resources.
  await attempt('processes', () => endOrphanedProcesses(temporary))
  await attempt('containers, networks and volumes', () => removeLabelled(runId, machine.processes, list))
  // After the containers, which use them.
  await Promise.all([
    attempt('images', async () => {
      const [domain, end] = ['aicleaner-build.invalid/', `-${runId}`]
      const names = await list('tag', { reference: `${domain}*:*${end}` })
      // The list contains all names of an image, including those that this run did not give it.
      const ours = names.filter((name) => name.startsWith(domain) && name.endsWith(end))
      if (ours.length > 0) await succeed(machine, ['image', 'rm', '--force', ...ours])
    }),
    // Does not use `buildx ls`, which waits for every builder of the machine, even if one does not answer.
    attempt('builder', async () => {
      const builder = nameOf(runId)
      if (await isKnownToBuildx(builder, machine)) await succeed(machine, ['buildx', 'rm', '--force', builder])
      await removeNodes(builder, machine, list, clock)
    }),
  ])
  await attempt('temporary folder', () => rm(temporary, { recursive: true, force: true, maxRetries: 3 }))
  return problems
}

/** Whether buildx has a file for this builder (`store/store.go`). Usually it is gone, and buildx would take a fifth of a second to find out. */
async function isKnownToBuildx(builder: string, { environment }: Machine): Promise<boolean> {
  const known = await readdir(join(buildxFolder(environment), 'instances')).catch(() => undefined)
  return known === undefined || known.includes(builder)
}

const removalAttempts = 10
const removalWaitMs = 500

/** Docker answered that it cannot remove the volumes. A daemon that does not answer is not asked again: the run is about to end. */
class VolumesInUse extends Error {}

/** Removes the state of a builder's nodes: `buildx rm --force` forgets a builder whose volume is still in use. */
async function removeNodes(
  builder: string,
  { processes }: Machine,
  list: List,
  clock: Pick<Clock, 'sleep'>,
): Promise<void> {
  const waitMs = (thrown: unknown) => (thrown instanceof VolumesInUse ? removalWaitMs : undefined)
  await retry({ sleep: clock.sleep, attempts: removalAttempts, waitMs }, async () => {
    const volumes = await list('volume', { name: `^buildx_buildkit_${builder}` })
    if (volumes.length === 0) return
    const containers = volumes.map((volume) => volume.replace(/_state$/, ''))
    await processes.exec('docker', ['rm', '--force', ...containers])
    const { exitCode, stderr } = await processes.exec('docker', ['volume', 'rm', '--force', ...volumes])
    if (exitCode !== 0) throw new VolumesInUse(stderr.trim())
  })
}

async function succeed({ processes }: Machine, args: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await processes.exec('docker', args)
  if (exitCode !== 0 && !/no such|not found|no builder/i.test(stderr)) throw new Error(stderr.trim())
}
