import type { Processes } from '../core/host.ts'

/** Takes a name away from the engine; the layers go when no other image has them. An image that is not there is as good as removed. */
export async function removeImage(name: string, processes: Processes): Promise<void> {
  await processes.exec('docker', ['image', 'rm', '--force', name])
}
