import { randomBytes } from 'node:crypto'
import { describe, expect, jest, test } from '@jest/globals'
import { readRegistry } from '../e2e/registry.ts'
import { readFacts } from '../environment/facts.ts'
import { anyRepository, freshBuilder, runFault } from '../faults/fault-job.ts'

// Builders are started and images built, perhaps on a busy machine.
jest.setTimeout(240_000)

const { registry = '' } = readFacts()
const drivers = [
  ['docker', {}],
  ['docker-container', freshBuilder],
] as const

/** Builds and publishes without any cache; gives the manifest that the registry has. */
async function published(content: string, inputs: Readonly<Record<string, string>>, repository = anyRepository()) {
  const result = await runFault({
    repository,
    inputs: { 'smoke-test': 'false', audit: 'off', baseline: 'none', cache: 'none', 'no-cache': 'true', ...inputs },
    addon: { build: `RUN echo ${content} > /content && date +%N > /dev/null` },
    environment: { SOURCE_DATE_EPOCH: '1700000000' },
  })
  expect(result.exitCode).toBe(0)
  return readRegistry(registry).manifest(`${registry}/${repository}/amd64-tiny:1.2.3`)
}

test.concurrent('the same inputs give the same digest on a second build, by another builder and without a cache', async () => {
  const content = randomBytes(6).toString('hex')
  const first = await published(content, freshBuilder)
  const [second, other] = await Promise.all([content, `${content}x`].map((text) => published(text, freshBuilder)))
  expect(second?.digest).toBe(first.digest)
  expect(other?.digest).not.toBe(first.digest)
})

describe.each(drivers)('layers made by %s', (_, driver) => {
  test.concurrent.each([
    ['zstd:3', 'application/vnd.oci.image.layer.v1.tar+zstd'],
    ['gzip:9', 'application/vnd.oci.image.layer.v1.tar+gzip'],
  ])('are %s where that is asked for, in OCI media types', async (compression, mediaType) => {
    const { json } = await published(randomBytes(6).toString('hex'), { compression, ...driver })
    expect(json.mediaType).toBe('application/vnd.oci.image.manifest.v1+json')
    expect(json.config.mediaType).toBe('application/vnd.oci.image.config.v1+json')
    const layers = (json.layers as { mediaType: string }[]).map((layer) => layer.mediaType)
    expect(new Set(layers)).toEqual(new Set([mediaType]))
  })
})
