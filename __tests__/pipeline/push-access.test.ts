import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { type Diagnostic, oneLine } from '../../src/core/diagnostics.ts'
import type { GitHubEvent, Host } from '../../src/core/host.ts'
import type { Login } from '../../src/inputs/options.ts'
import { checkPushAccess, destinations } from '../../src/pipeline/push-access.ts'
import type { Registry } from '../../src/registry/client.ts'
import { RegistryError } from '../../src/registry/error.ts'
import { openRegistry } from '../../src/registry/open.ts'
import { pushRemedy } from '../../src/registry/push-remedy.ts'
import { optionsOf } from '../addon/corpus.ts'
import { bareHost } from '../fakes/bare-host.ts'
import type { Answer } from '../fakes/loopback.ts'
import { asked } from '../fakes/registry-proxy/faults.ts'
import { type RegistryProxy, startRegistryProxy } from '../fakes/registry-proxy/registry-proxy.ts'
import { anyText } from '../fixtures/any-text.ts'
import { events } from '../plan/events.ts'
import { config, plan } from '../plan/planning.ts'
import { memoryRegistry } from '../registry/memory.ts'
import { startUploads, type Uploads } from '../registry/uploads.ts'

const pull = { number: 7, headSha: 'b', baseSha: 'c', baseRef: 'main', headRef: 'main', labels: [] }
const fork: GitHubEvent = { ...events.pullRequest, pullRequest: { ...pull, fork: true } }

interface Setting {
  readonly inputs?: Readonly<Record<string, string>>
  readonly files?: Readonly<Record<string, string>>
  readonly event?: GitHubEvent
}

async function made({ inputs = {}, files = {}, event = events.push }: Setting) {
  const all = { target: 'a', push: 'true', ...inputs }
  const options = await optionsOf(all)
  return { options, plan: await plan({ files, inputs: all, event }) }
}

function hostOf(event: GitHubEvent = events.push): Host & { readonly lines: readonly string[] } {
  const bare = bareHost('/nowhere', '/nowhere/temporary')
  return { ...bare, event, environment: { HOME: '/nowhere' } }
}

describe('the repositories that a run writes to', () => {
  const named = { 'a/config.yaml': config('image: r.example/org/{arch}-x\n') }
  const of = ['amd64', 'aarch64', 'armv7'].map((architecture) => `r.example/org/${architecture}-x`)

  test.each([
    ['run', [...of, 'r.example/org/x']],
    ['publish', [...of, 'r.example/org/x']],
    // The list is written by another job, perhaps with another login.
    ['build', of],
  ])('in mode %s', async (mode, expected) => {
    const { plan: planned, options } = await made({ files: named, inputs: { mode } })
    const found = destinations(planned, options)
    expect(found.map(({ name }) => name).sort()).toEqual([...expected].sort())
    expect(new Set(found.map(({ where }) => `${where?.file}:${where?.line}`))).toEqual(new Set(['a/config.yaml:7']))
  })

  test('one name for all architectures is one repository', async () => {
    const { plan: planned, options } = await made({ inputs: { image: 'r.example/org/x' } })
    expect(destinations(planned, options).map(({ name }) => name)).toEqual(['r.example/org/x'])
  })

  test('have no place in a file that an input overrides', async () => {
    const { plan: planned, options } = await made({ files: named, inputs: { image: 'r.example/{arch}-y' } })
    expect(destinations(planned, options).map(({ where }) => where)).toEqual(Array(4).fill(undefined))
    const list = await made({ files: named, inputs: { 'multi-arch-image': 'r.example/org/y' } })
    expect(destinations(list.plan, list.options).filter(({ where }) => where === undefined)).toEqual([
      expect.objectContaining({ name: 'r.example/org/y' }),
    ])
  })
})

