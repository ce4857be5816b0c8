import type { Processes } from '../core/host.ts'
import { docker, removeContainers } from './containers.ts'
import { runLabel } from './labels.ts'
import type { Kind, List } from './lists.ts'

/** What was removed. */
export interface Swept {
  readonly containers: number
  readonly networks: number
  readonly volumes: number
}

/**
 * Removes every container, network, volume and helper image that a run labelled as its own. For the post step, after a run that was killed;
 * a second call finds nothing. Containers first: they hold the other two. Rejects when the engine cannot be asked.
 */
export async function sweep(runId: string, processes: Processes, list: List): Promise<Swept> {
  const ours = (kind: Kind) => list(kind, { label: `${runLabel}=${runId}` })
  const containers = await ours('container')
  if (containers.length > 0) await removeContainers(processes, containers)
  const [networks, volumes, images] = await Promise.all([ours('network'), ours('volume'), ours('image')])
  await Promise.all([
    images.length > 0 && docker(processes, ['image', 'rm', '--force', ...images]),
    networks.length > 0 && docker(processes, ['network', 'rm', ...networks]),
    volumes.length > 0 && docker(processes, ['volume', 'rm', '--force', ...volumes]),
  ])
  return { containers: containers.length, networks: networks.length, volumes: volumes.length }
}
