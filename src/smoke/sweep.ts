import { docker, removeContainers } from '../docker/containers.ts'
import type { Processes } from '../host.ts'
import { runLabel } from './labels.ts'

/** What was removed. */
export interface Swept {
  readonly containers: number
  readonly networks: number
  readonly volumes: number
}

/**
 * Removes every container, network, volume and helper image that a run labelled as its own. For the post step, after a run that was killed;
 * a second call finds nothing. Containers first: they hold the other two. Rejects only when the docker program is missing.
 */
export async function sweep(runId: string, processes: Processes): Promise<Swept> {
  const filter = ['--filter', `label=${runLabel}=${runId}`]
  const list = async (args: readonly string[]): Promise<readonly string[]> => {
    const answer = await docker(processes, [...args, ...filter])
    return answer.exitCode === 0 ? answer.stdout.split('\n').filter(Boolean) : []
  }
  const containers = await list(['ps', '--all', '--quiet', '--no-trunc'])
  if (containers.length > 0) await removeContainers(processes, containers)
  const networks = await list(['network', 'ls', '--quiet', '--no-trunc'])
  const volumes = await list(['volume', 'ls', '--quiet'])
  const images = await list(['image', 'ls', '--quiet', '--no-trunc'])
  await Promise.all([
    images.length > 0 && docker(processes, ['image', 'rm', '--force', ...new Set(images)]),
    networks.length > 0 && docker(processes, ['network', 'rm', ...networks]),
    volumes.length > 0 && docker(processes, ['volume', 'rm', '--force', ...volumes]),
  ])
  return { containers: containers.length, networks: networks.length, volumes: volumes.length }
}
