import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import { actionsCacheVariables } from '../../src/platform/child-environment.ts'
import { readFacts } from '../environment/facts.ts'
import { type FakeCacheService, startCacheService } from '../fakes/cache-service/cache-service.ts'
import { startRegistryProxy } from '../fakes/registry-proxy/registry-proxy.ts'
import { anyRepository, finish, freshBuilder, startFault } from '../faults/fault-job.ts'
import { noteEnvironments } from './noted-environments.ts'

// An image is built, started and pushed, perhaps on a busy machine.
jest.setTimeout(300_000)

const { registry = '' } = readFacts()
const secret = () => `s3cret-${randomBytes(12).toString('hex')}`

let folder: string
let service: FakeCacheService
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aicleaner-environments-'))
  service = await startCacheService()
})
afterAll(async () => {
  await service.close()
  await rm(folder, { recursive: true, force: true })
})

test('child processes get what they need of the environment: no inputs, and tokens and secrets only where they are used', async () => {
  const secrets = { password: secret(), value: secret(), variable: secret(), passed: secret(), other: secret() }
  const proxy = await startRegistryProxy({
    target: `http://${registry}`,
    access: { scheme: 'basic', accounts: [{ username: 'writer', password: secrets.password }] },
  })
  const noted = await noteEnvironments(folder)
  const job = await startFault({
    registry: proxy.host,
    repository: anyRepository(),
    addon: {
      build: `RUN --mount=type=secret,id=VALUE --mount=type=secret,id=VARIABLE : ${randomBytes(6).toString('hex')} && test -s /run/secrets/VALUE && test -s /run/secrets/VARIABLE`,
      // The container is well only if docker could give it the variable.
      healthcheck: 'HEALTHCHECK CMD test -n "$PASSED"',
    },
    inputs: {
      ...freshBuilder,
      username: 'writer',
      password: secrets.password,
      secrets: `VALUE=${secrets.value}\nid=VARIABLE,env=MY_VARIABLE`,
      cache: 'gha',
      'smoke-run-args': '--env PASSED',
    },
    environment: {
      ...service.environment(),
      ...noted.environment,
      MY_VARIABLE: secrets.variable,
      PASSED: secrets.passed,
      GITHUB_TOKEN: secrets.other,
      COSIGN_PASSWORD: secrets.other,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: secrets.other,
      NODE_OPTIONS: '--no-warnings',
    },
  })
  try {
    const result = await job.main().done
    if (result.exitCode !== 0) throw new Error(result.log)
    await finish(job, result)
    const children = await noted.children()
    const isBuild = ({ program, args }: (typeof children)[number]) =>
      program === 'docker-buildx' && /^(buildx )?build /.test(args)
    const named = (pattern: RegExp) => children.filter(({ program, args }) => pattern.test(`${program} ${args}`))
    // All kinds of them were seen.
    for (const pattern of [
      /^git /,
      /^docker create /,
      /^docker exec |^docker start /,
      /^docker-buildx /,
      /^docker-buildx rm /,
    ]) {
      expect([pattern, named(pattern).length > 0]).toEqual([pattern, true])
    }
    const builds = children.filter(isBuild)
    expect(builds.length).toBeGreaterThan(0)
    for (const { environment } of builds) {
      for (const name of ['ACTIONS_RUNTIME_TOKEN', 'ACTIONS_RESULTS_URL', 'MY_VARIABLE'])
        expect(environment).toHaveProperty(name)
      expect(Object.values(environment)).toContain(secrets.value)
    }

    const unwanted = /^(INPUT|STATE|GITHUB|NODE|COSIGN|ACTIONS_ID)_/
    for (const child of children) {
      const names = Object.keys(child.environment)
      expect([child.args, names.filter((name) => unwanted.test(name))]).toEqual([child.args, []])
      const held = Object.entries(secrets).flatMap(([name, value]) =>
        JSON.stringify(child.environment).includes(value) ? [name] : [],
      )
      const isCreate = child.program === 'docker' && child.args.startsWith('create ')
      const allowed = isBuild(child) ? ['value', 'variable'] : isCreate ? held.filter((name) => name === 'passed') : []
      expect([child.args, held]).toEqual([child.args, allowed])
      if (!isBuild(child)) expect(names.filter((name) => actionsCacheVariables.includes(name))).toEqual([])
    }
    expect(named(/^docker create /).some(({ environment }) => environment.PASSED === secrets.passed)).toBe(true)
    expect(service.entries.length).toBeGreaterThan(0)
  } finally {
    await proxy.close()
  }
})
