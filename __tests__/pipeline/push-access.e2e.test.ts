import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { ownBuilder } from '../build/builders/job.ts'
import { type NotingBuildx, noteBuildx } from '../docker/noting-buildx.ts'
import { apiOf, pullRequestEvent } from '../e2e/pull-request.ts'
import { readFacts } from '../environment/facts.ts'
import { startGitHub } from '../fakes/github/github.ts'
import { type RegistryProxy, startRegistryProxy } from '../fakes/registry-proxy/registry-proxy.ts'
import type { StepResult } from '../fakes/runner/runner.ts'
import { anyRepository, errorsOf, type FaultOptions, finish, published, startFault } from '../faults/fault-job.ts'

jest.setTimeout(240_000)

const password = 'right-for-this-one'
const accounts = [
  { username: 'reader', password, push: /^none$/ },
  { username: 'writer', password },
]
const reader = { username: 'reader', password }
const writer = { username: 'writer', password }

let proxy: RegistryProxy
let folder: string
let buildx: NotingBuildx
let repository: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aicleaner-push-access-'))
  buildx = await noteBuildx(join(folder, 'docker'))
  repository = anyRepository()
})
afterEach(async () => {
  await proxy.close()
  await rm(folder, { recursive: true, force: true })
})

const stand = async (scheme: 'bearer' | 'basic'): Promise<void> => {
  proxy = await startRegistryProxy({
    target: `http://${readFacts().registry}`,
    access: { scheme, accounts, anonymousPull: true },
  })
}

async function run(inputs: Readonly<Record<string, string>>, options: FaultOptions = {}): Promise<StepResult> {
  const job = await startFault({
    registry: proxy.host,
    repository,
    addon: { architectures: ['amd64', 'aarch64'] },
    ...options,
    inputs: { 'smoke-test': 'false', audit: 'off', registry: proxy.host, ...inputs },
    environment: { ...buildx.environment, ...options.environment },
  })
  const result = await job.main().done
  expect(result.problems).toEqual([])
  expect([
    ...result.leaksOf(password),
    ...result.leaksOf(Buffer.from(`reader:${password}`).toString('base64')),
  ]).toEqual([])
  expect(await ownBuilder(job, result, { environment: { BUILDX_CONFIG: join(folder, 'docker', 'buildx') } })).toEqual(
    [],
  )
  return finish(job, result)
}

const builds = async (): Promise<readonly string[]> => (await buildx.calls()).filter((command) => command === 'build')
const startsOf = () =>
  proxy.requests.filter(({ method, path }) => method === 'POST' && path.includes('/blobs/uploads/'))

describe('a login that may pull but not push', () => {
  test.each([
    ['run', 'bearer', 'auto', 3],
    ['run', 'basic', 'docker-container', 3],
    ['build', 'bearer', 'auto', 2],
  ] as const)(
    'ends mode: %s before any build (%s, driver: %s), with the remedy',
    async (mode, scheme, driver, names) => {
      await stand(scheme)
      const result = await run({ mode, driver, ...reader })
      expect([result.exitCode, await builds()]).toEqual([3, []])
      const errors = result.commands.filter(({ name }) => name === 'error')
      expect(errors).toEqual([
        expect.objectContaining({
          properties: expect.objectContaining({ file: 'tiny/config.yaml', line: expect.stringMatching(/^\d+$/) }),
          message: expect.stringMatching(/The login "reader" may not push to .*needs write access/s),
        }),
      ])
      for (const name of ['amd64-tiny', 'aarch64-tiny', 'tiny'].slice(0, names)) {
        expect(errorsOf(result)).toContain(`${proxy.host}/${repository}/${name}`)
      }
      expect(result.summary).toMatch(/could not be published/)
      expect(result.summary).toMatch(/Nothing was published\. The run ended before anything was built\./)
      // One question for each repository that this job writes to: with a login 401, the token, and the question again.
      expect(new Set(startsOf().map(({ path }) => path)).size).toBe(names)
      expect(startsOf().filter(({ status }) => status < 300)).toEqual([])
      expect(await published(repository, ['amd64', 'aarch64'])).toEqual({})
    },
  )

  test('ends mode: publish before anything is uploaded or a tag moves', async () => {
    await stand('basic')
    const built = await run({ mode: 'build', 'report-path': join(folder, 'results'), ...writer })
    expect([built.exitCode, errorsOf(built)]).toEqual([0, ''])
    const more: Record<string, string> = {}
    for (const architecture of ['amd64', 'aarch64']) {
      const name = `tiny-${architecture}.result.json`
      more[`results/${name}`] = await readFile(join(folder, 'results', name), 'utf8')
    }
    proxy.requests.length = 0
    const publishing = { mode: 'publish', results: 'results' }
    const refused = await run({ ...publishing, ...reader }, { more })
    expect(refused.exitCode).toBe(3)
    expect(errorsOf(refused)).toMatch(/The login "reader" may not push to .*needs write access/s)
    // What the jobs built is still reported.
    expect(refused.summary).toMatch(/`amd64`.*The registry refused the login, so no tag was moved/s)
    expect(proxy.requests.filter(({ method }) => method === 'PUT')).toEqual([])
    expect(await published(repository, ['amd64', 'aarch64'])).toEqual({})
    const done = await run({ ...publishing, ...writer }, { more })
    expect([done.exitCode, errorsOf(done)]).toEqual([0, ''])
    expect(Object.keys(await published(repository, ['amd64', 'aarch64']))).toContain('tiny:1.2.3')
  })

  test('in a pull request from a fork fails with the remedy to turn push off, in the report as well', async () => {
    await stand('bearer')
    const github = await startGitHub({ repository: 'octo/addons' })
    try {
      const head = { repository: 'stranger/addons', ref: 'patch', sha: 'd'.repeat(40) }
      const event = pullRequestEvent(github.addPull({ repository: 'octo/addons', head }))
      const reports = join(folder, 'report')
      const inputs = { 'report-path': reports, ...reader }
      const result = await run(inputs, { event, token: github.token, environment: apiOf(github) })
      expect([result.exitCode, await builds()]).toEqual([3, []])
      expect(errorsOf(result)).toMatch(/github\.event_name != 'pull_request'/)
      const report = JSON.parse(await readFile(join(reports, 'report.json'), 'utf8'))
      expect(report.verdict.reasons).toEqual([expect.objectContaining({ gate: 'publish' })])
    } finally {
      await github.close()
    }
  })
})

describe('a login that may push', () => {
  test.each(['bearer', 'basic'] as const)('by %s leaves no upload behind, and the run publishes', async (scheme) => {
    await stand(scheme)
    const result = await run(writer)
    expect([result.exitCode, errorsOf(result)]).toEqual([0, ''])
    expect((await builds()).length).toBeGreaterThan(0)
    const cancelled = proxy.requests.filter(({ method, status }) => method === 'DELETE' && status < 300)
    expect(cancelled).toHaveLength(3)
    // The registry itself no longer knows them.
    for (const { path } of cancelled) {
      expect((await fetch(`http://${readFacts().registry}${path}`)).status).toBe(404)
    }
    expect(Object.keys(await published(repository, ['amd64', 'aarch64']))).toContain('tiny:1.2.3')
  })

  test('is not checked if nothing is pushed', async () => {
    await stand('basic')
    const result = await run({ push: 'false', baseline: 'none', ...writer })
    expect([result.exitCode, proxy.requests]).toEqual([0, []])
  })
})
