import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { describeWith } from '../environment/describe-with.ts'
import { readFacts } from '../environment/facts.ts'
import { type RunningRegistry, startRegistry3 } from '../environment/registry.ts'
import { refused } from '../fakes/registry-proxy/faults.ts'
import { startRegistryProxy } from '../fakes/registry-proxy/registry-proxy.ts'
import type { StepResult } from '../fakes/runner/runner.ts'
import { anyRepository, errorsOf, published, runFault, startFault } from '../faults/fault-job.ts'
import { readRegistry } from './registry.ts'

// Images are built and published, perhaps on a busy machine.
jest.setTimeout(240_000)

const { registry = '' } = readFacts()
const reader = readRegistry(registry)
const both = ['amd64', 'aarch64'] as const

/** Publishes the add-on with this content, untested: what a test finds has its own tests. */
const publish = (
  repository: string,
  content: string,
  inputs: Readonly<Record<string, string>> = {},
): Promise<StepResult> =>
  runFault({
    repository,
    addon: { architectures: both, build: `RUN echo ${repository} ${content} > /content` },
    inputs: { 'smoke-test': 'false', audit: 'off', baseline: 'none', tags: '{version},edge', ...inputs },
    // The same content is the same image.
    environment: { SOURCE_DATE_EPOCH: '1767323045' },
  })

const passed = (result: StepResult): StepResult => {
  expect([result.exitCode, errorsOf(result)]).toEqual([0, ''])
  return result
}

const imagesOf = async (name: string): Promise<readonly string[]> =>
  (await reader.manifest(name)).json.manifests.map(({ digest }: { readonly digest: string }) => digest)

const onlyVersion = (tags: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(tags).filter(([name]) => name.endsWith(':1.2.3')))

describe('a version that is already published', () => {
  test.concurrent('is replaced by default, with a warning at its line and the next version', async () => {
    const repository = anyRepository()
    passed(await publish(repository, 'one'))
    const before = await published(repository, both)
    const again = passed(await publish(repository, 'one'))
    expect(await published(repository, both)).toEqual(before)
    expect(again.summary).not.toContain('already published')

    const replaced = passed(await publish(repository, 'two'))
    const after = await published(repository, both)
    for (const [name, digest] of Object.entries(after)) expect([name, digest]).not.toEqual([name, before[name]])
    const warning = replaced.commands.find(({ message }) => message.includes('already published'))
    expect(warning).toMatchObject({
      name: 'warning',
      properties: { file: 'tiny/config.yaml', line: '2' },
      message: expect.stringMatching(
        /1\.2\.3 was already published.*amd64-tiny:1\.2\.3.*Devices that have 1\.2\.3 are not offered them\..*1\.2\.4/s,
      ),
    })
    expect(replaced.summary).toContain('1.2.3 was already published')
  })

  test.concurrent('is kept with "existing: keep", and only other tags move', async () => {
    const repository = anyRepository()
    passed(await publish(repository, 'one'))
    const before = await published(repository, both)
    const kept = passed(await publish(repository, 'two', { existing: 'keep' }))
    const after = await published(repository, both)
    expect(onlyVersion(after)).toEqual(onlyVersion(before))
    expect(after['amd64-tiny:edge']).not.toBe(before['amd64-tiny:edge'])
    expect(after['tiny:edge']).not.toBe(before['tiny:edge'])
    expect(kept.outputs['manifest-digest']).toBe(before['tiny:1.2.3'])
    expect(JSON.parse(kept.outputs.digests ?? '')).toEqual({
      amd64: before['amd64-tiny:1.2.3'],
      aarch64: before['aarch64-tiny:1.2.3'],
    })
    expect(kept.summary).toMatch(/Left as published before: .*tiny:1\.2\.3/)
  })

  test.concurrent('is completed with "existing: keep" if half of it is missing', async () => {
    const repository = anyRepository()
    passed(await publish(repository, 'one', { architectures: 'amd64', 'multi-arch-image': 'false', tags: '{version}' }))
    const before = await published(repository, both)
    expect(Object.keys(before)).toEqual(['amd64-tiny:1.2.3'])

    const refusedToFail = await publish(repository, 'two', { existing: 'fail' })
    expect(refusedToFail.exitCode).toBe(1)
    expect(errorsOf(refusedToFail)).toMatch(
      /1\.2\.3 is already published with other images: .*amd64-tiny:1\.2\.3.*"existing: keep"/s,
    )
    expect(await published(repository, both)).toEqual(before)

    passed(await publish(repository, 'two', { existing: 'keep', tags: '{version}' }))
    const after = await published(repository, both)
    expect(after).toMatchObject(before)
    expect(await imagesOf(`${registry}/${repository}/tiny:1.2.3`)).toEqual([
      before['amd64-tiny:1.2.3'],
      after['aarch64-tiny:1.2.3'],
    ])
    // A device pulls it: the image is in the repository of the list.
    const copied = await reader.manifest(`${registry}/${repository}/tiny@${before['amd64-tiny:1.2.3']}`)
    expect(copied.digest).toBe(before['amd64-tiny:1.2.3'])

    passed(
      await publish(repository, 'two', {
        existing: 'fail',
        architectures: 'aarch64',
        tags: '{version}',
        'multi-arch-image': 'false',
      }),
    )
    expect(await published(repository, both)).toEqual(after)
  })
})

