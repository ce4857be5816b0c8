import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { type GitHubStandIn, startGitHub } from '../standins/github/github.ts'
import type { Pull } from '../standins/github/state.ts'
import { type JobOptions, type StepResult, startJob } from '../standins/runner/runner.ts'
import { readFacts } from '../testbed/facts.ts'
import { type AddonOptions, addonFiles } from './addon.ts'
import { apiOf, pullRequestEvent } from './pull-request.ts'
import { readRegistry } from './registry.ts'

// Images are built and started, emulated ones too, perhaps on a busy machine.
jest.setTimeout(240_000)

const { registry = '', bases } = readFacts()
const repository = readRegistry(registry)
const docker = (...args: string[]) => execFileSync('docker', args, { encoding: 'utf8' }).trim()

let github: GitHubStandIn
let pull: Pull

beforeAll(async () => {
  github = await startGitHub({ repository: 'octo/addons' })
  pull = github.addPull({ repository: 'octo/addons' })
})
afterAll(() => github.close())

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
    event: pullRequestEvent(pull),
    token: github.token,
    ...more,
    environment: { ...apiOf(github), ...more.environment },
  })
  return job
}

/** Runs main and post, and checks what must be true of every run. */
async function finish(job: Awaited<ReturnType<typeof startJob>>, exitCode = 0): Promise<StepResult> {
  const result = await job.main().done
  if (result.exitCode !== exitCode) throw new Error(`exit code ${result.exitCode}, not ${exitCode}:\n${result.log}`)
  const post = await job.post()
  expect(post.exitCode).toBe(0)
  expect(await job.leftovers()).toEqual(['aicleaner-build'])
  expect(await job.orphans()).toEqual([])
  expectNothingLeft(result)
  await job.end()
  return result
}

/** Looks for this run's own traces only: other tests use the same engine at the same time. */
function expectNothingLeft({ state: { runId = '' } }: StepResult) {
  expect(runId).toMatch(/^[0-9a-f]{12}$/)
  const label = `label=aicleaner-build.run=${runId}`
  expect(docker('ps', '-aq', '--filter', label)).toBe('')
  expect(docker('network', 'ls', '-q', '--filter', label)).toBe('')
  expect(docker('volume', 'ls', '-q', '--filter', label)).toBe('')
  expect(docker('image', 'ls', '-q', '--filter', `reference=aicleaner-build.invalid/*:*-${runId}`)).toBe('')
  expect(docker('buildx', 'ls', '--format', '{{.Name}}')).not.toContain(`aicleaner-build-${runId}`)
}

const commentsOfPull = () => github.comments.filter(({ issue }) => issue === pull.number)

describe('the main job', () => {
  test('builds, tests, measures and publishes three architectures, and a second run updates the same comment', async () => {
    const { image, list, of } = names()
    // As a checkout has it from its commit: the same commit is the same image.
    const environment = { SOURCE_DATE_EPOCH: '1700000000' }
    const result = await finish(await runJob({}, image, {}, { environment }))
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
    const [comment] = commentsOfPull()
    expect(comment?.author).toBe('github-actions[bot]')
    expect(comment?.body).toContain('`armv7`')
    expect(result.outputs['comment-url']).toContain(String(comment?.id))

    const again = await finish(
      await runJob({}, image, {}, { environment, event: pullRequestEvent(pull, { runId: '1001' }) }),
    )
    expect(again.exitCode).toBe(0)
    expect(commentsOfPull()).toHaveLength(1)
    expect(commentsOfPull()[0]?.body).toMatch(/identical/i)
    expect((await repository.manifest(`${list}:1.2.3`)).digest).toBe(index.digest)
    expect(github.violations).toEqual([])
  })

  test.each([
    ['one architecture fails to build', { build: 'RUN test "$BUILD_ARCH" != armv7' }, {}, /armv7.*(build|exit code)/is],
    [
      'one image is not healthy',
      { healthcheck: 'HEALTHCHECK CMD grep -qv armv7 /built', command: 'sleep 100' },
      { 'smoke-timeout': '8s', 'smoke-emulation-factor': '1' },
      /armv7.*health/is,
    ],
    ['one is over its budget', {}, { 'max-size': 'armv7=100kB' }, /armv7.*(budget|over|100)/is],
  ])('moves no tag when %s, and the comment says what happened', async (_, addon, inputs, said) => {
    const { image, list, of } = names()
    const result = await finish(await runJob(addon, image, inputs), 1)
    expect(result.exitCode).toBe(1)
    for (const name of [list, of('amd64'), of('aarch64'), of('armv7')]) expect(await repository.tags(name)).toEqual([])
    expect(commentsOfPull()[0]?.body).toMatch(said)
    expect(result.summary).toMatch(said)
    expect(result.commands.filter(({ name }) => name === 'error')).not.toHaveLength(0)
  })

  test('a pull request from a fork is built and tested, and a notice says why there is no comment', async () => {
    const fork = github.addPull({
      repository: 'octo/addons',
      head: { repository: 'stranger/addons', ref: 'patch', sha: 'd'.repeat(40) },
    })
    github.setReadOnly(true)
    const before = github.requests.length
    try {
      const { image } = names()
      const job = await runJob(
        { architectures: ['amd64'] },
        image,
        { push: 'false' },
        { event: pullRequestEvent(fork) },
      )
      const result = await finish(job)
      expect(result.exitCode).toBe(0)
      expect(result.summary).toContain('`amd64`')
      expect(
        result.commands
          .filter(({ name }) => name === 'notice')
          .map(({ message }) => message)
          .join(),
      ).toMatch(/fork/)
      expect(github.requests.slice(before).filter(({ method }) => method !== 'GET')).toEqual([])
    } finally {
      github.setReadOnly(false)
    }
  })
})

describe('a cancel', () => {
  test('in the middle of a build ends it, publishes nothing and leaves nothing', async () => {
    const { image, of } = names()
    const job = await runJob({ build: 'RUN echo building && sleep 120' }, image)
    const step = job.main()
    await step.seen(/#\d+ building/)
    step.cancel()
    const result = await step.done
    expect(result.exitCode).not.toBe(0)
    expect(result.durationMs).toBeLessThan(60_000)
    expect((await job.post()).exitCode).toBe(0)
    expectNothingLeft(result)
    expect(await repository.tags(of('amd64'))).toEqual([])
    await job.end()
  })

  test('in the middle of a smoke test removes the container', async () => {
    const { image, of } = names()
    const { job, isTested } = await neverHealthy(image)
    const step = job.main()
    await waitFor(isTested)
    step.cancel()
    const result = await step.done
    expect(result.exitCode).not.toBe(0)
    expect((await job.post()).exitCode).toBe(0)
    expectNothingLeft(result)
    expect(await repository.tags(of('amd64'))).toEqual([])
    await job.end()
  })

  test('so hard that the step dies leaves its work to the post step', async () => {
    const { image } = names()
    const { job, isTested } = await neverHealthy(image)
    const step = job.main()
    await waitFor(isTested)
    step.kill()
    const result = await step.done
    expect(docker('ps', '-q', '--filter', `label=aicleaner-build.run=${result.state.runId}`)).not.toBe('')
    expect((await job.post()).exitCode).toBe(0)
    expectNothingLeft(result)
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
  return { job, isTested: () => docker('ps', '--format', '{{.Names}}').includes(`-smoke-${slug}-`) }
}

async function waitFor(condition: () => boolean, deadlineMs = 60_000): Promise<void> {
  for (const end = Date.now() + deadlineMs; !condition(); ) {
    if (Date.now() > end) throw new Error('it did not come to that')
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}
