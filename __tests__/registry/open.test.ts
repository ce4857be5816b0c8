import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { Host } from '../../src/core/host.ts'
import { createProcesses } from '../../src/platform/processes.ts'
import { openRegistry } from '../../src/registry/open.ts'
import { bareHost } from '../fakes/bare-host.ts'
import { addonOf, type Distribution, startDistribution } from './distribution.ts'

let registry: Distribution
let folder: string
beforeEach(async () => {
  registry = await startDistribution()
  folder = await mkdtemp(join(tmpdir(), 'aicleaner-open-'))
})
afterEach(() => Promise.all([registry.close(), rm(folder, { recursive: true })]))

const basic = (login: string): string => `Basic ${Buffer.from(login).toString('base64')}`

test('a registry is spoken to with the login of the step, else with that of an earlier one, and says what it waits for', async () => {
  const lines: string[] = []
  const waits: number[] = []
  const bare = bareHost('/nowhere', '/nowhere/temporary')
  const host: Host = {
    ...bare,
    environment: { DOCKER_CONFIG: folder },
    processes: createProcesses({}),
    clock: { now: () => 0, sleep: async (ms) => void waits.push(ms) },
    log: { ...bare.log, info: (line) => void lines.push(line) },
  }
  const auths = { [registry.host]: { auth: Buffer.from('earlier:pass').toString('base64') } }
  await writeFile(join(folder, 'config.json'), JSON.stringify({ auths }))
  registry.instead = ({ headers }) =>
    headers.authorization === undefined
      ? { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } }
      : { status: 200, body: { tags: ['1.0'] } }
  const login = { registry: registry.host, username: 'step', password: 'own' }

  expect(await openRegistry([], [], host).listTags(addonOf(registry))).toEqual(['1.0'])
  expect(registry.seen.at(-1)?.headers).toMatchObject({
    authorization: basic('earlier:pass'),
    'user-agent': expect.stringMatching(/^aicleaner-build/),
  })
  registry.faults.add({ times: 1, answer: { status: 429, headers: { 'retry-after': '2' } } })
  await openRegistry([login], [], host).listTags(addonOf(registry))
  expect(registry.seen.at(-1)?.headers.authorization).toBe(basic('step:own'))
  expect(waits).toEqual([2_000])
  expect(lines).toEqual([`${registry.host} answers GET of tags in org/addon with 429. Trying again in 2 s.`])
})

test('a request is sent as often as asked, five times by default', async () => {
  const host = { ...bareHost('/nowhere', '/nowhere/temporary'), clock: { now: () => 0, sleep: async () => {} } }
  registry.faults.add({ answer: { status: 503 } })
  for (const [retries, attempts] of [
    [{ attempts: 3 }, 3],
    [{}, 5],
  ] as const) {
    const before = registry.seen.length
    await expect(openRegistry([], [], host, retries).listTags(addonOf(registry))).rejects.toThrow('503')
    expect(registry.seen.length - before).toBe(attempts)
  }
})
