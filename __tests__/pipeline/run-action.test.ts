import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { error, Failure } from '../../src/core/diagnostics.ts'
import { type ActionInput, runAction } from '../../src/pipeline/run-action.ts'
import type { Report } from '../../src/report/model/report.ts'
import { events } from '../plan/events.ts'
import { startDistribution } from '../registry/distribution.ts'
import { brokenMachine, type FakeRun, failedBuild, fakeRun } from './fake-stages.ts'

let fake: FakeRun
beforeEach(() => {
  fake = fakeRun()
})
afterEach(() => fake.remove())

const inputs = {
  target: 'a',
  architectures: 'amd64,aarch64',
  image: 'registry.example/{arch}-probe',
  'multi-arch-image': 'registry.example/probe',
}
const tags = ['registry.example/amd64-probe:1.0', 'registry.example/aarch64-probe:1.0', 'registry.example/probe:1.0']

async function run(more: Readonly<Record<string, string>> = {}, changes: Partial<ActionInput> = {}) {
  const all: Readonly<Record<string, string>> = { ...inputs, ...more }
  const { host, outputs, stages } = fake
  const result = await runAction({ text: (name) => all[name] ?? '', host, outputs, stages, ...changes })
  expect(fake.openGroups()).toBe(0)
  expect(fake.count('release session')).toBeLessThanOrEqual(1)
  expect(fake.count('release network')).toBe(fake.count('network'))
  expect(existsSync(host.temporary)).toBe(false)
  return { ...result, report: fake.reports.at(-1), codes: host.said.map(({ code }) => code) }
}

const breaks = () => {
  throw brokenMachine()
}
const gates = (report: Report | undefined) => report?.verdict.reasons.map(({ gate }) => gate)
const folder = (): string => join(fake.host.environment.RUNNER_TEMP ?? '', 'aicleaner-build')

describe('a run', () => {
  test('that passes publishes, reports and cleans up', async () => {
    const { exitCode, clean, report } = await run({ push: 'true' })
    expect([exitCode, clean, report?.publication.status]).toEqual([0, true, 'published'])
    expect(fake.tags()).toEqual(expect.arrayContaining(tags))
    expect(fake.steps.slice(0, 2)).toEqual(['engine', 'session'])
    expect([fake.count('report'), fake.count('traces')]).toEqual([1, 1])
    expect(JSON.parse(fake.output.get('digests') ?? '')).toHaveProperty('aarch64')
    expect(JSON.parse(readFileSync(join(folder(), 'report.json'), 'utf8'))).toEqual(report)
  })

  test.each<readonly [string, () => unknown, Readonly<Record<string, string>>, number, readonly string[]]>([
    ['a build fails', () => fake.builds.set('aarch64', failedBuild), {}, 1, ['build']],
    ['a smoke test fails', () => fake.unhealthy.add('aarch64'), {}, 1, ['smoke']],
    ['a size cannot be measured', () => fake.at('measure amd64', () => fails('truncated')), {}, 1, ['measure']],
    ['Docker does not respond', () => fake.at('engine', breaks), {}, 3, ['environment']],
    ['Docker does not respond during a build', () => fake.at('build amd64', breaks), {}, 3, ['environment']],
    ['an attestation cannot be made', () => fake.at('attest amd64', breaks), { sbom: 'true' }, 3, ['environment']],
    ['the registry fails', () => fake.at('write a manifest', breaks), {}, 3, ['publish']],
    [
      'an error is unexpected',
      () => fake.at('publish', () => fails('undefined is not a function')),
      {},
      3,
      ['environment'],
    ],
    ['results are missing', () => {}, { mode: 'publish', results: 'results' }, 2, ['artifact', 'artifact']],
  ])('in which %s has an exit code and a report, and publishes nothing', async (_, arrange, more, code, expected) => {
    arrange()
    if (_ === 'the registry fails') fake.registry.beforeWrite = () => fails('503')
    const { exitCode, report, clean } = await run({ push: 'true', ...more })
    expect([exitCode, clean, gates(report)]).toEqual([code, true, expected])
    expect(fake.tags()).toEqual([])
    expect(fake.count('report')).toBe(1)
    expect(fake.output.has('report')).toBe(true)
  })

  test('names what could not be removed, and leaves it to the post step', async () => {
    const { host, stages } = fake
    const removeTraces = async () => {
      await stages.removeTraces(host)
      return ['builder: in use']
    }
    const { exitCode, clean } = await run({}, { stages: { ...stages, removeTraces } })
    expect([exitCode, clean]).toEqual([0, false])
    expect(host.lines).toContain('Not removed: builder: in use')
  })

  test('of "mode: publish" needs no Docker', async () => {
    await run({ mode: 'publish', push: 'true', results: 'results' })
    expect(fake.steps.filter((step) => /engine|session|traces/.test(step))).toEqual([])
  })

  test('masks secrets before anything else', async () => {
    const masked: string[] = []
    const log = { ...fake.host.log, mask: (secret: string) => void masked.push(secret) }
    await run({ password: 'hunter2', 'max-size': 'huge' }, { host: { ...fake.host, log } })
    expect(masked).toContain('hunter2')
  })
})

