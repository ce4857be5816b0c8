import type { Host } from '../core/host.ts'
import type { TestNetwork } from '../smoke/network/test-network.ts'
import type { SharedTestNetwork } from './stages.ts'

type Open = (host: Host) => Promise<TestNetwork>

const openNetwork: Open = async (host) => (await import('../smoke/network/test-network.ts')).openTestNetwork(host)

/** One network for all tests of a run, created by the first test that needs it and removed by the pipeline. */
export function shareTestNetwork(host: Host, open: Open = openNetwork): SharedTestNetwork {
  let opened: Promise<TestNetwork> | undefined
  return {
    open() {
      opened ??= open(host).catch((thrown: unknown) => {
        opened = undefined
        throw thrown
      })
      return opened
    },
    async release() {
      const network = await opened?.catch(() => undefined)
      opened = undefined
      await network?.release()
    },
  }
}
