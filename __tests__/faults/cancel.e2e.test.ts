import { afterAll, describe, expect, jest, test } from '@jest/globals'
import { apiOf, pullRequestEvent } from '../e2e/pull-request.ts'
import { readFacts } from '../environment/facts.ts'
import { startGitHub } from '../fakes/github/github.ts'
import { asked } from '../fakes/registry-proxy/faults.ts'
import { startRegistryProxy } from '../fakes/registry-proxy/registry-proxy.ts'
import type { Step, StepResult } from '../fakes/runner/runner.ts'
import { describeDrivers } from './drivers.ts'
import { anyRepository, type FaultOptions, finish, published, runFault, startFault } from './fault-job.ts'
import { gate } from './gate.ts'

// Builders are booted, perhaps on a busy machine.
jest.setTimeout(300_000)

const both = ['amd64-tiny:1.2.3', 'tiny:1.2.3']
const untested = { 'smoke-test': 'false', audit: 'off' }
// By itself; or by the runner, after ten seconds, on a machine that is too busy for more.
const ends = [130, 137]

// Each test holds and breaks things of its own, so that they run side by side.
const endings: (() => Promise<unknown>)[] = []
afterAll(() => Promise.all(endings.map((end) => end())))

/** Cancels when it has come to that, and looks at what every cancelled run owes. */
async function cancelled(
  options: FaultOptions,
  moment: (step: Step) => Promise<void>,
  onwards: () => Promise<void> = async () => {},
): Promise<StepResult> {
  const job = await startFault(options)
  const step = job.main()
  await moment(step)
  const ending = step.cancel()
  await onwards()
  return finish(job, await ending, options.driver?.dockerHost)
}

/** Held before a call of a program; it is let go once the signal is there. */
async function cancelledBefore(call: string, options: FaultOptions): Promise<StepResult> {
  const { open, arrived, environment, remove } = await gate(call)
  endings.push(remove)
  return cancelled({ ...options, environment }, () => arrived(), open)
}

/** Nothing was published, and the same add-on is when it is built again. */
async function expectNothingLost(result: StepResult, options: FaultOptions & { readonly repository: string }) {
  if (!ends.includes(result.exitCode)) throw new Error(`exit code ${result.exitCode}:\n${result.log}`)
  expect(await published(options.repository)).toEqual({})
  expect((await runFault(options)).exitCode).toBe(0)
  expect(Object.keys(await published(options.repository))).toEqual(both)
}

/** When, by which call that is known, and the driver that makes such a call; moments of "every driver" are tested with each. */
const moments: readonly (readonly [when: string, call: string, inputs: Record<string, string>, where: string])[] = [
  ['while it plans', 'git *', untested, 'docker, containerd store'],
  ['when the first build is about to begin', 'docker-buildx build *', untested, 'docker, classic store'],
  ['while a builder is made', 'docker-buildx create *', untested, 'docker-container'],
  ['while the built image is taken out of the engine', 'docker image save *', untested, 'docker, classic store'],
  ['when the smoke test is about to make its container', 'docker create *', {}, 'every driver'],
]

describeDrivers('a cancel', (driver) => {
  const here = moments.filter(([, , , where]) => where === 'every driver' || where === driver.name)

  test.concurrent.each(here.map(([when, call, inputs]) => ({ when, call, inputs })))(
    '$when: leaves nothing, and the next run completes it',
    async ({ call, inputs }) => {
      const options = { driver, repository: anyRepository(), inputs }
      await expectNothingLost(await cancelledBefore(call, options), { ...options, inputs: untested })
    },
  )

  test.concurrent('in the middle of a build: leaves nothing, and the next run completes it', async () => {
    const options = { driver, repository: anyRepository(), inputs: untested }
    const slow = { ...options, addon: { build: 'RUN echo begun && sleep 600' } }
    await expectNothingLost(await cancelled(slow, (step) => step.seen(/#\d+ begun/)), options)
  })
})

describe('a cancel on the way to and from a registry', () => {
  const setUp = async () => {
    const { faults, host, close } = await startRegistryProxy({ target: `http://${readFacts().registry}` })
    endings.push(close)
    const hit = Promise.withResolvers<void>()
    return {
      faults,
      hit,
      options: { registry: host, repository: anyRepository(), inputs: untested } as FaultOptions & {
        readonly repository: string
      },
    }
  }

  test.concurrent.each([
    ['while it measures, and waits for the image of before', asked.getManifest, 60_000],
    ['in the middle of an upload', asked.upload, 60_000],
  ])('%s: leaves nothing, and the next run completes it', async (_, on, delayMs) => {
    const { faults, hit, options } = await setUp()
    faults.add({ on, times: 1, delayMs, onHit: hit.resolve })
    const result = await cancelled(options, () => hit.promise)
    expect(result.exitCode).toBe(130)
    await expectNothingLost(result, options)
  })

  // The first tag is on its way when the signal comes; it arrives, and no second one follows.
  test.concurrent('between two tags: the tag that was moved goes back, and the next run completes it', async () => {
    const { faults, hit, options } = await setUp()
    expect((await runFault(options)).exitCode).toBe(0)
    const before = await published(options.repository)
    expect(Object.keys(before)).toEqual(both)
    const heal = faults.add({ on: asked.putTag, times: 1, delayMs: 1000, onHit: hit.resolve })
    const changed = { ...options, addon: { build: 'RUN echo two > /content' } }
    const result = await cancelled(changed, () => hit.promise)
    expect(result.exitCode).toBe(130)
    expect(await published(options.repository)).toEqual(before)
    heal()
    expect((await runFault(changed)).exitCode).toBe(0)
    const after = await published(options.repository)
    for (const name of both) expect(after[name]).not.toBe(before[name])
  })

  test.concurrent('while it comments: what is published stays, and the next run comments', async () => {
    const { options } = await setUp()
    const github = await startGitHub({ repository: 'octo/addons' })
    try {
      const pull = github.addPull({ repository: 'octo/addons' })
      const hit = Promise.withResolvers<void>()
      const heal = github.faults.add({ on: /^(GET|POST) .*\/comments/, delayMs: 60_000, onHit: hit.resolve })
      const job = {
        ...options,
        inputs: { ...untested, comment: 'always' },
        event: pullRequestEvent(pull),
        token: github.token,
        environment: apiOf(github),
      }
      const result = await cancelled(job, () => hit.promise)
      // All was done that could be lost.
      expect([0, 130, 137]).toContain(result.exitCode)
      expect(Object.keys(await published(options.repository))).toEqual(both)
      expect(github.comments).toEqual([])
      heal()
      expect((await runFault(job)).exitCode).toBe(0)
      expect(github.comments).toHaveLength(1)
    } finally {
      await github.close()
    }
  })
})
