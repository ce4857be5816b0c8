import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import { readFacts } from '../environment/facts.ts'
import { type FakeGitHub, startGitHub } from '../fakes/github/github.ts'
import { refused } from '../fakes/registry-proxy/faults.ts'
import { type RegistryProxy, startRegistryProxy } from '../fakes/registry-proxy/registry-proxy.ts'
import type { StepResult } from '../fakes/runner/runner.ts'
import { anyRepository, errorsOf, runFault } from '../faults/fault-job.ts'
import { apiOf, pullRequestEvent } from './pull-request.ts'

// Each builds in several steps, perhaps on a busy machine.
jest.setTimeout(240_000)

const { registry = '' } = readFacts()
const repository = anyRepository()
const lists = /^GET \/v2\/.+\/tags\/list/
const untested = { 'smoke-test': 'false', audit: 'off', baseline: 'none' }

let github: FakeGitHub
let proxy: RegistryProxy
beforeAll(async () => {
  github = await startGitHub({ repository: 'octo/addons' })
  proxy = await startRegistryProxy({ target: `http://${registry}` })
  // Version 1.2.3 is published.
  const published = await runFault({ repository, inputs: untested })
  expect([published.exitCode, errorsOf(published)]).toEqual([0, ''])
})
afterAll(async () => {
  expect(github.violations).toEqual([])
  await github.close()
  await proxy.close()
})

interface Change {
  readonly version?: string
  readonly changed?: readonly string[]
  readonly files?: Readonly<Record<string, string>>
  readonly inputs?: Readonly<Record<string, string>>
  /** Default: a proxy before the one that has version 1.2.3. */
  readonly host?: string
}

/** The run of a pull request, with its comment. */
async function runPull({ version = '1.2.3', changed = ['tiny/Dockerfile'], files = {}, inputs = {}, host }: Change) {
  const pull = github.addPull({
    files: changed.map((filename) => ({ filename })),
    head: { repository: 'octo/addons', ref: `change-${github.pulls.length}`, sha: 'd'.repeat(40) },
  })
  const [before, asked] = [listRequests(), fileRequests()]
  const result = await runFault({
    registry: host ?? proxy.host,
    repository,
    addon: { version },
    more: files,
    inputs: { ...untested, push: 'false', comment: 'auto', 'comment-key': 'add-on', ...inputs },
    event: pullRequestEvent(pull),
    token: github.token,
    environment: apiOf(github),
  })
  const comment = github.comments.find(({ issue }) => issue === pull.number)?.body ?? ''
  return { result, comment, asked: listRequests() - before, files: fileRequests() - asked }
}

const listRequests = (): number => proxy.requests.filter(({ method, path }) => lists.test(`${method} ${path}`)).length
const fileRequests = (): number => github.requests.filter(({ path }) => path.endsWith('/files')).length
const versionWarnings = ({ commands }: StepResult) =>
  commands.filter(({ properties }) => properties.title?.includes('gate/version') === true)

test('a pull request that keeps a published version gets a comment with the line and the next version', async () => {
  const { result, comment, asked, files } = await runPull({})
  expect([result.exitCode, asked, files]).toEqual([0, 1, 1])
  expect(comment).toContain(
    'version: 1.2.3 is already published, so devices are not offered this change. Set "version" to 1.2.4. (`tiny/config.yaml:2`)',
  )
  expect(result.summary).toContain('Set "version" to 1.2.4. (`tiny/config.yaml:2`)')
  expect(result.commands).toContainEqual(
    expect.objectContaining({
      name: 'warning',
      properties: expect.objectContaining({ file: 'tiny/config.yaml', line: '2' }),
      message: expect.stringMatching(/1\.2\.3 is already published.*The Supervisor offers an update only if/s),
    }),
  )
})

test('and fails with "version-gate: fail"', async () => {
  const { result, comment } = await runPull({ version: '1.2.2', inputs: { 'version-gate': 'fail' } })
  expect(result.exitCode).toBe(1)
  expect(errorsOf(result)).toContain('1.2.2 is lower than 1.2.3, the highest published version.')
  expect(comment).toContain('❌ version: 1.2.2 is lower than 1.2.3')
})

test('a new version with an entry in the CHANGELOG is not mentioned, one without it is', async () => {
  const entry = await runPull({ version: '1.2.4', files: { 'tiny/CHANGELOG.md': '# Changes\n\n## [1.2.4]\n' } })
  expect([entry.result.exitCode, entry.asked, versionWarnings(entry.result)]).toEqual([0, 1, []])
  expect(entry.comment).toContain('`amd64`')
  expect(entry.comment).not.toContain('version:')
  const none = await runPull({ version: '1.2.4', files: { 'tiny/CHANGELOG.md': '# Changes\n\n## 1.2.3\n' } })
  expect(none.result.exitCode).toBe(0)
  expect(none.comment).toContain('version: CHANGELOG.md has no entry for 1.2.4. (`tiny/CHANGELOG.md:1`)')
})

test('a pull request that changes only documents asks no registry', async () => {
  const { result, asked, comment } = await runPull({
    changed: ['tiny/README.md', 'tiny/translations/en.yaml'],
    inputs: { 'version-gate': 'fail' },
  })
  expect([result.exitCode, asked]).toEqual([0, 0])
  expect(comment).not.toContain('version:')
})

test('an unreachable registry passes with "version-gate: fail", and the log says what is not known', async () => {
  const unreachable = await runPull({ host: '127.0.0.1:1', inputs: { 'version-gate': 'fail' } })
  expect([unreachable.result.exitCode, errorsOf(unreachable.result)]).toEqual([0, ''])
  expect(unreachable.result.log).toMatch(
    /It is not known whether 1\.2\.3 of tiny is new: The connection to 127\.0\.0\.1:1/,
  )
  expect(unreachable.comment).not.toContain('version:')

  const heal = proxy.faults.add(refused(403, { on: lists }))
  const denied = await runPull({ inputs: { 'version-gate': 'fail' } })
  heal()
  expect([denied.result.exitCode, errorsOf(denied.result)]).toEqual([0, ''])
  expect(denied.result.log).toMatch(/It is not known whether 1\.2\.3 of tiny is new: .*403/)
})
