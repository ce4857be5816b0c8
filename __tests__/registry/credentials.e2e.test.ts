import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { type BuilderJobOptions, startWith } from '../build/builders/job.ts'
import { apiOf, pullRequestEvent } from '../e2e/pull-request.ts'
import { describeWith } from '../environment/describe-with.ts'
import { readFacts } from '../environment/facts.ts'
import { type FakeGitHub, startGitHub } from '../fakes/github/github.ts'
import { type RegistryProxy, startRegistryProxy } from '../fakes/registry-proxy/registry-proxy.ts'
import type { StepResult } from '../fakes/runner/runner.ts'
import { anyRepository, finish } from '../faults/fault-job.ts'

jest.setTimeout(240_000)

const facts = readFacts()
const password = 'not-for-everybody'
const basic = Buffer.from(`publisher:${password}`).toString('base64')

describeWith(['engine', 'registry', 'bases'], 'a password', () => {
  let evil: RegistryProxy
  let github: FakeGitHub
  beforeAll(async () => {
    evil = await startRegistryProxy({
      target: `http://${facts.registry}`,
      access: { scheme: 'basic', accounts: [{ username: 'publisher', password }] },
    })
    github = await startGitHub({ repository: 'octo/addons' })
  })
  afterAll(() => Promise.all([evil?.close(), github?.close()]))

  /** Builds an add-on whose config.yaml names the proxy as its registry, and gives every Authorization header that the proxy got. */
  async function run(
    inputs: Readonly<Record<string, string>>,
    options: BuilderJobOptions = {},
  ): Promise<{ readonly result: StepResult; readonly seen: readonly string[] }> {
    evil.requests.length = 0
    const image = `${evil.host}/${anyRepository()}/{arch}-tiny`
    const job = await startWith(
      { 'smoke-test': 'false', audit: 'off', username: 'publisher', password, ...inputs },
      {
        addons: [{ image }],
        token: github.token,
        ...options,
        environment: { ...apiOf(github), ...options.environment },
      },
    )
    const result = await job.main().done
    const { temporary = '' } = result.state
    expect(temporary).toMatch(/^\//)
    expect(existsSync(join(temporary, 'docker-config'))).toBe(false)
    expect([...result.leaksOf(password), ...result.leaksOf(basic)]).toEqual([])
    await finish(job, result)
    return { result, seen: [...new Set(evil.requests.flatMap(({ authorization }) => authorization ?? []))] }
  }

  const pull = (fork: boolean) =>
    github.addPull({
      repository: 'octo/addons',
      ...(fork && { head: { repository: 'stranger/addons', ref: 'patch', sha: 'd'.repeat(40) } }),
    })

  describe.each([
    ['pull_request', 'own', false],
    ['pull_request', 'fork', true],
    ['pull_request_target', 'own', false],
    ['pull_request_target', 'fork', true],
  ])('on %s (%s)', (name, _, fork) => {
    test.each(['false', 'true'])(
      'does not reach a registry that only the pull request names (push: %s)',
      async (push) => {
        const { result, seen } = await run({ push }, { event: pullRequestEvent(pull(fork), { name }) })
        expect(seen).toEqual([])
        // It was asked, and asked for a login.
        expect(evil.requests.filter(({ status }) => status === 401)).not.toEqual([])
        expect(result.exitCode).toBe(push === 'true' ? 3 : 0)
        const said = result.commands.filter(({ message }) => message.includes('"password" is not sent to'))
        expect(said).toEqual([
          expect.objectContaining({
            name: push === 'true' ? 'warning' : 'notice',
            properties: expect.objectContaining({ file: 'tiny/config.yaml', line: expect.stringMatching(/^\d+$/) }),
            message: expect.stringContaining(`registry: ${evil.host}`),
          }),
        ])
      },
    )
  })

  test('reaches it where `registry` names it', async () => {
    const { result, seen } = await run(
      { push: 'true', registry: evil.host },
      { event: pullRequestEvent(pull(true), { name: 'pull_request_target' }) },
    )
    expect([result.exitCode, seen]).toEqual([0, [`Basic ${basic}`]])
  })

  test('reaches it on a push, whose files are the owner’s', async () => {
    const { result, seen } = await run({ push: 'true' })
    expect([result.exitCode, seen]).toEqual([0, [`Basic ${basic}`]])
  })

  test('reaches it from an own pull request where the base branch names it as well, and not from a fork', async () => {
    const own = pull(false)
    github.files.push({
      repository: 'octo/addons',
      sha: own.base.sha,
      path: 'tiny/config.yaml',
      content: `name: Tiny\nimage: ${evil.host}/anything/{arch}-tiny\n`,
    })
    const { result, seen } = await run({ push: 'true' }, { event: pullRequestEvent(own) })
    expect([result.exitCode, seen]).toEqual([0, [`Basic ${basic}`]])
    const fork = await run({ push: 'true' }, { event: pullRequestEvent(pull(true), { name: 'pull_request_target' }) })
    expect([fork.result.exitCode, fork.seen]).toEqual([3, []])
    expect(github.violations).toEqual([])
  })

  test('is used without push only where something is pulled from that registry', async () => {
    const { result, seen } = await run({ push: 'false', registry: evil.host, baseline: 'none' })
    expect([result.exitCode, seen]).toEqual([0, []])
    const baseline = await run({ push: 'false', registry: evil.host, baseline: 'registry' })
    expect([baseline.result.exitCode, baseline.seen]).toEqual([0, [`Basic ${basic}`]])
  })
})
