import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { runPipeline } from '../../src/pipeline/pipeline.ts'
import { exitCodeOf } from '../../src/report/model/exit-code.ts'
import { optionsOf } from '../addon/corpus.ts'
import { config, plan } from '../plan/planning.ts'
import { brokenMachine, type FakeRun, failedBuild, fakeRun } from './fake-stages.ts'

let fake: FakeRun
beforeEach(() => {
  fake = fakeRun()
})
afterEach(() => fake.remove())

const image = { target: 'a', image: 'registry.example/{arch}-probe', 'multi-arch-image': 'registry.example/probe' }
const architectures = ['amd64', 'aarch64', 'armv7'] as const
const tags = [...architectures.map((name) => `registry.example/${name}-probe:1.0`), 'registry.example/probe:1.0']

async function run(inputs: Readonly<Record<string, string>> = {}) {
  const all = { ...image, ...inputs }
  const planned = await plan({ inputs: all })
  const options = await optionsOf(all)
  const { report, leftResources } = await runPipeline({ plan: planned, options, host: fake.host }, fake.stages)
  return { report, leftResources, exitCode: exitCodeOf(report), reasons: report.verdict.reasons }
}

const expectClosed = () => {
  expect(fake.count('release session')).toBe(1)
  expect(fake.count('release network')).toBe(fake.count('network'))
  expect(fake.openGroups()).toBe(0)
}

describe('a run that passes', () => {
  test('publishes all tags, and closes the session and the test network once', async () => {
    const { report, exitCode, leftResources } = await run({ push: 'true' })
    expect([exitCode, report.verdict.passed, report.publication]).toEqual([0, true, { status: 'published' }])
    expect(fake.tags()).toEqual(expect.arrayContaining(tags))
    expect(report.addons[0]?.targets.map(({ published }) => typeof published)).toEqual(['string', 'string', 'string'])
    expect(leftResources).toBe(true)
    expect(fake.count('network')).toBe(1)
    expectClosed()
    expect(fake.steps.indexOf('release network')).toBeLessThan(fake.steps.indexOf('release session'))
    expect(fake.steps.indexOf('release session')).toBeLessThan(fake.steps.indexOf('publish'))
  })

  test('publishes nothing without "push"', async () => {
    const { report, exitCode } = await run()
    expect([exitCode, report.verdict.passed]).toEqual([0, true])
    expect(report.publication).toMatchObject({
      status: 'not-published',
      reason: expect.stringContaining('"push" is false'),
    })
    expect([...fake.registry.tags.keys()]).toEqual([])
    expectClosed()
  })

  test('opens no test network without a smoke test', async () => {
    const { report } = await run({ 'smoke-test': 'false' })
    expect(report.verdict.passed).toBe(true)
    expect(fake.steps.filter((step) => /network|test/.test(step))).toEqual([])
    expectClosed()
  })

  test('attests each image before it is published', async () => {
    const { report } = await run({ push: 'true', provenance: 'true' })
    expect(report.addons[0]?.targets.map(({ attestation }) => typeof attestation)).toEqual([
      'string',
      'string',
      'string',
    ])
    expect(fake.tags()).toEqual(expect.arrayContaining(tags))
  })

  test('builds as many targets at once as "parallel" allows', async () => {
    await run({ parallel: '1' })
    const order = fake.steps.filter((step) => /^(build|unload) /.test(step))
    expect(order).toEqual(architectures.flatMap((name) => [`build ${name}`, `unload ${name}`]))
  })

  test('titles the groups of the log with the add-on if there are several', async () => {
    const titles: string[] = []
    const log = { ...fake.host.log, group: (title: string) => void titles.push(title) }
    const files = { 'b/config.yaml': config('', 'other'), 'b/Dockerfile': 'FROM ghcr.io/home-assistant/base:3.23\n' }
    const inputs = { target: 'a\nb', architectures: 'amd64' }
    const planned = await plan({ inputs, files })
    await runPipeline({ plan: planned, options: await optionsOf(inputs), host: { ...fake.host, log } }, fake.stages)
    expect(titles).toEqual(['probe amd64 (linux/amd64)', 'other amd64 (linux/amd64)'])
  })
})

