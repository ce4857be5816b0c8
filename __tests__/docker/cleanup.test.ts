import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { removeTraces } from '../../src/docker/cleanup.ts'
import type { Answer, Processes } from '../../src/host.ts'

const volume = 'buildx_buildkit_aicleaner-build-abc0_state'

/** An engine that has the volume of a builder's node, and that is still at work removing its container for so many tries. */
async function remove(busyFor: number) {
  const calls: string[] = []
  let waits = 0
  let isThere = true
  const answer = (exitCode: number, stdout = '', stderr = ''): Answer => ({ exitCode, stdout, stderr })
  const ask = async (command: string, args: readonly string[]): Promise<Answer> => {
    const call = [command, ...args].join(' ')
    calls.push(call)
    if (call.includes(`volume ls --quiet --filter name=`)) return answer(0, isThere ? `${volume}\n` : '')
    if (call.startsWith('docker rm ')) return answer(1, '', 'removal of container is already in progress')
    if (!call.startsWith('docker volume rm ')) return answer(0)
    if (waits < busyFor) return answer(1, '', `remove ${volume}: volume is in use`)
    isThere = false
    return answer(0)
  }
  const processes = { ask, follow: () => Promise.reject(new Error('nothing is followed here')) } satisfies Processes
  const temporary = await mkdtemp(join(tmpdir(), 'aicleaner-cleanup-'))
  const sleep = async () => {
    waits += 1
  }
  return { problems: await removeTraces({ runId: 'abc', temporary }, processes, { sleep }), calls, waits }
}

test.each([0, 1, 4])(
  'what a builder leaves is removed when the engine is ready for it, after %i tries',
  async (busyFor) => {
    const { problems, calls, waits } = await remove(busyFor)
    expect([problems, waits]).toEqual([[], busyFor])
    expect(calls.filter((call) => call === `docker volume rm --force ${volume}`)).toHaveLength(busyFor + 1)
    expect(calls.filter((call) => call === 'docker rm --force buildx_buildkit_aicleaner-build-abc0')).toHaveLength(
      busyFor + 1,
    )
    // What buildx knows, it removes itself, and first.
    const order = [
      'docker buildx rm --force aicleaner-build-abc',
      'docker rm --force buildx_buildkit_aicleaner-build-abc0',
    ]
    expect(calls.filter((call) => order.includes(call)).slice(0, 2)).toEqual(order)
  },
)

test('what stays for good is named', async () => {
  const { problems, waits } = await remove(Number.POSITIVE_INFINITY)
  expect(problems).toEqual([`builder: remove ${volume}: volume is in use`])
  expect(waits).toBe(9)
})
