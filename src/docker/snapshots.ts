/** How often an operation that lost its snapshot is tried again. */
export const snapshotRetries = 2

/**
 * Pure: whether docker failed because the containerd image store removed a layer that another image no longer needed, at the moment when this
 * operation was about to use it. The layer is unpacked again by the next attempt. Only the end of the text counts: a command of a Dockerfile is
 * quoted in the middle of one. Source: moby daemon/containerd/image_snapshot.go (looks before it takes a lease), moby/buildkit#6521.
 */
export const lostSnapshot = (said: string): boolean =>
  /parent snapshot sha256:[0-9a-f]{64} does not exist: not found\s*$/.test(said)