// Of two implementations: distribution 2 and distribution 3.
describeWith(['registry3'], 'two registries', (facts) => {
  let second: RunningRegistry
  beforeAll(async () => {
    second = await startRegistry3(facts)
  })
  afterAll(() => second.release())

  const tagsIn = async (address: string, repository: string): Promise<Readonly<Record<string, string>>> => {
    const other = readRegistry(address)
    const found: Record<string, string> = {}
    for (const name of ['amd64-tiny', 'aarch64-tiny', 'tiny']) {
      for (const tag of await other.tags(`${address}/${repository}/${name}`)) {
        found[`${name}:${tag}`] = (await other.manifest(`${address}/${repository}/${name}:${tag}`)).digest
      }
    }
    return found
  }
  const inBoth = (repository: string, other: string) => ({
    image: `${registry}/${repository}/{arch}-tiny\n${other}/${repository}/{arch}-tiny`,
  })

  test('get the same images and lists, with each blob once', async () => {
    const repository = anyRepository()
    const proxy = await startRegistryProxy({ target: `http://${second.address}` })
    try {
      const result = passed(await publish(repository, 'one', inBoth(repository, proxy.host)))
      const first = await published(repository, both)
      expect(Object.keys(first)).toHaveLength(6)
      expect(await tagsIn(second.address, repository)).toEqual(first)
      // The list's repository mounts what that of an architecture has.
      const sent = proxy.requests.filter(
        ({ method, path, bytes }) => method === 'PUT' && path.includes('/blobs/') && bytes > 0,
      )
      const digests = sent.map(({ path }) => /digest=([^&]+)/.exec(path)?.[1])
      expect(new Set(digests).size).toBe(digests.length)
      expect(digests.length).toBeGreaterThan(0)
      expect(result.summary).toContain(`${proxy.host}/${repository}/tiny:1.2.3`)
    } finally {
      await proxy.close()
    }
  })

  test('get what jobs of a matrix have pushed to the first; with "existing: keep" the unused image is deleted there', async () => {
    const repository = anyRepository()
    const file = 'tiny-amd64.result.json'
    const untested = { results: 'results', 'smoke-test': 'false', audit: 'off', baseline: 'none' }
    const names = inBoth(repository, second.address)
    const job = (content: string) => ({
      repository,
      addon: { build: `RUN echo ${repository} ${content} > /content` },
      environment: { SOURCE_DATE_EPOCH: '1767323045' },
    })
    /** Builds in one job, and publishes in another one. */
    const across = async (content: string, inputs: Readonly<Record<string, string>> = {}): Promise<string> => {
      const cell = await startFault({ ...job(content), inputs: { ...untested, ...names, mode: 'build' } })
      passed(await cell.main().done)
      const result = await readFile(join(cell.workspace, 'results', file), 'utf8')
      await cell.end()
      const more = { [`results/${file}`]: result }
      passed(await runFault({ ...job(content), inputs: { ...untested, ...names, ...inputs, mode: 'publish' }, more }))
      return JSON.parse(result).report.build.manifestDigest
    }
    const one = await across('one')
    const before = await published(repository)
    expect(before['amd64-tiny:1.2.3']).toBe(one)
    expect(await tagsIn(second.address, repository)).toEqual(before)

    const two = await across('two', { existing: 'keep' })
    expect(await published(repository)).toEqual(before)
    expect(await tagsIn(second.address, repository)).toEqual(before)
    await expect(reader.manifest(`${registry}/${repository}/amd64-tiny@${two}`)).rejects.toThrow('404')
    expect((await reader.manifest(`${registry}/${repository}/amd64-tiny@${one}`)).digest).toBe(one)
  })

  test.each([
    ['does not take a blob', { on: /^(PUT|PATCH) .*\/blobs\/uploads\// }],
    ['does not take a manifest', { on: /^PUT .*\/manifests\/sha256:/ }],
    ['does not move a tag', { on: /^PUT .*\/aarch64-tiny\/manifests\/1\.2\.3/ }],
  ])('of which one %s: no tag moves in either', async (_, aim) => {
    const repository = anyRepository()
    const proxy = await startRegistryProxy({ target: `http://${second.address}` })
    try {
      passed(await publish(repository, 'one', inBoth(repository, proxy.host)))
      const before = await published(repository, both)
      proxy.faults.add(refused(403, aim))
      const failed = await publish(repository, 'two', inBoth(repository, proxy.host))
      expect(failed.exitCode).toBe(3)
      expect(await published(repository, both)).toEqual(before)
      expect(await tagsIn(second.address, repository)).toEqual(before)
    } finally {
      await proxy.close()
    }
  })
})
