import { expect, test } from '@jest/globals'
import { shareTestNetwork } from '../../src/pipeline/shared-test-network.ts'
import type { TestNetwork } from '../../src/smoke/network/test-network.ts'
import { bareHost } from '../fakes/bare-host.ts'

function share(failures = 0) {
  const calls: string[] = []
  const network = { release: async () => void calls.push('release') } as TestNetwork
  let left = failures
  const shared = shareTestNetwork(bareHost('/nowhere', '/tmp'), async () => {
    calls.push('open')
    left -= 1
    if (left >= 0) throw new Error('no network')
    return network
  })
  return { shared, calls, network }
}

test('all tests share one network, which is removed once', async () => {
  const { shared, calls, network } = share()
  expect(await Promise.all([shared.open(), shared.open()])).toEqual([network, network])
  await shared.release()
  await shared.release()
  expect(calls).toEqual(['open', 'release'])
})

test('a network that no test needs is neither made nor removed', async () => {
  const { shared, calls } = share()
  await shared.release()
  expect(calls).toEqual([])
})

test('the next test tries again if the network could not be made', async () => {
  const { shared, calls, network } = share(1)
  await expect(shared.open()).rejects.toThrow('no network')
  expect(await shared.open()).toBe(network)
  await shared.release()
  expect(calls).toEqual(['open', 'open', 'release'])
})

test('there is nothing to remove if the network could not be made', async () => {
  const { shared, calls } = share(1)
  const opened = shared.open()
  await Promise.all([expect(opened).rejects.toThrow('no network'), shared.release()])
  expect(calls).toEqual(['open'])
})
