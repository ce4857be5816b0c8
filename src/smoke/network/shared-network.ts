import type { Host } from '../../core/host.ts'
import { type OpenTestNetwork, openTestNetwork, type TestNetwork } from './test-network.ts'

interface AcquiredTestNetwork {
  readonly network: TestNetwork
  /** Call it once. The last user's call removes the network. */
  release(): Promise<void>
}

export type AcquireTestNetwork = () => Promise<AcquiredTestNetwork>

/**
 * The one network of several smoke tests: the first call creates it, the last release removes it. The Supervisor's address exists once on a
 * machine, so all tests of a run share it.
 */
export function shareTestNetwork(host: Host, open: OpenTestNetwork = openTestNetwork): AcquireTestNetwork {
  let shared: { readonly network: Promise<TestNetwork>; users: number } | undefined
  return async () => {
    const current = shared ?? { network: open(host), users: 0 }
    shared = current
    current.users += 1
    const forget = (): void => {
      if (shared === current) shared = undefined
    }
    const network = await current.network.catch((thrown: unknown) => {
      forget()
      throw thrown
    })
    return {
      network,
      release: async () => {
        current.users -= 1
        if (current.users > 0) return
        forget()
        await network.release()
      },
    }
  }
}
