import type { Processes } from '../core/host.ts'
import { docker, removeContainers } from './containers.ts'
import type { Kind, List } from './lists.ts'

/** On every container, network and volume of a run, so that the post step finds what a killed run left behind. */
export const runLabel = 'aicleaner-build.run'

export const labelsOf = (runId: string): ReadonlyMap<string, string> => new Map([[runLabel, runId]])

interface Removed {
  readonly containers: number
  readonly networks: number
  readonly volumes: number
}

/** Removes every container, network, volume and helper image with the label of this run. Rejects when the engine does not answer. */
export async function removeLabelled(runId: string, processes: Processes, list: List): Promise<Removed> {
  const labelled = (kind: Kind) => list(kind, { label: `${runLabel}=${runId}` })
  // First, because containers use the networks, volumes and images.
  const containers = await labelled('container')
  if (containers.length > 0) await removeContainers(processes, containers)
  const [networks, volumes, images] = await Promise.all([labelled('network'), labelled('volume'), labelled('image')])
  await Promise.all([
    images.length > 0 && docker(processes, ['image', 'rm', '--force', ...images]),
    networks.length > 0 && docker(processes, ['network', 'rm', ...networks]),
    volumes.length > 0 && docker(processes, ['volume', 'rm', '--force', ...volumes]),
  ])
  return { containers: containers.length, networks: networks.length, volumes: volumes.length }
}
