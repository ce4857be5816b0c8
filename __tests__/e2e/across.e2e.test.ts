import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterAll, describe, expect, jest, test } from '@jest/globals'
import { readFacts } from '../environment/facts.ts'
import { type FakeGitHub, startGitHub } from '../fakes/github/github.ts'
import { type StepResult, startJob } from '../fakes/runner/runner.ts'
import { runWorkflow, type WorkflowOptions, type WorkflowResult } from '../fakes/runner/workflow.ts'
import { errorsOf, published, runFault } from '../faults/fault-job.ts'
import { type AddonOptions, addonFiles } from './addon.ts'
import { apiOf, pullRequestEvent } from './pull-request.ts'

// Seven jobs for one answer, emulated ones among them, perhaps on a busy machine.
jest.setTimeout(600_000)

const file = resolve(import.meta.dirname, '../../.github/workflows/build-addon.yml')
const { registry = '', bases } = readFacts()
const three = ['amd64', 'aarch64', 'armv7']

/** One side of a comparison: a repository on GitHub with one pull request, and a corner of the registry. */
interface Side {
  readonly github: FakeGitHub
  readonly repository: string
  readonly image: string
  readonly event: ReturnType<typeof pullRequestEvent>
}

async function openSide(change: { readonly fork?: boolean } = {}): Promise<Side> {
  const github = await startGitHub({ repository: 'octo/addons' })
  standIns.push(github)
  const head = { repository: 'stranger/addons', ref: 'patch', sha: 'd'.repeat(40) }
  const pull = github.addPull({ repository: 'octo/addons', ...(change.fork && { head }) })
  github.setReadOnly(change.fork ?? false)
  const repository = `across-${randomBytes(4).toString('hex')}`
  return { github, repository, image: `${registry}/${repository}/{arch}-tiny`, event: pullRequestEvent(pull) }
}

const standIns: FakeGitHub[] = []
const folders: string[] = []
afterAll(async () => {
  for (const github of standIns) await github.close()
  for (const folder of folders) await rm(folder, { recursive: true, force: true })
})

/** A checkout with its commit, so that both sides build the same state of one repository. */
async function checkout(addons: readonly Partial<AddonOptions>[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'aicleaner-checkout-'))
  folders.push(folder)
  for (const addon of addons) {
    for (const [path, text] of Object.entries(addonFiles({ base: bases?.tiny ?? '', ...addon }))) {
      await mkdir(dirname(join(folder, path)), { recursive: true })
      await writeFile(join(folder, path), text)
    }
  }
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', folder, '-c', 'user.name=Octo', '-c', 'user.email=octo@example.org', ...args], {
      env: { ...process.env, GIT_COMMITTER_DATE: '2026-01-02T03:04:05Z', HOME: folder },
    })
  git('init', '--quiet')
  git('add', '.')
  git('commit', '--quiet', '--message', 'Add-on')
  return folder
}

const common = (side: Side) => ({
  event: side.event,
  token: side.github.token,
  environment: apiOf(side.github),
})

async function asRun(side: Side, copy: string, inputs: Readonly<Record<string, string>>): Promise<StepResult> {
  const job = await startJob({ ...common(side), copy, inputs: { target: 'tiny', image: side.image, ...inputs } })
  const result = await job.main().done
  expect((await job.post()).exitCode).toBe(0)
  await job.end()
  return result
}

async function asWorkflow(
  side: Side,
  copy: string,
  inputs: NonNullable<WorkflowOptions['inputs']>,
  more: Partial<WorkflowOptions> = {},
): Promise<WorkflowResult> {
  const environment = (job: string) => ({
    ...apiOf(side.github),
    ...(typeof more.environment === 'function' ? more.environment(job) : more.environment),
  })
  const result = await runWorkflow({
    ...common(side),
    file,
    copy,
    ...more,
    environment,
    inputs: { target: 'tiny', image: side.image, ...inputs },
  })
  expect(result.problems).toEqual([])
  return result
}

const resultsOf = ({ jobs }: WorkflowResult) => Object.fromEntries(jobs.map(({ name, result }) => [name, result]))
const stepOf = ({ jobs }: WorkflowResult, wanted: string): StepResult => {
  const step = jobs.find(({ name }) => name === wanted)?.step
  if (!step) throw new Error(`${wanted} did not come to its step: ${JSON.stringify(jobs.map(({ name }) => name))}`)
  return step
}

/**
 * What may differ: how long something took; here, where two repositories stand in one registry, its corner; and the number of steps, all of them cached:
 * BuildKit shows a step once more for each name under which another build has the same base.
 */
const alike = (text: string | undefined, { repository }: Side): string =>
  (text ?? '')
    .replaceAll(repository, 'CORNER')
    .replace(/\b\d+(\.\d+)? (ms|s|min)( \d+ s)?\b/g, 'TIME')
    .replace(/\b(\d+) of \1\b/g, 'ALL')

const commentOf = ({ github }: Side): string | undefined => github.comments.at(-1)?.body