describe('a run in which one target fails', () => {
  test.each<readonly [string, () => unknown, number, string]>([
    ['the build', () => fake.builds.set('armv7', failedBuild), 1, 'build'],
    ['the smoke test', () => fake.unhealthy.add('armv7'), 1, 'smoke'],
    ['the measurement', () => fake.at('measure armv7', fails('truncated layer')), 1, 'measure'],
    ['the machine during the build', () => fake.at('build armv7', breaks), 3, 'environment'],
    ['the machine during the smoke test', () => fake.at('test armv7', breaks), 3, 'environment'],
    ['the attestation', () => fake.at('attest armv7', breaks), 3, 'environment'],
  ])('at %s finishes the other targets and moves no tag', async (_, arrange, code, gate) => {
    arrange()
    const { report, exitCode, reasons } = await run({ push: 'true', sbom: 'true' })
    expect([exitCode, report.publication.status]).toEqual([code, 'not-published'])
    expect(reasons).toMatchObject([{ gate, addon: 'probe', architecture: 'armv7' }])
    expect(report.addons[0]?.targets.map(({ architecture }) => architecture)).toEqual(architectures)
    expect(report.addons[0]?.targets.slice(0, 2)).toMatchObject([
      { build: { status: 'built' }, smoke: { status: 'passed' } },
      { build: { status: 'built' }, smoke: { status: 'passed' } },
    ])
    expect([...fake.registry.tags.keys()]).toEqual([])
    expectClosed()
  })

  test('reports all failures of all targets, the gravest first', async () => {
    fake.builds.set('amd64', failedBuild)
    fake.unhealthy.add('aarch64')
    fake.at('measure aarch64', fails('truncated layer'))
    fake.at('test armv7', breaks)
    const { reasons, exitCode } = await run({ push: 'true' })
    expect(reasons.map(({ gate, architecture }) => [gate, architecture])).toEqual([
      ['environment', 'armv7'],
      ['build', 'amd64'],
      ['smoke', 'aarch64'],
      ['measure', 'aarch64'],
    ])
    expect(exitCode).toBe(1)
  })

  test('holds back all images if a size limit is exceeded', async () => {
    const planned = await plan({ inputs: image })
    const options = await optionsOf({ ...image, push: 'true' })
    const openInspector: typeof fake.stages.openInspector = async (...args) => {
      const inspector = await fake.stages.openInspector(...args)
      return {
        ...inspector,
        async measure(...measured) {
          const { size } = await inspector.measure(...measured)
          const message = '10 MB over max-size'
          return {
            size: { ...size, budgets: [{ budget: 'max-size', limit: '40 MB', actualBytes: 50, over: true, message }] },
          }
        },
      }
    }
    const { report } = await runPipeline({ plan: planned, options, host: fake.host }, { ...fake.stages, openInspector })
    expect(report.verdict.reasons.map(({ gate }) => gate)).toEqual(['size', 'size', 'size'])
    expect([...fake.registry.tags.keys()]).toEqual([])
    expectClosed()
  })
})

