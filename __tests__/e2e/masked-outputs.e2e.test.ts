import { randomBytes } from 'node:crypto'
import { resolve } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { readFacts } from '../environment/facts.ts'
import { type FakeGitHub, startGitHub } from '../fakes/github/github.ts'
import { type RegistryProxy, startRegistryProxy } from '../fakes/registry-proxy/registry-proxy.ts'
import { runWorkflow, type WorkflowOptions } from '../fakes/runner/workflow.ts'
import { published } from '../faults/fault-job.ts'
import { addonFiles } from './addon.ts'
import { apiOf, pullRequestEvent } from './pull-request.ts'

// Four jobs, perhaps on a busy machine.
jest.setTimeout(300_000)

const { registry = '', bases } = readFacts()
const password = 'right-for-images'
const two = ['amd64', 'aarch64'] as const

/** As on Docker Hub, where the user name is a part of every image name. */
let user: string
let hub: RegistryProxy
let github: FakeGitHub
beforeAll(async () => {
  github = await startGitHub({ repository: 'octo/addons' })
})
beforeEach(async () => {
  await hub?.close()
  user = `hub-${randomBytes(4).toString('hex')}`
  hub = await startRegistryProxy({
    target: `http://${registry}`,
    access: { scheme: 'bearer', accounts: [{ username: user, password }] },
  })
})
afterAll(async () => {
  await hub?.close()
  await github.close()
})

async function run(options: Pick<WorkflowOptions, 'inputs' | 'secrets'>) {
  const image = `${hub.host}/${user}/{arch}-tiny`
  const pull = github.addPull({ repository: 'octo/addons' })
  const result = await runWorkflow({
    file: resolve(import.meta.dirname, '../../.github/workflows/build-addon.yml'),
    files: addonFiles({ base: bases?.tiny ?? '', image, architectures: two }),
    event: pullRequestEvent(pull),
    token: github.token,
    environment: apiOf(github),
    ...options,
    inputs: {
      target: 'tiny',
      push: true,
      registry: hub.host,
      'smoke-test': false,
      audit: 'off',
      baseline: 'none',
      ...options.inputs,
    },
  })
  expect(result.problems).toEqual([])
  expect(result.jobs.map(({ name, result, errors }) => [name, result, errors])).toEqual([
    ['plan', 'success', []],
    ['build tiny-amd64', 'success', []],
    ['build tiny-aarch64', 'success', []],
    ['publish', 'success', []],
  ])
  const report = result.artifacts.get('aicleaner-build-report')?.get('report.json')?.toString() ?? ''
  return { ...result, report, warnings: result.jobs.flatMap(({ warnings }) => warnings) }
}

describe('a user name that is a secret and a part of the image names', () => {
  test('keeps no output from the caller; `images` has all but the names', async () => {
    const { outputs, report, warnings } = await run({ secrets: { username: user, password } })
    expect(warnings).toEqual([])
    const tags = await published(user, two)
    expect(Object.keys(tags).sort()).toEqual(['aarch64-tiny:1.2.3', 'amd64-tiny:1.2.3', 'tiny:1.2.3'])
    expect(JSON.parse(outputs.images ?? '')).toEqual(
      two.map((architecture) => ({
        addon: 'tiny',
        architecture,
        platform: architecture === 'amd64' ? 'linux/amd64' : 'linux/arm64',
        tags: ['1.2.3'],
        built: true,
        configDigest: expect.stringMatching(/^sha256:/),
        digest: tags[`${architecture}-tiny:1.2.3`],
        download: expect.any(Number),
        onDisk: expect.any(Number),
      })),
    )
    const digests = Object.fromEntries(two.map((architecture) => [architecture, tags[`${architecture}-tiny:1.2.3`]]))
    expect(JSON.parse(outputs.digests ?? '')).toEqual(digests)
    expect(outputs).toMatchObject({
      version: '1.2.3',
      'manifest-digest': tags['tiny:1.2.3'],
      'size-table': expect.stringContaining('`aarch64`'),
      'size-regression': 'false',
      smoke: 'skipped',
      'comment-url': expect.stringContaining('/octo/addons/'),
    })
    // Artifacts are not masked.
    expect(report).toContain(`${hub.host}/${user}/amd64-tiny`)
  })

  test('does so under any name of the secret, but for a warning', async () => {
    const { outputs, warnings } = await run({
      inputs: { push: false, username: user },
      secrets: { DOCKERHUB_USERNAME: user, password },
    })
    expect(warnings).toEqual(["Skip output 'images' since it may contain secret."])
    expect(JSON.parse(outputs.images ?? '').map(({ addon, image }: Record<string, string>) => [addon, image])).toEqual(
      two.map(() => ['tiny', undefined]),
    )
    expect(outputs).toMatchObject({ version: '1.2.3', 'size-table': expect.stringContaining('`amd64`') })
  })

  test('does not affect outputs if no image name contains it', async () => {
    const { outputs, warnings } = await run({ inputs: { push: false }, secrets: { username: 'another', password } })
    expect(warnings).toEqual([])
    expect(JSON.parse(outputs.images ?? '').map(({ image }: Record<string, string>) => image)).toEqual(
      two.map((architecture) => `${hub.host}/${user}/${architecture}-tiny`),
    )
  })
})
