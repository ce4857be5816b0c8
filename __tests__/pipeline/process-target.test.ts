import { existsSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { error, Failure } from '../../src/core/diagnostics.ts'
import { processTarget } from '../../src/pipeline/process-target.ts'
import type { BuildSession, Inspector } from '../../src/pipeline/stages.ts'
import type { TargetOutcome } from '../../src/pipeline/target-outcome.ts'
import { optionsOf } from '../addon/corpus.ts'
import { target as planned } from '../fixtures/target.ts'
import { plan } from '../plan/planning.ts'
import { brokenMachine, cancelledBuild, type FakeRun, failedBuild, fakeRun } from './fake-stages.ts'

let fake: FakeRun
beforeEach(() => {
  fake = fakeRun()
})
afterEach(() => fake.remove())

const target = planned({ id: 'addon/armv7', architecture: 'armv7', platform: 'linux/arm/v7' })
const names = { addon: 'addon', architecture: 'armv7', platform: 'linux/arm/v7', tags: ['1.2.3'] }

interface Changes {
  readonly inputs?: Readonly<Record<string, string>>
  readonly session?: Partial<BuildSession>
  readonly inspector?: Partial<Inspector>
}

/** One target through the stages, and the lines of its group in the log. */
async function process({ inputs = {}, session: changes, inspector: more }: Changes = {}) {
  const options = await optionsOf({ target: 'a', push: 'true', ...inputs })
  const context = { plan: await plan(), options, host: fake.host, logins: [] }
  const session = { ...(await fake.stages.openBuildSession(context)), ...changes }
  const network = fake.stages.shareTestNetwork(fake.host)
  const inspector = fake.stages.openInspector(context, session, network).then((opened) => ({ ...opened, ...more }))
  inspector.catch(() => {})
  const lines: string[] = []
  const summaries: string[] = []
  const logGroup = { line: (text: string) => void lines.push(text), close: (text: string) => void summaries.push(text) }
  const outcome = await processTarget(target, { session, inspector, options, logGroup })
  expect(summaries).toHaveLength(1)
  return { outcome, lines, summary: summaries[0] ?? '', steps: fake.steps.filter((step) => step.endsWith('armv7')) }
}

describe('a target that is built and tested', () => {
  test('has its results, and the layout to publish', async () => {
    const { outcome, lines, summary, steps } = await process()
    expect(outcome).toMatchObject({
      status: 'tested',
      report: { ...names, build: { status: 'built' }, smoke: { status: 'passed' }, size: { budgets: [] } },
      image: { layout: expect.stringContaining('image') },
    })
    expect(outcome).not.toHaveProperty('reasons')
    expect(steps.toSorted()).toEqual(['base armv7', 'build armv7', 'measure armv7', 'test armv7', 'unload armv7'])
    expect(steps.at(-1)).toBe('unload armv7')
    expect(lines).toEqual(['building armv7', 'smoke test: Healthy after 3 probes.'])
    expect(summary).toBe('armv7: built in 42 s · Healthy after 3 probes.')
    expect(existsSync(layoutOf(outcome))).toBe(true)
  })

  test('has attestations if they are wanted, made after the test', async () => {
    const { outcome, steps } = await process({ inputs: { provenance: 'true' } })
    expect(outcome).toMatchObject({
      status: 'tested',
      report: { attestation: expect.stringMatching(/^sha256:/) },
      image: { attestation: { layout: expect.stringContaining('attested') } },
    })
    expect(steps.slice(-2)).toEqual(['unload armv7', 'attest armv7'])
  })

  test('keeps no layout and makes no attestations without "push"', async () => {
    const { outcome, steps } = await process({ inputs: { push: 'false', provenance: 'true' } })
    expect(outcome).toMatchObject({ status: 'tested' })
    expect(outcome).not.toHaveProperty('image')
    expect(steps).not.toContain('attest armv7')
  })

  test('needs no smoke result without a smoke test', async () => {
    const { outcome, summary } = await process({ inputs: { 'smoke-test': 'false' } })
    expect(outcome).toMatchObject({ status: 'tested', image: {} })
    expect(outcome.report).not.toHaveProperty('smoke')
    expect(summary).toBe('armv7: built in 42 s')
  })

  test('is tested by the digest that was built, and under emulation where its architecture needs it', async () => {
    const seen: unknown[] = []
    const { outcome } = await process({
      inspector: {
        async test({ id }, image, emulated) {
          seen.push([id, image, emulated])
          return { status: 'passed', readiness: 'x', reason: 'up', durationMs: 1, checks: [] }
        },
      },
    })
    expect([outcome.status, seen]).toEqual(['tested', [['addon/armv7', 'image-armv7', true]]])
  })

  test('is built on the base image that was verified', async () => {
    const built: unknown[] = []
    await process({
      session: {
        checkBase: async (one) => ({ ...one, baseImage: 'base@sha256:verified' }),
        async build({ baseImage }) {
          built.push(baseImage)
          return { result: failedBuild }
        },
      },
    })
    expect(built).toEqual(['base@sha256:verified'])
  })

  test('stays so if its image cannot be unloaded', async () => {
    fake.at('unload armv7', breaks)
    expect((await process()).outcome.status).toBe('tested')
  })
})

describe('a target that failed', () => {
  test.each<readonly [string, Changes, () => unknown, object]>([
    [
      'to build',
      {},
      () => fake.builds.set('armv7', failedBuild),
      { status: 'failed', stage: 'build', reasons: [{ gate: 'build', message: 'exit code: 1' }] },
    ],
    [
      'because its base image is not signed by the expected signer',
      { session: { checkBase: async () => ({ refused: 'The base image is not signed.' }) } },
      () => {},
      {
        status: 'failed',
        stage: 'build',
        reasons: [
          { gate: 'build', message: 'The base image is not signed.', remedy: expect.stringContaining('verify-base') },
        ],
      },
    ],
    [
      'because Docker does not respond during the build',
      {},
      () => fake.at('build armv7', breaks),
      {
        status: 'failed',
        stage: 'build',
        reasons: [{ gate: 'environment' }],
        report: { build: { environment: true } },
      },
    ],
    [
      'because the disk is full',
      {},
      () => fake.at('build armv7', () => throwing(new Error('write: no space left on device'))),
      { status: 'failed', stage: 'build', reasons: [{ gate: 'environment' }] },
    ],
    [
      'because the inspector cannot be opened',
      {},
      () => fake.at('inspector', breaks),
      { status: 'failed', stage: 'build', reasons: [{ gate: 'environment' }] },
    ],
    [
      'its smoke test',
      {},
      () => fake.unhealthy.add('armv7'),
      { status: 'failed', stage: 'smoke-test', reasons: [{ gate: 'smoke', message: 'not healthy within 60 s' }] },
    ],
    [
      'to be measured',
      {},
      () => fake.at('measure armv7', () => throwing(new Error('truncated'))),
      { status: 'failed', stage: 'measure', reasons: [{ gate: 'measure' }], report: { smoke: { status: 'passed' } } },
    ],
    [
      'to be attested',
      { inputs: { sbom: 'true' } },
      () => fake.at('attest armv7', breaks),
      { status: 'failed', stage: 'attest', reasons: [{ gate: 'environment' }], cause: { kind: 'environment' } },
    ],
    [
      'both its smoke test and its measurement',
      {},
      () => {
        fake.unhealthy.add('armv7')
        fake.at('measure armv7', () => throwing(new Error('truncated')))
      },
      { status: 'failed', stage: 'smoke-test', reasons: [{ gate: 'smoke' }, { gate: 'measure' }] },
    ],
  ])('%s says which stage, and why', async (_, changes, arrange, expected) => {
    arrange()
    const { outcome, steps } = await process(changes)
    expect(outcome).toMatchObject(expected)
    expect(outcome).not.toHaveProperty('image')
    expect(outcome).toMatchObject({ reasons: [{ addon: 'addon', architecture: 'armv7' }, ...tail(expected)] })
    if (steps.includes('build armv7')) expect(steps.filter((step) => step.startsWith('unload'))).toHaveLength(1)
  })

  test.each(['the smoke test', 'the measurement'])('%s keeps no layout and makes no attestations', async (what) => {
    if (what === 'the smoke test') fake.unhealthy.add('armv7')
    else fake.at('measure armv7', () => throwing(new Error('truncated')))
    let layout = ''
    const { steps } = await process({
      inputs: { provenance: 'true' },
      session: {
        async build(one, onLine) {
          const built = await (await fake.stages.openBuildSession(await contextOf())).build(one, onLine)
          layout = built.image?.layout ?? ''
          return built
        },
      },
    })
    expect(steps).not.toContain('attest armv7')
    expect([layout !== '', existsSync(layout)]).toEqual([true, false])
  })
})

describe('a target that was not tested', () => {
  test('says why, and has its size', async () => {
    fake.at('test armv7', breaks)
    const { outcome, summary } = await process()
    expect(outcome).toMatchObject({
      status: 'untested',
      reasons: [{ gate: 'environment', message: expect.stringContaining('Docker does not respond.') }],
      cause: { kind: 'environment' },
      report: { build: { status: 'built' }, size: {} },
    })
    expect(outcome).not.toHaveProperty('image')
    expect(summary).toContain('Docker does not respond.')
  })

  test('has several reasons if several problems are found', async () => {
    const problems = [error('smoke/a', 'First.', ''), error('smoke/b', 'Second.', '')]
    fake.at('test armv7', () => throwing(new Failure('input', problems)))
    const { outcome } = await process()
    expect(outcome).toMatchObject({
      status: 'untested',
      reasons: [
        { gate: 'input', message: 'First.' },
        { gate: 'input', message: 'Second.' },
      ],
    })
  })
})

describe('a target of a cancelled run', () => {
  test.each<readonly [string, string]>([
    ['its base image is checked', 'base armv7'],
    ['it is built', 'build armv7'],
    ['the inspector opens', 'inspector'],
    ['the test network opens', 'network'],
    ['it is tested', 'test armv7'],
    ['it is measured', 'measure armv7'],
    ['it is attested', 'attest armv7'],
  ])('is cancelled if that happens while %s', async (_, step) => {
    fake.at(step, () => {
      fake.cancel()
      // As a program that is ended by the cancel.
      if (step === 'attest armv7' || step === 'base armv7') throw new Error('exit code: 130')
    })
    const { outcome, steps } = await process({ inputs: { provenance: 'true' } })
    expect(outcome).toMatchObject({ status: 'cancelled', reasons: [{ gate: 'cancelled' }] })
    expect(outcome).not.toHaveProperty('image')
    expect(steps.at(-1)).toBe(step === 'attest armv7' ? step : 'unload armv7')
  })

  test('is cancelled if the build says so', async () => {
    fake.builds.set('armv7', cancelledBuild)
    const { outcome, summary } = await process()
    expect(outcome).toMatchObject({ status: 'cancelled', report: { build: { status: 'cancelled' } } })
    expect(summary).toBe('armv7: cancelled')
  })

  test('keeps the failure of a stage that ended before', async () => {
    fake.unhealthy.add('armv7')
    fake.at('measure armv7', async () => {
      await setTimeout(10)
      fake.cancel()
    })
    const { outcome } = await process()
    expect(outcome).toMatchObject({ status: 'cancelled', reasons: [{ gate: 'smoke' }, { gate: 'cancelled' }] })
  })
})

const throwing = (thrown: unknown): never => {
  throw thrown
}
const breaks = () => throwing(brokenMachine())
const contextOf = async () => ({
  plan: await plan(),
  options: await optionsOf({ target: 'a' }),
  host: fake.host,
  logins: [],
})
const layoutOf = (outcome: TargetOutcome): string => (outcome.status === 'tested' ? (outcome.image?.layout ?? '') : '')
const tail = (expected: object): readonly object[] =>
  'reasons' in expected && Array.isArray(expected.reasons) ? expected.reasons.slice(1) : []
