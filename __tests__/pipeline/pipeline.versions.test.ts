import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { GitHubEvent } from '../../src/core/host.ts'
import { sha256 } from '../../src/core/sha256.ts'
import { runPipeline } from '../../src/pipeline/pipeline.ts'
import { exitCodeOf } from '../../src/report/model/exit-code.ts'
import { optionsOf } from '../addon/corpus.ts'
import { events } from '../plan/events.ts'
import { plan } from '../plan/planning.ts'
import { brokenMachine, type FakeRun, fakeRun } from './fake-stages.ts'

let fake: FakeRun
beforeEach(() => {
  fake = fakeRun({ event: events.pullRequest })
})
afterEach(() => fake.remove())

const image = { target: 'a', image: 'registry.example/{arch}-probe', 'multi-arch-image': 'registry.example/probe' }

interface Setting {
  readonly inputs?: Readonly<Record<string, string>>
  readonly event?: GitHubEvent
  readonly files?: readonly string[]
}

async function run({ inputs = {}, event = events.pullRequest, files = ['a/Dockerfile'] }: Setting = {}) {
  const all = { ...image, ...inputs }
  const planned = await plan({ inputs: all, event })
  const changes = async () => ({ files })
  const host = { ...fake.host, event }
  const { report } = await runPipeline({ plan: planned, options: await optionsOf(all), host, changes }, fake.stages)
  const { verdict } = report
  return { report, verdict, exitCode: exitCodeOf(report) }
}

const publishVersion = (version = '1.0') =>
  fake.registry.tags.set(`registry.example/probe:${version}`, {
    digest: sha256(''),
    bytes: Buffer.alloc(0),
    mediaType: 'application/vnd.oci.image.index.v1+json',
  })
const reason = {
  gate: 'version',
  addon: 'probe',
  message: expect.stringMatching(/^1\.0 is already published.*Set "version" to 1\.1\.$/),
  where: { file: 'a/config.yaml', line: 2, column: 10 },
}

describe('a pull request that keeps a published version', () => {
  beforeEach(() => void publishVersion())

  test('passes with a warning', async () => {
    const { verdict, exitCode } = await run()
    expect([verdict.passed, exitCode]).toEqual([true, 0])
    expect(verdict.warnings).toMatchObject([reason])
    expect(verdict.reasons).toEqual([])
  })

  test('fails with "version-gate: fail", and publishes nothing', async () => {
    const { report, verdict, exitCode } = await run({
      inputs: { 'version-gate': 'fail', push: 'true', tags: 'pr-{pr}' },
    })
    expect([verdict.passed, exitCode, report.publication.status]).toEqual([false, 1, 'not-published'])
    expect(verdict.reasons).toMatchObject([reason])
    expect(fake.tags()).toEqual(['registry.example/probe:1.0'])
  })

  test('is not checked with "version-gate: off"', async () => {
    const { verdict } = await run({ inputs: { 'version-gate': 'off' } })
    expect([verdict.warnings, fake.count('versions')]).toEqual([[], 0])
  })

  test('is checked once, while the images are built', async () => {
    const asked = Promise.withResolvers<void>()
    fake.at('versions', () => asked.resolve())
    fake.at('build amd64', () => asked.promise)
    await run()
    expect(fake.count('versions')).toBe(1)
  })

  test('does not wait for the answer before it builds', async () => {
    const built = Promise.withResolvers<void>()
    fake.at('unload armv7', () => built.resolve())
    fake.at('versions', () => built.promise)
    expect((await run()).verdict.warnings).toMatchObject([reason])
  })

  test('reports the version beside other failures', async () => {
    fake.unhealthy.add('armv7')
    const { verdict } = await run({ inputs: { 'version-gate': 'fail' } })
    expect(verdict.reasons.map(({ gate }) => gate)).toEqual(['smoke', 'version'])
  })

  test('in a run that cannot build ends as without the gate', async () => {
    fake.at('session', () => {
      throw brokenMachine()
    })
    const { verdict, exitCode } = await run()
    expect([verdict.reasons.map(({ gate }) => gate), exitCode]).toEqual([['environment'], 3])
    expect(fake.count('versions')).toBe(0)
  })

  test.each<readonly [string, Setting]>([
    ['a push', { event: events.push }],
    ['a release', { event: events.release }],
    ['a schedule', { event: events.schedule }],
    ['a terminal', { event: events.local }],
    ['pull_request_target, which has the base branch checked out', { event: events.pullRequestTarget }],
    ['a cell of a matrix', { inputs: { mode: 'build' } }],
  ])('is not checked in %s', async (_, setting) => {
    await run(setting)
    expect(fake.count('versions')).toBe(0)
  })

  test('is checked where the images of a matrix are joined', async () => {
    await run({ inputs: { mode: 'publish' } })
    expect(fake.count('versions')).toBe(1)
  })
})

test('a pull request with a new version, or without a change of the add-on, has no warning', async () => {
  publishVersion('0.9')
  expect((await run()).verdict.warnings).toEqual([])
  publishVersion()
  expect((await run({ files: ['a/README.md'] })).verdict.warnings).toEqual([])
})

test('what is not known is in the log, and passes even with "version-gate: fail"', async () => {
  fake.registry.listTags = () => Promise.reject(new Error('connect ECONNREFUSED'))
  const { verdict } = await run({ inputs: { 'version-gate': 'fail' } })
  expect([verdict.passed, verdict.warnings]).toEqual([true, []])
  expect(fake.host.lines).toContain('It is not known whether 1.0 of probe is new: connect ECONNREFUSED')
})
