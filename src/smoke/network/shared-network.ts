import type { Host } from '../../core/host.ts'
import { type OpenStage, openStage, type Stage } from './test-network.ts'

interface Shared {
  readonly stage: Promise<Stage>
  users: number
}

// The Supervisor's address exists once on a machine, so all tests of a run share the stage. It belongs to the host, and goes with its last user.
const stages = new WeakMap<Host, Shared>()

/** The stage of this run; the first user opens it, the last one closes it. */
export async function enterStage(
  host: Host,
  open: OpenStage = openStage,
): Promise<{ stage: Stage; leave(): Promise<void> }> {
  const shared = stages.get(host) ?? { stage: open(host), users: 0 }
  stages.set(host, shared)
  shared.users += 1
  const leave = async (): Promise<void> => {
    shared.users -= 1
    if (shared.users > 0) return
    if (stages.get(host) === shared) stages.delete(host)
    await shared.stage.then((stage) => stage.release())
  }
  try {
    return { stage: await shared.stage, leave }
  } catch (thrown) {
    shared.users -= 1
    stages.delete(host)
    throw thrown
  }
}
