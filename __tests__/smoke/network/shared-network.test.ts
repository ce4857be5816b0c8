import { expect, test } from '@jest/globals'
import type { Host } from '../../../src/core/host.ts'
import { shareTestNetwork } from '../../../src/smoke/network/shared-network.ts'
import type { TestNetwork } from '../../../src/smoke/network/test-network.ts'

const host = {} as Host

function networks() {
  const events: string[] = []
  const open = async (): Promise<TestNetwork> => {
    const name = `network ${events.filter((event) => event.startsWith('open')).length + 1}`
    events.push(`open ${name}`)
    return { network: name, release: async () => void events.push(`remove ${name}`) } as TestNetwork
  }
  return { events, acquire: shareTestNetwork(host, open) }
}

test('tests that run at once share a network, and the last one removes it', async () => {
  const { events, acquire } = networks()
  const [first, second] = await Promise.all([acquire(), acquire()])
  expect(second.network).toBe(first.network)
  await first.release()
  expect(events).toEqual(['open network 1'])
  await second.release()
  expect(events).toEqual(['open network 1', 'remove network 1'])
})

test('a test that comes later gets a new network', async () => {
  const { events, acquire } = networks()
  await (await acquire()).release()
  await (await acquire()).release()
  expect(events).toEqual(['open network 1', 'remove network 1', 'open network 2', 'remove network 2'])
})

test('a network that could not be created does not affect later tests', async () => {
  let calls = 0
  const acquire = shareTestNetwork(host, async () => {
    calls += 1
    if (calls === 1) throw new Error('no engine')
    return { release: async () => {} } as TestNetwork
  })
  await expect(acquire()).rejects.toThrow('no engine')
  await (await acquire()).release()
  expect(calls).toBe(2)
})
