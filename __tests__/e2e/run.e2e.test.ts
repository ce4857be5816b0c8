import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { instances } from '../build/builders/job.ts'
import { readFacts } from '../environment/facts.ts'
import { type FakeGitHub, startGitHub } from '../fakes/github/github.ts'
import type { Pull } from '../fakes/github/state.ts'
import { type Job, type JobOptions, type StepResult, startJob } from '../fakes/runner/runner.ts'
import { isRunning, leftInDocker, until, usualStart } from '../faults/fault-job.ts'
import { type AddonOptions, addonFiles } from './addon.ts'
import { apiOf, pullRequestEvent } from './pull-request.ts'
import { readRegistry } from './registry.ts'

// Images are built and started, emulated ones too, perhaps on a busy machine.
jest.setTimeout(240_000)

const { registry = '', bases } = readFacts()
const repository = readRegistry(registry)

let github: FakeGitHub
beforeAll(async () => {
  github = await startGitHub({ repository: 'octo/addons' })
})
afterAll(() => github.close())
const addPull = (): Pull => github.addPull({ repository: 'octo/addons' })

/** A name of its own for each test, so that they can run side by side on one registry. */
function names() {
  const prefix = `${registry}/e2e-${randomBytes(4).toString('hex')}`
  return {
    image: `${prefix}/{arch}-tiny`,
    list: `${prefix}/tiny`,
    of: (architecture: string) => `${prefix}/${architecture}-tiny`,
  }
}

async function runJob(
  addon: Partial<AddonOptions>,
  image: string,
  inputs: Record<string, string> = {},
  more: Partial<JobOptions> = {},
) {
  const job = await startJob({
    files: addonFiles({ base: bases?.tiny ?? '', image, ...addon }),
    inputs: { target: 'tiny', push: 'true', ...inputs },
    event: pullRequestEvent(addPull()),
    token: github.token,
    ...more,
    environment: { ...apiOf(github), ...more.environment },
  })
  return job
}

/** Runs main and post, and checks what must be true of every run. */
async function finish(job: Job, exitCode = 0): Promise<StepResult> {
  const result = await job.main().done
  if (result.exitCode !== exitCode) throw new Error(`exit code ${result.exitCode}, not ${exitCode}:\n${result.log}`)
  const post = await job.post()
  expect(post.exitCode).toBe(0)
  expect(await job.leftovers()).toEqual(['aicleaner-build'])
  expect(await job.orphans()).toEqual([])
  expect(await leftOf(job, result)).toEqual([])
  await job.end()
  return result
}

/** What is there of this run: in the engine, and builders that the job's own buildx knows. */
const leftOf = async (job: Job, result: StepResult): Promise<readonly string[]> => [
  ...(await leftInDocker(result)),
  ...(await instances(join(job.workspace, '../../../home/.docker/buildx'))),
]

const commentsOf = ({ number }: Pull) => github.comments.filter(({ issue }) => issue === number)

