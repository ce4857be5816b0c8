import { afterEach, expect, jest, test } from '@jest/globals'
import { describeWith } from '../environment/describe-with.ts'
import { type RunningRegistry, registryLogin, startRegistry, startRegistry3 } from '../environment/registry.ts'
import { startTokenService, type TokenService } from '../fakes/token-service.ts'
import { anyRepository, errorsOf, runFault } from '../faults/fault-job.ts'

// Images are built and published, perhaps on a busy machine.
jest.setTimeout(240_000)

const login = { username: 'publisher', password: 'right-4711' }

/** Publishes with a login, untested: what a test finds has its own tests. */
const publish = (
  { address }: RunningRegistry,
  repository: string,
  { username, password }: typeof login,
  inputs: Readonly<Record<string, string>> = {},
) =>
  runFault({
    registry: address,
    repository,
    inputs: {
      ...{ 'smoke-test': 'false', audit: 'off', baseline: 'none', tags: '{version},latest' },
      ...{ registry: address, username, password, ...inputs },
    },
  })

// Two implementations: one that asks for a password, one that asks a token service.
describeWith(['registry3'], 'after publishing, tags are pulled without a login', (facts) => {
  let registry: RunningRegistry
  let tokens: TokenService | undefined
  afterEach(async () => {
    await registry.release()
    await tokens?.close()
    tokens = undefined
  })

  test('a registry that refuses that is a warning, with what to do', async () => {
    registry = await startRegistry({ access: 'password' })
    const result = await publish(registry, anyRepository(), registryLogin)
    expect([result.exitCode, errorsOf(result)]).toEqual([0, ''])
    const warnings = result.commands.filter(({ name }) => name === 'warning').map(({ message }) => message)
    const [warning, ...others] = warnings.filter((message) => message.includes('without a login'))
    expect(others).toEqual([])
    expect(warning).toMatch(
      /Devices cannot pull \S+\/amd64-tiny:1\.2\.3, \S+\/amd64-tiny:latest, .* without a login: .*401.*"pull-check: off"/s,
    )
    expect(result.summary).toMatch(/^### ⚠️ .*\n\n- ⚠️ `?pull.*without a login: .*Allow pulls without a login/m)
    expect(result.summary).toContain('Published `')
  })

  test('a private repository fails the run with "pull-check: fail", and its tags stay', async () => {
    tokens = await startTokenService({ accounts: [login], anonymousPull: /^open\// })
    registry = await startRegistry3(facts, { access: tokens })
    const [open, closed] = ['open', 'closed'].map((owner) => `${owner}/${anyRepository()}`) as [string, string]
    const fail = { 'pull-check': 'fail' }

    const passed = await publish(registry, open, login, fail)
    expect([passed.exitCode, errorsOf(passed)]).toEqual([0, ''])
    expect(passed.summary).not.toContain('without a login')
    // As a device asks: for a token, without a login, for pulls only.
    const anonymous = tokens.requests.filter(({ authorized, scopes }) => !authorized && scopes.join().includes('open/'))
    expect(anonymous.length).toBeGreaterThan(0)
    expect(anonymous.flatMap(({ scopes }) => scopes).filter((scope) => !scope.endsWith(':pull'))).toEqual([])

    const refused = await publish(registry, closed, login, fail)
    expect(refused.exitCode).toBe(1)
    expect(errorsOf(refused)).toMatch(/Devices cannot pull \S+closed\S+ .* without a login/s)
    expect(refused.summary).toContain('Published `')
    expect(refused.outputs['manifest-digest']).toMatch(/^sha256:/)

    const off = await publish(registry, closed, login, { 'pull-check': 'off' })
    expect([off.exitCode, errorsOf(off)]).toEqual([0, ''])
    expect(off.log).not.toContain('without a login')
  })
})
