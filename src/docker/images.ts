import type { Processes } from '../core/host.ts'

/** Removes a name from the engine, and the layers that no other image uses. A missing image is not an error. */
export async function removeImage(name: string, processes: Processes): Promise<void> {
  await processes.exec('docker', ['image', 'rm', '--force', name])
}

/** Maximum retries of an operation that lost a layer. */
export const lostLayerRetries = 2

/**
 * Pure: whether docker failed because the containerd image store removed a layer that another image no longer needed, just before this
 * operation used it. The next attempt unpacks the layer again. Only the end of the text counts: a message may quote a command of a Dockerfile
 * before that. Source: moby daemon/containerd/image_snapshot.go (looks before it takes a lease), moby/buildkit#6521.
 */
export const lostLayer = (message: string): boolean =>
  /parent snapshot sha256:[0-9a-f]{64} does not exist: not found\s*$/.test(message)