describe('the main job', () => {
  test.concurrent('builds, tests, measures and publishes three architectures, and a second run updates the same comment', async () => {
    const { image, list, of } = names()
    const pull = addPull()
    // As a checkout has it from its commit: the same commit is the same image.
    const environment = { SOURCE_DATE_EPOCH: '1700000000' }
    const result = await finish(await runJob({}, image, {}, { environment, event: pullRequestEvent(pull) }))
    expect(result.exitCode).toBe(0)
    expect(result.problems).toEqual([])

    const index = await repository.manifest(`${list}:1.2.3`)
    expect(index.json.manifests.map(({ platform }: { platform: object }) => platform)).toEqual([
      { architecture: 'amd64', os: 'linux' },
      { architecture: 'arm64', os: 'linux' },
      { architecture: 'arm', variant: 'v7', os: 'linux' },
    ])
    expect(result.outputs['manifest-digest']).toBe(index.digest)
    const images = JSON.parse(result.outputs.images ?? '')
    for (const [position, architecture] of ['amd64', 'aarch64', 'armv7'].entries()) {
      const single = await repository.manifest(`${of(architecture)}:1.2.3`)
      expect(single.digest).toBe(index.json.manifests[position].digest)
      // What was started under this digest is what the registry has.
      expect(single.json.config.digest).toBe(images[position].configDigest)
      const config = await repository.json(of(architecture), single.json.config.digest)
      expect(config.config.Labels).toMatchObject({
        'io.hass.arch': architecture,
        'io.hass.version': '1.2.3',
        'io.hass.type': 'app',
      })
    }
    expect(result.outputs).toMatchObject({ version: '1.2.3', smoke: 'passed', 'size-regression': 'false' })
    expect(result.summary).toMatch(/amd64.*aarch64.*armv7/s)
    const [comment] = commentsOf(pull)
    expect(comment?.author).toBe('github-actions[bot]')
    expect(comment?.body).toContain('`armv7`')
    expect(result.outputs['comment-url']).toContain(String(comment?.id))

    const event = pullRequestEvent(pull, { runId: '1001' })
    const again = await finish(await runJob({}, image, { 'smoke-test': 'false' }, { environment, event }))
    expect(again.exitCode).toBe(0)
    expect(commentsOf(pull)).toHaveLength(1)
    expect(commentsOf(pull)[0]?.body).toMatch(/^### \S+ Tiny 1\.2\.3: 3 architectures passed.*, identical images\n/)
    expect((await repository.manifest(`${list}:1.2.3`)).digest).toBe(index.digest)
    expect(github.violations).toEqual([])
  })

  test.concurrent.each([
    [
      'one architecture fails to build',
      { build: 'RUN test "$BUILD_ARCH" != armv7' },
      { 'smoke-test': 'false' },
      'build failed for armv7',
      /`armv7` build: .*exit code: 1/,
    ],
    [
      'one image is not healthy',
      { healthcheck: 'HEALTHCHECK CMD grep -qv armv7 /built', command: 'sleep 100' },
      { 'smoke-timeout': '20s', 'smoke-emulation-factor': '1', ...usualStart },
      'smoke test failed for armv7',
      /`armv7` smoke test: not ready within 20 s.*HEALTHCHECK/,
    ],
    [
      'one is over its budget',
      {},
      { 'max-size': 'armv7=100kB', 'smoke-test': 'false' },
      'over the size budget: armv7',
      /`armv7` size: .* over max-size.* 100\.0 kB allowed/,
    ],
  ])('moves no tag if %s, and the comment explains why', async (_, addon, inputs, headline, reason) => {
    const { image, list, of } = names()
    const pull = addPull()
    const result = await finish(await runJob(addon, image, inputs, { event: pullRequestEvent(pull) }), 1)
    for (const name of [list, of('amd64'), of('aarch64'), of('armv7')]) expect(await repository.tags(name)).toEqual([])
    expect(commentsOf(pull)).toHaveLength(1)
    for (const text of [commentsOf(pull)[0]?.body, result.summary]) {
      // The headline names one gate and one architecture: the others passed.
      expect(text?.split('\n')[0]).toBe(`### ❌ Tiny 1.2.3: ${headline}`)
      expect(text).toMatch(reason)
    }
    expect(result.commands.filter(({ name }) => name === 'error')).toEqual([
      expect.objectContaining({ message: expect.stringContaining('armv7') }),
    ])
  })

  test.concurrent('a pull request from a fork is built and tested, and a notice says why there is no comment', async () => {
    const github = await startGitHub({ repository: 'octo/addons' })
    const fork = github.addPull({
      repository: 'octo/addons',
      head: { repository: 'stranger/addons', ref: 'patch', sha: 'd'.repeat(40) },
    })
    github.setReadOnly(true)
    try {
      const { image } = names()
      const { token } = github
      const more = { event: pullRequestEvent(fork), token, environment: apiOf(github) }
      const result = await finish(
        await runJob({ architectures: ['amd64'] }, image, { push: 'false', ...usualStart }, more),
      )
      expect(result.summary).toContain('`amd64`')
      const notices = result.commands.filter(({ name }) => name === 'notice').map(({ message }) => message)
      expect(notices.filter((message) => message.includes('fork'))).toHaveLength(1)
      expect(github.requests.filter(({ method }) => method !== 'GET')).toEqual([])
    } finally {
      await github.close()
    }
  })
})

// By itself; or by the runner, after ten seconds, on a machine that is too busy for more.
const ends = [130, 137]

describe('a cancel', () => {
  test.concurrent('during a build stops it, publishes nothing and leaves nothing behind', async () => {
    const { image, of } = names()
    const job = await runJob({ build: 'RUN echo building && sleep 600 && echo built' }, image)
    const step = job.main()
    await step.seen(/#\d+ building$/)
    void step.cancel()
    const result = await step.done
    expect(ends).toContain(result.exitCode)
    expect(result.log).not.toMatch(/#\d+ built$/m)
    expect((await job.post()).exitCode).toBe(0)
    expect(await leftOf(job, result)).toEqual([])
    expect(await repository.tags(of('amd64'))).toEqual([])
    await job.end()
  })

  test.concurrent('during a smoke test removes the container', async () => {
    const { image, of } = names()
    const { job, isTested } = await neverHealthy(image)
    const step = job.main()
    await until(isTested)
    void step.cancel()
    const result = await step.done
    expect(ends).toContain(result.exitCode)
    expect((await job.post()).exitCode).toBe(0)
    expect(await leftOf(job, result)).toEqual([])
    expect(await repository.tags(of('amd64'))).toEqual([])
    await job.end()
  })

  test.concurrent('that kills the step leaves the clean-up to the post step', async () => {
    const { image } = names()
    const { job, isTested } = await neverHealthy(image)
    const step = job.main()
    await until(isTested)
    void step.kill()
    const result = await step.done
    // All of these are what the other tests look for after their runs.
    const kinds = (await leftOf(job, result)).map((what) => what.split(' ')[0])
    expect(kinds).toEqual(['container', 'network', 'volume', 'image'])
    expect((await job.post()).exitCode).toBe(0)
    expect(await leftOf(job, result)).toEqual([])
    expect((await job.post()).exitCode).toBe(0)
    await job.end()
  })
})

/** An add-on whose test lasts until it is ended. Other tests start containers of their own at the same time. */
async function neverHealthy(image: string) {
  const slug = `held-${randomBytes(4).toString('hex')}`
  const job = await runJob(
    {
      slug,
      folder: 'tiny',
      architectures: ['amd64'],
      healthcheck: 'HEALTHCHECK CMD false',
      command: 'sleep 300',
    },
    image,
  )
  return { job, isTested: () => isRunning(`-smoke-${slug}-`) }
}
