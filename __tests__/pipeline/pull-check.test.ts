import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { runAction } from '../../src/pipeline/run-action.ts'
import { type FakeRun, fakeRun } from './fake-stages.ts'

let fake: FakeRun
beforeEach(() => {
  fake = fakeRun()
})
afterEach(() => fake.remove())

const inputs: Readonly<Record<string, string>> = {
  target: 'a',
  image: 'one.example/{arch}-probe\ntwo.example/{arch}-probe',
  push: 'true',
}

async function run(more: Readonly<Record<string, string>> = {}) {
  const all: Readonly<Record<string, string>> = { ...inputs, ...more }
  const { exitCode } = await runAction({ ...fake, text: (name) => all[name] ?? '' })
  const [report] = fake.reports
  if (!report) throw new Error('There is no report.')
  return { exitCode, ...report }
}

describe('a registry that refuses pulls without a login', () => {
  beforeEach(() => {
    fake.privateHosts.add('two.example')
  })
  const found = {
    gate: 'pull',
    addon: 'probe',
    message:
      'Devices cannot pull two.example/amd64-probe:1.0, two.example/aarch64-probe:1.0, two.example/armv7-probe:1.0 and two.example/probe:1.0 without a login: A login is needed.',
    remedy: expect.stringContaining('"pull-check: off"'),
  }

  test('is a warning by default', async () => {
    const { exitCode, verdict, publication } = await run()
    expect([exitCode, publication.status, verdict.reasons]).toEqual([0, 'published', []])
    expect(verdict.warnings).toEqual([found])
  })

  test('is a failure with "pull-check: fail", and everything stays published', async () => {
    const { exitCode, verdict, publication } = await run({ 'pull-check': 'fail' })
    expect([exitCode, publication.status, verdict.passed]).toEqual([1, 'published', false])
    expect(verdict.reasons).toEqual([found])
    expect(fake.tags()).toContain('two.example/probe:1.0')
  })

  test.each([
    ['"pull-check: off"', { 'pull-check': 'off' }],
    ['nothing published', { push: 'false' }],
  ])('is not asked with %s', async (_, more) => {
    expect((await run(more)).verdict.warnings).toEqual([])
    expect(fake.count('pulls')).toBe(0)
  })

  test('is not asked after a cancel', async () => {
    fake.at('publish', () => fake.cancel())
    await run()
    expect(fake.count('pulls')).toBe(0)
  })
})

test('a run whose images everybody can pull says nothing about it', async () => {
  const { exitCode, verdict } = await run()
  expect([exitCode, verdict.warnings, fake.count('pulls')]).toEqual([0, [], 1])
})