describe('a cancel', () => {
  test.each([
    'engine',
    'session',
    'base amd64',
    'build amd64',
    'inspector',
    'network',
    'test amd64',
    'measure amd64',
    'unload amd64',
    'attest amd64',
    'release network',
    'release session',
    'publish',
  ])('at the step "%s" publishes nothing, reports, cleans up and exits with 130', async (step) => {
    fake.at(step, fake.cancel)
    const { exitCode, report, clean } = await run({ push: 'true', provenance: 'true' })
    expect(fake.count(step)).toBeGreaterThan(0)
    expect([exitCode, clean]).toEqual([130, true])
    expect(new Set(gates(report))).toEqual(new Set(['cancelled']))
    expect(fake.tags()).toEqual([])
    expect(fake.count('report')).toBe(1)
    expect(fake.comments).toEqual([])
  })

  test.each(tags.slice(0, 2))('at the tag %s restores all tags and exits with 130', async (tag) => {
    fake.registry.beforeWrite = (name) => {
      if (name === tag) fake.cancel()
    }
    const { exitCode, report } = await run({ push: 'true' })
    expect([exitCode, gates(report), fake.tags()]).toEqual([130, ['cancelled'], []])
  })

  test.each(['report', 'traces'])('at the step "%s" does not change the result', async (step) => {
    fake.at(step, fake.cancel)
    const { exitCode, report } = await run({ push: 'true' })
    expect([exitCode, report?.publication.status]).toEqual([0, 'published'])
    expect(fake.output.has('report')).toBe(true)
    expect(fake.comments).toEqual([])
  })

  test('in "mode: build" leaves a result file for each target', async () => {
    fake.at('build amd64', fake.cancel)
    const { exitCode } = await run({ mode: 'build', push: 'true' })
    expect(exitCode).toBe(130)
    expect(['amd64', 'aarch64'].map((name) => existsSync(join(folder(), `probe-${name}.result.json`)))).toEqual([
      true,
      true,
    ])
  })
})

describe('refused inputs', () => {
  test('use no Docker, and are reported everywhere', async () => {
    const { exitCode, clean, report, codes } = await run({ 'max-size': 'huge', push: 'perhaps' })
    expect([exitCode, clean]).toEqual([2, true])
    expect(new Set(gates(report))).toEqual(new Set(['input']))
    expect(codes.filter((code) => code.startsWith('input/')).length).toBeGreaterThanOrEqual(2)
    expect(report?.publication).toEqual({ status: 'not-published', reason: 'Nothing was built.' })
    expect(fake.steps).toEqual(['report'])
  })

  test('in a pull request write the comment that the run would have written', async () => {
    fake.remove()
    fake = fakeRun({ event: events.pullRequest })
    const { exitCode } = await run({ 'max-size': 'huge', 'github-token': 'token', 'comment-key': 'mine' })
    expect(exitCode).toBe(2)
    expect(fake.comments).toMatchObject([{ key: 'mine', shared: { partial: true } }])
  })

  test('report warnings, which may be the cause', async () => {
    const { codes } = await run({ 'max-size': 'huge' }, { given: ['target', 'max-szie'] })
    expect(codes.some((code) => code.startsWith('input/'))).toBe(true)
  })

  test('of files do not wait for Docker', async () => {
    fake.remove()
    fake = fakeRun({ files: { 'a/config.yaml': 'name: [' } })
    fake.at('engine', breaks)
    const { exitCode } = await run({ push: 'true' })
    expect(exitCode).toBe(2)
    expect(fake.count('session')).toBe(0)
  })
})

describe('"mode: plan"', () => {
  test('shows the plan and sets its outputs, without any stage', async () => {
    const { exitCode, clean, report } = await run({ mode: 'plan' })
    expect([exitCode, clean, report]).toEqual([0, true, undefined])
    expect(fake.steps).toEqual([])
    expect(fake.host.lines.join('\n')).toContain('registry.example/amd64-probe')
    expect(JSON.parse(fake.output.get('matrix') ?? '')).toHaveProperty('include')
  })

  test('reports errors', async () => {
    const { exitCode, report } = await run({ mode: 'plan', 'max-size': 'huge' })
    expect([exitCode, report?.run.mode]).toEqual([2, 'plan'])
  })
})

describe('"mode: refresh"', () => {
  test('sets its outputs and the job summary, without any stage and without a report', async () => {
    const registry = await startDistribution()
    try {
      const image = `${registry.host}/org/{arch}-probe`
      const { exitCode, clean, report } = await run({ mode: 'refresh', image, 'multi-arch-image': 'false' })
      expect([exitCode, clean, report, fake.steps]).toEqual([0, true, undefined, []])
      expect(fake.output.get('outdated')).toBe('[]')
      expect(fake.output.get('matrix')).toBe('{"include":[]}')
      expect(fake.summaries).toEqual([expect.stringContaining('/org/amd64-probe:1.0 is not published.')])
    } finally {
      await registry.close()
    }
  })

  test('reports errors', async () => {
    const { exitCode, report } = await run({ mode: 'refresh', 'max-size': 'huge' })
    expect([exitCode, report?.run.mode]).toEqual([2, 'refresh'])
  })
})

describe('the comment for a fork', () => {
  const publish = { mode: 'publish', results: 'results', target: 'a' }
  beforeEach(() => {
    fake.remove()
    fake = fakeRun({ event: { ...events.push, name: 'workflow_run' } })
  })

  test('is written instead of a run', async () => {
    const { exitCode, clean } = await run(publish)
    expect([exitCode, clean, fake.steps]).toEqual([0, true, ['fork comment']])
  })

  test('fails without a report', async () => {
    fake.at('fork comment', () => {
      throw new Failure('artifact', [error('publish/no-report', 'There is no report.', '')])
    })
    const { exitCode, codes } = await run(publish)
    expect([exitCode, codes]).toEqual([2, ['publish/no-report']])
  })
})

function fails(message: string): never {
  throw new Error(message)
}