describe('plan, build for each architecture and publish', () => {
  test.concurrent('result in the same tags, digests, outputs and comment as mode: run', async () => {
    const [run, across] = [await openSide(), await openSide()]
    const old = await checkout([{ version: '1.2.2', build: 'RUN echo one > /content' }])
    const state = await checkout([{ build: 'RUN head -c 300000 /dev/urandom > /content' }])
    const quick = { push: 'true', 'smoke-test': 'false', audit: 'off', comment: 'never' }
    // What both compare with; and, so that both find every step built, a build of the state itself.
    for (const side of [run, across]) expect((await asRun(side, old, quick)).exitCode).toBe(0)
    expect((await asRun(run, state, { ...quick, push: 'false' })).exitCode).toBe(0)
    const inputs = { baseline: `registry:${registry}/REPOSITORY/{arch}-tiny:1.2.2`, 'max-increase': '50MB' }
    const inputsOf = (side: Side) => ({ ...inputs, baseline: inputs.baseline.replace('REPOSITORY', side.repository) })

    const single = await asRun(run, state, { push: 'true', ...inputsOf(run) })
    expect([single.exitCode, single.problems]).toEqual([0, []])
    const joined = await asWorkflow(across, state, { push: true, ...inputsOf(across) })
    expect(resultsOf(joined)).toEqual({
      plan: 'success',
      ...Object.fromEntries(three.map((architecture) => [`build tiny-${architecture}`, 'success'])),
      publish: 'success',
    })

    const tags = await published(run.repository, three)
    expect(Object.keys(tags).sort()).toEqual(
      [...three.map((architecture) => `${architecture}-tiny`), 'tiny']
        .flatMap((name) => [`${name}:1.2.2`, `${name}:1.2.3`])
        .sort(),
    )
    expect(await published(across.repository, three)).toEqual(tags)

    const names = ['version', 'images', 'digests', 'manifest-digest', 'size-table', 'size-regression', 'smoke']
    for (const name of names) {
      expect([name, single.outputs[name] ?? '']).not.toEqual([name, ''])
      expect([name, alike(joined.outputs[name], across)]).toEqual([name, alike(single.outputs[name], run)])
    }
    expect(JSON.parse(joined.outputs.digests ?? '').armv7).toBe(tags['armv7-tiny:1.2.3'])

    expect(alike(commentOf(across), across)).toBe(alike(commentOf(run), run))
    expect(commentOf(run)).toMatch(/^### \S+ Tiny 1\.2\.3: 3 architectures passed.* larger.*\n/)
    expect(commentOf(run)).toMatch(/`armv7`.*Published/s)
    expect([run, across].map(({ github }) => [github.comments.length, github.violations])).toEqual([
      [1, []],
      [1, []],
    ])
    // The summary of the joining job has all that the one job's has.
    expect(alike(stepOf(joined, 'publish').summary, across)).toBe(alike(single.summary, run))
    expect(joined.outputs['comment-url']).toContain(String(across.github.comments[0]?.id))
  })

  test.concurrent('report an image over its budget like mode: run, and publish nothing', async () => {
    const [run, across] = [await openSide(), await openSide()]
    const state = await checkout([
      { version: '1.2.4', architectures: ['amd64', 'armv7'], build: 'RUN echo four > /content' },
    ])
    const inputs = { 'max-size': 'armv7=100kB', 'smoke-test': 'false', baseline: 'none', version: '2.0.0' }
    const single = await asRun(run, state, { push: 'true', ...inputs })
    const joined = await asWorkflow(across, state, { push: true, ...inputs, 'smoke-test': false })
    expect(single.exitCode).toBe(1)
    expect(resultsOf(joined)).toEqual({
      plan: 'success',
      'build tiny-amd64': 'success',
      'build tiny-armv7': 'failure',
      publish: 'failure',
    })
    expect(stepOf(joined, 'publish').exitCode).toBe(1)
    expect(alike(commentOf(across), across)).toBe(alike(commentOf(run), run))
    expect(commentOf(across)).toMatch(/^### ❌ Tiny 2\.0\.0: over the size budget: armv7\n/)
    for (const { repository } of [run, across]) expect(await published(repository, three)).toEqual({})
    const kinds = ({ commands }: StepResult) =>
      commands.filter(({ name }) => name === 'error').map(({ message }) => alike(message, across))
    expect(kinds(single)).toEqual([expect.stringMatching(/armv7.* over max-size/)])
    expect(kinds(stepOf(joined, 'publish'))).toEqual(kinds(single))
  })

  test.concurrent('a cell whose machine failed leaves its result, nothing is published, and running it again completes it', async () => {
    const side = await openSide()
    const state = await checkout([{ architectures: ['amd64', 'armv7'] }])
    const inputs = { push: true, 'smoke-test': false, audit: 'off', baseline: 'none' }
    const first = await asWorkflow(side, state, inputs, {
      environment: (job) => (job === 'build tiny-armv7' ? { DOCKER_HOST: 'unix:///nowhere/docker.sock' } : {}),
    })
    expect(resultsOf(first)).toMatchObject({
      'build tiny-amd64': 'success',
      'build tiny-armv7': 'failure',
      publish: 'failure',
    })
    expect([...first.artifacts.keys()]).toContain('aicleaner-build-result-tiny-armv7')
    expect(commentOf(side)).toMatch(/build failed for armv7.*daemon does not answer/s)
    expect(await published(side.repository, three)).toEqual({})

    const again = await asWorkflow(side, state, inputs, { again: first })
    expect(resultsOf(again)).toEqual({
      plan: 'success',
      'build tiny-amd64': 'success',
      'build tiny-armv7': 'success',
      publish: 'success',
    })
    expect(Object.keys(await published(side.repository, three)).sort()).toEqual([
      'amd64-tiny:1.2.3',
      'armv7-tiny:1.2.3',
      'tiny:1.2.3',
    ])
    expect(side.github.comments).toHaveLength(1)
    expect(commentOf(side)).toMatch(/2 architectures passed/)

    // What came through the artifacts is not believed: nobody built an image of this config.
    const results = [...again.artifacts]
      .filter(([name]) => name.includes('-result-'))
      .flatMap(([, files]) => [...files])
      .map(([path, contents]) => [`results/${path}`, contents.toString()] as const)
    const other = `sha256:${'1'.repeat(64)}`
    const publishing = {
      repository: `${side.repository}`,
      addon: { architectures: ['amd64', 'armv7'] },
      event: side.event,
      inputs: { mode: 'publish', results: 'results', version: '9.9.9', 'smoke-test': 'false' },
    } as const
    const tampered = await runFault({
      ...publishing,
      more: Object.fromEntries(results.map(([path, text]) => [path, replaced(text, 'configDigest', other)])),
    })
    expect(tampered.exitCode).toBe(3)
    expect(errorsOf(tampered)).toMatch(/not the one that was tested/)
    const lost = await runFault({ ...publishing, more: Object.fromEntries(results.slice(1)) })
    expect(lost.exitCode).toBe(2)
    expect(errorsOf(lost)).toMatch(/no result file for tiny\/(amd64|armv7)/)
    expect(lost.summary).toMatch(/an artifact is missing or cannot be used/)
    // What there is, is told.
    expect(lost.summary).toMatch(/`(amd64|armv7)`/)
    expect(Object.keys(await published(side.repository, three)).filter((name) => name.endsWith('9.9.9'))).toEqual([])
  })

  test.concurrent("a fork's pull request of two add-ons is built and reported, and nothing is pushed", async () => {
    const side = await openSide({ fork: true })
    const state = await checkout([
      { architectures: ['amd64'], image: `${registry}/${side.repository}/{arch}-tiny` },
      { architectures: ['amd64'], slug: 'other', image: `${registry}/${side.repository}/{arch}-other` },
    ])
    const before = side.github.requests.length
    const result = await asWorkflow(side, state, {
      target: 'tiny\nother',
      image: '',
      'smoke-test': false,
      audit: 'off',
    })
    expect(resultsOf(result)).toEqual({
      plan: 'success',
      'build tiny-amd64': 'success',
      'build other-amd64': 'success',
      publish: 'success',
    })
    const { summary, commands } = stepOf(result, 'publish')
    expect(summary).toMatch(/2 add-ons: 2 images passed/)
    for (const slug of ['other', 'tiny'])
      expect(summary).toMatch(new RegExp(`amd64-${slug}:latest is not published$`, 'm'))
    expect(summary).toMatch(/not published: the input "push" is false/)
    expect(
      commands
        .filter(({ name }) => name === 'notice')
        .map(({ message }) => message)
        .join(),
    ).toMatch(/fork/)
    expect(side.github.requests.slice(before).filter(({ method }) => method !== 'GET')).toEqual([])
    expect(await published(side.repository)).toEqual({})
    // The report is there for the workflow that may comment.
    expect([...(result.artifacts.get('aicleaner-build-report')?.keys() ?? [])]).toContain('report.json')
  })

  test.concurrent('without anything to build start no cell and pass; a bad input is reported by the job that may comment', async () => {
    const side = await openSide()
    const state = await checkout([{ architectures: ['amd64'] }])
    const nothing = await asWorkflow(side, state, { 'changed-only': true })
    expect(resultsOf(nothing)).toEqual({ plan: 'success', build: 'skipped', publish: 'success' })
    expect(stepOf(nothing, 'publish').summary).toMatch(/nothing to build/)
    expect(commentOf(side)).toBeUndefined()
    const wrong = await asWorkflow(side, state, { 'max-size': 'a lot' })
    expect(resultsOf(wrong)).toEqual({ plan: 'failure', build: 'skipped', publish: 'failure' })
    expect(commentOf(side)).toMatch(/max-size/)
  })
})

/** A result file in which somebody has put another digest, everywhere. */
function replaced(text: string, name: string, value: string): string {
  const file = JSON.parse(text, (key, old) => (key === name && typeof old === 'string' ? value : old))
  return JSON.stringify(file)
}