describe('a run that ends early', () => {
  test.each<readonly [string, string, number]>([
    ['Docker', 'session', 3],
    ['an unexpected error', 'session', 3],
  ])('by %s still has a report', async (what, step, code) => {
    fake.at(step, what === 'Docker' ? breaks : fails('undefined is not a function'))
    const { report, exitCode, leftResources } = await run({ push: 'true' })
    expect([exitCode, report.verdict.passed]).toEqual([code, false])
    expect(report.diagnostics.at(-1)?.code).toBe(what === 'Docker' ? 'environment/no-docker' : 'environment/unexpected')
    expect(report.publication).toEqual({
      status: 'not-published',
      reason: 'The run ended before anything was built.',
    })
    expect(leftResources).toBe(what !== 'Docker')
    expect(fake.count('release session')).toBe(0)
  })

  test('fails every target if the inspector cannot be opened, and closes the session', async () => {
    fake.at('inspector', breaks)
    const { exitCode, reasons } = await run({ push: 'true' })
    expect(exitCode).toBe(3)
    expect(reasons.map(({ gate, architecture }) => [gate, architecture])).toEqual(
      architectures.map((name) => ['environment', name]),
    )
    expect(architectures.map((name) => fake.count(`unload ${name}`))).toEqual([1, 1, 1])
    expectClosed()
  })

  test('keeps its result if the session and the network cannot be released', async () => {
    fake.at('release session', breaks)
    fake.at('release network', breaks)
    const { exitCode, report } = await run({ push: 'true' })
    expect([exitCode, report.publication.status]).toEqual([0, 'published'])
    expectClosed()
  })

  test('fails every smoke test if the network cannot be opened', async () => {
    fake.at('network', breaks)
    const { exitCode, reasons } = await run({ push: 'true' })
    expect([exitCode, reasons.map(({ gate }) => gate)]).toEqual([3, ['environment', 'environment', 'environment']])
    expect(fake.count('release network')).toBe(0)
    expect(fake.count('release session')).toBe(1)
  })
})

describe('a cancel', () => {
  test.each<readonly [string, string]>([
    ['before the builds', 'session'],
    ['during the check of a base image', 'base armv7'],
    ['during a build', 'build armv7'],
    ['while the inspector opens', 'inspector'],
    ['while the test network opens', 'network'],
    ['during a smoke test', 'test armv7'],
    ['during a measurement', 'measure armv7'],
    ['while an image is unloaded', 'unload armv7'],
    ['while attestations are made', 'attest armv7'],
    ['while the session is released', 'release session'],
    ['before publishing', 'publish'],
    ['during the first upload', 'write a manifest'],
  ])('%s publishes nothing and exits with 130', async (_, step) => {
    if (step.startsWith('write ')) cancelAtWrite((name) => name.includes('@sha256:'))
    else fake.at(step, fake.cancel)
    const { exitCode, report } = await run({ push: 'true', provenance: 'true' })
    expect(exitCode).toBe(130)
    expect(report.verdict.reasons.every(({ gate }) => gate === 'cancelled')).toBe(true)
    expect(report.publication.status).toBe('not-published')
    expect(fake.tags()).toEqual([])
    if (step !== 'session') expectClosed()
  })

  test.each(tags.slice(0, -1))('at tag %s puts back all tags that were moved', async (tag) => {
    cancelAtWrite((name) => name === tag)
    const { exitCode, report } = await run({ push: 'true' })
    expect([exitCode, report.publication.status, fake.tags()]).toEqual([130, 'not-published', []])
    expect(report.verdict.reasons).toMatchObject([
      { gate: 'cancelled', message: 'The run was cancelled while it published.' },
    ])
    expectClosed()
  })

  test('after the last tag does not undo the publication', async () => {
    const writes: string[] = []
    cancelAtWrite((name) => writes.push(name) > 0 && name === lastTag())
    const { exitCode, report } = await run({ push: 'true' })
    expect([exitCode, report.publication.status]).toEqual([0, 'published'])
    expect(fake.tags()).toEqual(expect.arrayContaining(tags))
  })

  test('in "mode: build" leaves a result file that says so', async () => {
    fake.at('test armv7', fake.cancel)
    const { exitCode } = await run({ mode: 'build', push: 'true', architectures: 'armv7' })
    expect(exitCode).toBe(130)
    expect(results()).toMatchObject([{ failure: { kind: 'cancelled' }, notPushed: 'The run was cancelled.' }])
  })
})