describe('before anything is built', () => {
  let uploads: Uploads
  let proxy: RegistryProxy
  const begin = async (access?: Parameters<typeof startRegistryProxy>[0]['access']): Promise<void> => {
    proxy = await startRegistryProxy({ target: uploads.url, ...(access && { access }) })
  }
  beforeEach(async () => {
    uploads = await startUploads()
  })
  afterEach(() => Promise.all([proxy.close(), uploads.close()]))

  const accounts = [
    { username: 'writer', password: 'right-password' },
    { username: 'reader', password: 'right-password', push: /^none$/ },
  ]
  async function check(login?: Omit<Login, 'registry'>, setting: Setting = {}) {
    const files = { 'a/config.yaml': config(`image: ${proxy.host}/org/{arch}-x\n`) }
    const { plan: planned, options } = await made({ files, ...setting })
    const host = hostOf(setting.event)
    const logins = login ? [{ registry: proxy.host, username: 'actor', ...login }] : []
    const found = await checkPushAccess(planned, openRegistry(logins, [], host), options, host)
    return { found, lines: host.lines }
  }
  const starts = () => proxy.requests.filter(({ method, path }) => method === 'POST' && path.includes('/uploads/'))

  test('a login that may push is checked once for each repository, and leaves no upload behind', async () => {
    await begin()
    expect(await check({ username: 'writer', password: 'right-password' })).toEqual({ found: [], lines: [] })
    expect(starts()).toHaveLength(4)
    expect(new Set(starts().map(({ path }) => path)).size).toBe(4)
    expect([uploads.begun(), [...uploads.sessions]]).toEqual([4, []])
  })

  test.each([
    ['bearer', 'reader', 'right-password', 'The login "reader"'],
    ['basic', 'reader', 'right-password', 'The login "reader"'],
    ['bearer', 'writer', 'wrong-password', 'The login "writer"'],
    ['basic', '', '', 'Without a login this run'],
  ] as const)(
    'by %s, %j is refused with all names, the place and a remedy',
    async (scheme, username, password, who) => {
      await begin({ scheme, accounts, anonymousPull: true })
      const { found } = await check(username === '' ? undefined : { username, password })
      const [refused, ...others] = found as [Diagnostic, ...Diagnostic[]]
      expect(others).toEqual([])
      expect(refused).toMatchObject({
        severity: 'error',
        code: 'publish/refused',
        where: { file: 'a/config.yaml', line: 7 },
      })
      expect(refused.message).toContain(`${who} may not push to `)
      for (const name of ['amd64-x', 'aarch64-x', 'armv7-x', 'x']) {
        expect(refused.message).toContain(`${proxy.host}/org/${name}`)
      }
      expect(refused.message).toMatch(/ 40[13]/)
      expect(refused.remedy).toContain(username === '' ? `"registry: ${proxy.host}"` : 'needs write access')
      expect(oneLine(refused)).not.toMatch(/(right|wrong)-password/)
      expect(uploads.begun()).toBe(0)
    },
  )

  test('only the refused repositories are reported, with their locations', async () => {
    await begin({
      scheme: 'bearer',
      accounts: [{ username: 'half', password: 'p', push: /\/(amd64-x|x)$|^other/ }],
      anonymousPull: true,
    })
    const files = {
      'a/config.yaml': config(`image: ${proxy.host}/org/{arch}-x\n`),
      'b/config.yaml': config(`image: ${proxy.host}/org/{arch}-b\n`, 'b'),
      'b/Dockerfile': 'FROM ghcr.io/home-assistant/base:3.23\n',
      'c/config.yaml': config(`image: ${proxy.host}/other/{arch}-c\n`, 'c'),
      'c/Dockerfile': 'FROM ghcr.io/home-assistant/base:3.23\n',
    }
    const { found } = await check({ username: 'half', password: 'p' }, { files, inputs: { target: 'a\nb\nc' } })
    expect(found.map(({ where, message }) => [where?.file, message.split(': ')[0]])).toEqual([
      ['a/config.yaml', `The login "half" may not push to ${proxy.host}/org/aarch64-x and ${proxy.host}/org/armv7-x`],
      [
        'b/config.yaml',
        `The login "half" may not push to ${['amd64', 'aarch64', 'armv7'].map((one) => `${proxy.host}/org/${one}-b`).join(', ')} and ${proxy.host}/org/b`,
      ],
    ])
  })

  const errors = (code: string, message: string) => ({ errors: [{ code, message, detail: null }] })
  test.each<readonly [string, Answer]>([
    ['Docker Hub', { status: 401, body: errors('UNAUTHORIZED', 'access token has insufficient scopes') }],
    ['Docker Hub', { status: 401, body: { details: 'incorrect username or password' } }],
    ['ghcr.io', { status: 403, body: errors('DENIED', 'permission_denied: write_package') }],
    ['ghcr.io', { status: 403, body: errors('DENIED', 'installation not allowed to Create organization package') }],
    ['ghcr.io, without JSON', { status: 403 }],
    ['GitLab', { status: 403, body: errors('DENIED', 'access forbidden') }],
    ['Quay', { status: 401, body: errors('UNAUTHORIZED', 'access to the requested resource is not authorized') }],
    ['one that hides repositories', { status: 404, body: errors('DENIED', 'not for you') }],
    ['one that answers 400', { status: 400, body: errors('UNAUTHORIZED', 'bad token') }],
  ])('the response of %s for a token without write access is a refusal: %j', async (_, answer) => {
    await begin()
    proxy.faults.add({ on: asked.startUpload, answer })
    const { found } = await check({ username: 'writer', password: 'right-password' })
    expect(found.map(({ code }) => code)).toEqual(['publish/refused'])
  })

  test.each<readonly [string, Answer, number]>([
    ['429', { status: 429, body: errors('TOOMANYREQUESTS', 'slow down') }, 4],
    ['a limit as 403', { status: 403, body: errors('TOOMANYREQUESTS', 'slow down') }, 4],
    ['500', { status: 500 }, 4],
    ['502', { status: 502, body: 'bad gateway' }, 4],
    ['503 with DENIED', { status: 503, body: errors('DENIED', 'down') }, 4],
    ['404', { status: 404, body: errors('NAME_UNKNOWN', 'no such repository') }, 4],
    ['405', { status: 405, body: errors('UNSUPPORTED', 'no') }, 4],
    ['301', { status: 301, headers: { location: 'http://127.0.0.1:1/' } }, 4],
  ])('%s is logged, does not count as a refusal, and does not stop the run', async (_, answer, most) => {
    await begin()
    proxy.faults.add({ on: asked.startUpload, answer })
    const { found, lines } = await check({ username: 'writer', password: 'right-password' })
    expect(found).toEqual([])
    expect(lines).toEqual([expect.stringContaining(`may push to ${proxy.host}`)])
    expect(starts().length).toBeLessThanOrEqual(most)
  })

  test('an unreachable registry does not stop the run', async () => {
    await begin()
    await proxy.vanish()
    const { found, lines } = await check({ username: 'writer', password: 'right-password' })
    expect([found, lines]).toEqual([[], [expect.stringMatching(/may push to .*\(POST\): .*ECONNREFUSED/)]])
    await proxy.comeBack()
  })

  test('the remedy for a pull request from a fork is to turn push off', async () => {
    await begin({ scheme: 'basic', accounts })
    const { found } = await check({ username: 'reader', password: 'right-password' }, { event: fork })
    expect(found.map(({ remedy }) => remedy)).toEqual([expect.stringContaining("github.event_name != 'pull_request'")])
  })
})

