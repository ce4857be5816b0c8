import { rm } from 'node:fs/promises'
import { systemClock } from '../clock.ts'
import { messageOf } from '../diagnostics.ts'
import type { Clock, Processes } from '../host.ts'
import { sweep } from '../smoke/sweep.ts'
import { nameOf } from './builders/builder.ts'
import { endOrphans } from './orphans.ts'

/** What a run leaves to be removed, known from its id alone, so that it is found after any kind of death. */
export interface Traces {
  readonly runId: string
  readonly temporary: string
}

/**
 * Removes everything that a run made. Can be called again, and after a run that died at any point; one part that cannot be removed does not keep the others.
 * @returns what could not be removed, in words.
 */
export async function removeTraces(
  { runId, temporary }: Traces,
  processes: Processes,
  clock: Pick<Clock, 'sleep'> = systemClock,
): Promise<readonly string[]> {
  const problems: string[] = []
  const attempt = async (what: string, work: () => Promise<unknown>): Promise<void> => {
    try {
      await work()
    } catch (thrown) {
      problems.push(`${what}: ${messageOf(thrown)}`)
    }
  }
  // First: they would make more.
  await attempt('processes', () => endOrphans(temporary))
  await attempt('containers, networks and volumes', () => sweep(runId, processes))
  // After the containers, which hold them.
  await Promise.all([
    attempt('images', async () => {
      const pattern = `aicleaner-build.invalid/*:*-${runId}`
      const list = ['image', 'ls', '--format', '{{.Repository}}:{{.Tag}}', '--filter', `reference=${pattern}`]
      const names = linesOf(await succeed(processes, list))
      if (names.length > 0) await succeed(processes, ['image', 'rm', '--force', ...names])
    }),
    attempt('builder', async () => {
      // Not asked for before: `buildx ls` waits for every builder of the machine, also for those that are not ours and do not answer.
      await succeed(processes, ['buildx', 'rm', '--force', nameOf(runId)])
      await removeNodes(nameOf(runId), processes, clock)
    }),
  ])
  await attempt('temporary folder', () => rm(temporary, { recursive: true, force: true, maxRetries: 3 }))
  return problems
}

const triesToRemove = 10
const betweenTriesMs = 500

/**
 * The volumes that hold the state of a builder's nodes. `buildx rm --force` forgets a builder also where it could not remove a volume, which is in use
 * as long as the engine removes the container; no later one knows of it.
 */
async function removeNodes(builder: string, processes: Processes, clock: Pick<Clock, 'sleep'>): Promise<void> {
  const list = ['volume', 'ls', '--quiet', '--filter', `name=^buildx_buildkit_${builder}`]
  for (let tries = 1; ; tries += 1) {
    const volumes = linesOf(await succeed(processes, list))
    if (volumes.length === 0) return
    const containers = volumes.map((volume) => volume.replace(/_state$/, ''))
    await processes.ask('docker', ['rm', '--force', ...containers])
    const { exitCode, stderr } = await processes.ask('docker', ['volume', 'rm', '--force', ...volumes])
    if (exitCode === 0) return
    if (tries === triesToRemove) throw new Error(stderr.trim())
    await clock.sleep(betweenTriesMs)
  }
}

const linesOf = (text: string): readonly string[] =>
  [...new Set(text.split('\n').map((line) => line.trim()))].filter(Boolean)

async function succeed(processes: Processes, args: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await processes.ask('docker', args)
  if (exitCode !== 0 && !/no such|not found|no builder/i.test(stderr)) throw new Error(stderr.trim())
  return stdout
}
