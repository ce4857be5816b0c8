import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { Host } from '../../src/core/host.ts'
import { refresh } from '../../src/pipeline/refresh.ts'
import type { Plan } from '../../src/plan/plan.ts'
import { optionsOf } from '../addon/corpus.ts'
import { answeredHost } from '../fixtures/processes.ts'
import { target } from '../fixtures/target.ts'
import { type Distribution, startDistribution } from '../registry/distribution.ts'
import { putImage } from './published-images.ts'

let registry: Distribution
beforeEach(async () => {
  registry = await startDistribution()
})
afterEach(() => registry.close())

async function run(changes: Partial<Host> = {}, summary?: () => Promise<void>) {
  const { host, lines } = answeredHost(() => undefined, { environment: { DOCKER_CONFIG: '/nowhere' } })
  const image = `${registry.host}/org/addon`
  const baseImage = `${registry.host}/org/base:1`
  const one = target({ image, baseImage, architecture: 'amd64', platform: 'linux/amd64' })
  const addon = { slug: 'addon', name: 'Add-on', folder: 'addon', version: '1.2.3', targets: [one] }
  const plan: Plan = { addons: [addon], matrix: { include: [] }, diagnostics: [] }
  const outputs = new Map<string, string>()
  const summaries: string[] = []
  const said: string[] = []
  const log = { ...host.log, report: ({ code }: { readonly code: string }) => void said.push(code) }
  await refresh(
    plan,
    await optionsOf({ mode: 'refresh' }),
    { ...host, log, ...changes },
    {
      output: (name, value) => void outputs.set(name, value),
      summary: summary ?? (async (text) => void summaries.push(text)),
    },
  )
  return { lines, summaries, said, outdated: JSON.parse(outputs.get('outdated') ?? '') }
}

test('an outdated base image is in the log, the outputs and the summary', async () => {
  putImage(registry, 'org/base', '1', { platform: 'amd64', layers: ['b'] })
  putImage(registry, 'org/addon', '1.2.3', { platform: 'amd64', layers: ['a', 'own'] })
  const { lines, summaries, outdated, said } = await run()
  expect(lines[0]).toBe('addon 1.2.3 → 1.2.4')
  expect(outdated).toMatchObject([{ addon: 'addon', next: '1.2.4', images: [{ architecture: 'amd64' }] }])
  expect(summaries).toEqual([expect.stringContaining('| `addon` | 1.2.3 → 1.2.4 |')])
  expect(said).toEqual([])
})

test('a summary that cannot be written is a warning', async () => {
  const { said, outdated } = await run({}, async () => {
    throw new Error('disk full')
  })
  expect([said, outdated]).toEqual([['report/not-written'], []])
})

test('a run that was cancelled has no result', async () => {
  const stopped = new AbortController()
  stopped.abort()
  await expect(run({ signal: stopped.signal })).rejects.toMatchObject({ kind: 'cancelled' })
})