/** Registers every question, and answers when it is told. */
function slowRegistry(answer: (path: string) => Promise<void>): Registry & { readonly most: () => number } {
  let open = 0
  let most = 0
  return {
    ...memoryRegistry(),
    most: () => most,
    async checkPush({ path }) {
      open += 1
      most = Math.max(most, open)
      try {
        await answer(path)
      } finally {
        open -= 1
      }
    },
  }
}

const many = async (count: number): Promise<Setting> => {
  const names = Array.from({ length: count }, (_, index) => `x${index}`)
  return {
    inputs: { target: names.join('\n') },
    files: Object.fromEntries(
      names.flatMap((name) => [
        [`${name}/config.yaml`, config(`image: r.example/org/{arch}-${name}\n`, name)],
        [`${name}/Dockerfile`, 'FROM ghcr.io/home-assistant/base:3.23\n'],
      ]),
    ),
  }
}

test('many repositories are checked a few at a time, each once', async () => {
  const { plan: planned, options } = await made(await many(20))
  const paths: string[] = []
  const registry = slowRegistry(async (path) => {
    paths.push(path)
    await sleep(1)
  })
  expect(await checkPushAccess(planned, registry, options, hostOf())).toEqual([])
  expect([paths.length, new Set(paths).size]).toEqual([80, 80])
  expect(registry.most()).toBeLessThanOrEqual(6)
})

