import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { readFacts } from '../environment/facts.ts'
import { type RegistryProxy, startRegistryProxy } from '../fakes/registry-proxy/registry-proxy.ts'
import type { StepResult } from '../fakes/runner/runner.ts'
import { anyRepository, errorsOf, finish, published, runFault, startFault } from '../faults/fault-job.ts'
import { readRegistry } from './registry.ts'

// Each builds and publishes in several steps, perhaps on a busy machine.
jest.setTimeout(240_000)

const { registry = '' } = readFacts()
const file = 'tiny-amd64.result.json'

let proxy: RegistryProxy
let repository: string
beforeEach(async () => {
  repository = anyRepository()
  proxy = await startRegistryProxy({ target: `http://${registry}` })
})
afterEach(() => proxy.close())

const job = (content: string) => ({
  registry: proxy.host,
  repository,
  addon: { build: `RUN echo ${repository} ${content} > /content` },
  // The same image, however often it is built.
  environment: { SOURCE_DATE_EPOCH: '1767323045' },
})
const inputs = { results: 'results', 'smoke-test': 'false', audit: 'off', baseline: 'none' }

/** `mode: build`: gives the result file, and the digest that it names. */
async function build(content: string) {
  const started = await startFault({ ...job(content), inputs: { ...inputs, mode: 'build' } })
  const done = await started.main().done
  expect([done.exitCode, errorsOf(done)]).toEqual([0, ''])
  const result = await readFile(join(started.workspace, 'results', file), 'utf8')
  await finish(started, done)
  return { result, digest: JSON.parse(result).report.build.manifestDigest as string }
}

const publish = (content: string, result: string, more: Readonly<Record<string, string>>): Promise<StepResult> =>
  runFault({
    ...job(content),
    inputs: { ...inputs, mode: 'publish', ...more },
    more: { [`results/${file}`]: result },
  })
const tooSmall = { 'max-size': '1kB' }

const isThere = (digest: string): Promise<boolean> =>
  readRegistry(registry)
    .manifest(`${registry}/${repository}/amd64-tiny@${digest}`)
    .then(
      () => true,
      () => false,
    )
const noticesOf = ({ commands }: StepResult): string =>
  commands
    .filter(({ name }) => name === 'notice')
    .map(({ message }) => message)
    .join('\n')

test('a refused publication leaves nothing in the registry, and a job that is re-run alone reports what to do', async () => {
  const { result, digest } = await build('one')
  expect(await isThere(digest)).toBe(true)
  const refused = await publish('one', result, tooSmall)
  expect(refused.exitCode).toBe(1)
  expect(refused.log).toMatch(
    `Deleted from the registry, since it is not published: ${proxy.host}/${repository}/amd64-tiny@${digest}`,
  )
  expect(await isThere(digest)).toBe(false)
  expect(await published(repository)).toEqual({})

  const again = await publish('one', result, {})
  expect(again.exitCode).toBe(3)
  expect(errorsOf(again)).toMatch(/job for tiny\/amd64 pushed is no longer in the registry.*Run all jobs again/s)
})

test('an image with a tag is kept, even if the result of a job claims otherwise', async () => {
  const first = await build('two')
  expect((await publish('two', first.result, {})).exitCode).toBe(0)
  const tags = await published(repository)
  expect(Object.values(tags)).toContain(first.digest)

  const second = await build('two')
  expect(second.digest).toBe(first.digest)
  // The job has found it there.
  expect(JSON.parse(second.result).pushed).toEqual([])
  expect((await publish('two', second.result, tooSmall)).exitCode).toBe(1)
  const forged = JSON.stringify({ ...JSON.parse(second.result), pushed: [first.digest] })
  const refused = await publish('two', forged, tooSmall)
  expect(refused.exitCode).toBe(1)
  expect(noticesOf(refused)).toMatch(`${first.digest} (a tag leads to it)`)
  expect(await published(repository)).toEqual(tags)
  expect(await isThere(first.digest)).toBe(true)
})

test('manifests that a registry such as ghcr.io does not delete are listed', async () => {
  proxy.faults.add({
    on: /^DELETE \/v2\/.+\/manifests\//,
    answer: { status: 405, body: { errors: [{ code: 'UNSUPPORTED', message: 'The operation is unsupported.' }] } },
  })
  const { result, digest } = await build('three')
  const refused = await publish('three', result, tooSmall)
  expect(refused.exitCode).toBe(1)
  expect(noticesOf(refused)).toMatch(`${digest} (the registry does not let this login delete manifests)`)
  expect(await isThere(digest)).toBe(true)
})