describe('a publication that fails', () => {
  test.each(tags)('at tag %s restores all tags', async (tag) => {
    fake.registry.beforeWrite = (name) => {
      if (name === tag) throw new Error('503 Service Unavailable')
    }
    const { exitCode, report, reasons } = await run({ push: 'true' })
    expect([exitCode, report.publication.status, fake.tags()]).toEqual([3, 'not-published', []])
    expect(reasons).toMatchObject([{ gate: 'publish', message: expect.stringContaining('503') }])
    expectClosed()
  })
})

describe('a matrix', () => {
  test('is built in cells and published from their results', async () => {
    for (const architectures of ['amd64', 'aarch64', 'armv7']) {
      const { exitCode, report } = await run({ mode: 'build', push: 'true', architectures })
      expect([exitCode, report.publication]).toMatchObject([0, { reason: expect.stringContaining('Pushed by digest') }])
    }
    expect(fake.tags()).toEqual([])
    const published = await run({ mode: 'publish', push: 'true', results: resultsFolder() })
    expect([published.exitCode, published.report.publication.status]).toEqual([0, 'published'])
    expect(fake.tags()).toEqual(expect.arrayContaining(tags))
    expect(published.leftResources).toBe(false)
    expect(fake.count('release session')).toBe(3)
  })

  test('publishes nothing if a result is missing', async () => {
    await run({ mode: 'build', push: 'true', architectures: 'amd64' })
    const { exitCode, reasons } = await run({ mode: 'publish', push: 'true', results: resultsFolder() })
    expect(exitCode).toBe(2)
    expect(reasons.map(({ gate }) => gate)).toEqual(['artifact', 'artifact'])
    expect(fake.tags()).toEqual([])
  })

  test('publishes nothing if a cell failed, was cancelled, or was not tested', async () => {
    fake.builds.set('amd64', failedBuild)
    await run({ mode: 'build', push: 'true', architectures: 'amd64' })
    fake.at('test aarch64', breaks)
    await run({ mode: 'build', push: 'true', architectures: 'aarch64' })
    await run({ mode: 'build', push: 'true', architectures: 'armv7', 'smoke-test': 'false' })
    const { exitCode, reasons } = await run({ mode: 'publish', push: 'true', results: resultsFolder() })
    expect(exitCode).toBe(2)
    expect(new Set(reasons.map(({ gate, architecture }) => `${gate} ${architecture}`))).toEqual(
      new Set(['build amd64', 'environment aarch64', 'artifact armv7']),
    )
    expect(fake.tags()).toEqual([])
  })

  test('writes a result file for each target if Docker cannot be used', async () => {
    fake.at('session', breaks)
    const { exitCode } = await run({ mode: 'build', push: 'true' })
    expect(exitCode).toBe(3)
    expect(results()).toHaveLength(3)
    expect(results()[0]).toMatchObject({ notPushed: expect.stringContaining('Docker does not respond.') })
  })

  test('is cancelled while results are collected', async () => {
    fake.at('collect', fake.cancel)
    const { report } = await run({ mode: 'publish', push: 'true', results: resultsFolder() })
    expect(report.publication.status).toBe('not-published')
    expect(fake.tags()).toEqual([])
  })
})

const breaks = () => {
  throw brokenMachine()
}
const fails = (message: string) => () => {
  throw new Error(message)
}
const lastTag = () => 'registry.example/probe:latest'

function cancelAtWrite(isIt: (name: string) => boolean): void {
  fake.registry.beforeWrite = (name) => {
    if (isIt(name)) fake.cancel()
  }
}

const resultsFolder = (): string => join(fake.host.environment.RUNNER_TEMP ?? '', 'aicleaner-build')

const results = (): readonly unknown[] =>
  readdirSync(resultsFolder())
    .filter((name) => name.endsWith('.result.json'))
    .sort()
    .map((name) => JSON.parse(readFileSync(join(resultsFolder(), name), 'utf8')))