test('a registry that does not respond is not waited for repeatedly', async () => {
  const { plan: planned, options } = await made(await many(20))
  let waits = 0
  const clock = {
    now: () => 0,
    sleep: async () => {
      waits += 1
    },
  }
  const registry = slowRegistry(() => new Promise(() => {}))
  const host = { ...hostOf(), clock }
  expect(await checkPushAccess(planned, registry, options, host)).toEqual([])
  expect(waits).toBeLessThanOrEqual(6)
  expect(host.lines).toEqual([expect.stringContaining('no response within 20 s')])
})

test('a cancelled run reports nothing', async () => {
  const { plan: planned, options } = await made({})
  const host = hostOf()
  const registry = slowRegistry(async () => {
    throw new RegistryError('DENIED', 'refused')
  })
  expect(await checkPushAccess(planned, registry, options, { ...host, signal: AbortSignal.abort() })).toEqual([])
  expect([registry.most(), host.lines]).toEqual([0, []])
})

test('messages from a registry contain no control characters and no masked values', async () => {
  const { plan: planned, options } = await made({})
  await fc.assert(
    fc.asyncProperty(anyText({ minLength: 1, maxLength: 150 }), async (username) => {
      const registry: Registry = {
        ...memoryRegistry(),
        checkPush: async () => {
          throw new RegistryError('DENIED', 'hidden-secret is wrong')
        },
        userOf: async () => username,
      }
      const host = hostOf()
      const log = { ...host.log, redact: (text: string) => text.replaceAll('hidden-secret', '***') }
      for (const one of await checkPushAccess(planned, registry, options, { ...host, log })) {
        expect(oneLine(one)).not.toMatch(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]|hidden-secret/u)
      }
    }),
  )
})

test('looks the login of a registry up once, however many names it refuses', async () => {
  const { plan: planned, options } = await made({})
  let lookups = 0
  const registry: Registry = {
    ...memoryRegistry(),
    checkPush: async () => {
      throw new RegistryError('DENIED', 'refused')
    },
    userOf: async () => {
      lookups += 1
      return 'me'
    },
  }
  // Names at two lines are two problems.
  const [addon] = planned.addons
  const other = {
    ...addon,
    imageWhere: { file: 'other/config.yaml', line: 9, column: 1 },
    targets: addon?.targets.map((target) => ({ ...target, image: `${target.image}-other` })),
  } as typeof addon
  const { image: _, ...named } = options
  const both = { ...planned, addons: [addon, other] } as typeof planned
  expect(await checkPushAccess(both, registry, named, hostOf())).toHaveLength(2)
  expect(lookups).toBe(1)
})

describe('the remedy for a refused push', () => {
  const remedy = (registry: string, loggedIn: boolean, event: GitHubEvent = events.push) =>
    pushRemedy({ registries: [registry], loggedIn }, { event })

  test.each([
    ['ghcr.io', /"packages: write".*"Manage Actions access"/],
    ['docker.io', /"Read & Write"/],
    ['registry.gitlab.com', /"write_registry"/],
    ['quay.io', /permission Write/],
  ])('knows %s', (registry, expected) => {
    expect(remedy(registry, true)).toMatch(expected)
    expect(remedy(registry, false)).toMatch(expected)
    expect(remedy('r.example', true)).not.toMatch(expected)
  })

  test('without a login says how to log in', () => {
    expect(remedy('r.example', false)).toMatch(
      /"registry: r\.example", "username" and "password".*docker\/login-action/,
    )
    expect(remedy('r.example', false, events.local)).toMatch(/"docker login r\.example"/)
    expect(remedy('r.example', true)).not.toMatch(/login-action/)
  })

  test.each<readonly [string, GitHubEvent, boolean]>([
    ['a fork', fork, true],
    ['an own pull request', events.pullRequest, false],
    ['a fork that runs with the secrets of the base repository', { ...fork, name: 'pull_request_target' }, false],
    ['a push', events.push, false],
  ])('for %s', (_, event, isFork) => {
    expect(remedy('ghcr.io', true, event).includes('never gets a token')).toBe(isFork)
  })
})
