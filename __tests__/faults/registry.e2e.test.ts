import { createHash } from 'node:crypto'
import { afterAll, describe, expect, jest, test } from '@jest/globals'
import { readFacts } from '../environment/facts.ts'
import { asked, refused } from '../fakes/registry-proxy/faults.ts'
import {
  type RegistryProxy,
  type RegistryProxyOptions,
  startRegistryProxy,
} from '../fakes/registry-proxy/registry-proxy.ts'
import { type BuildDriver, describeDrivers } from './drivers.ts'
import { anyRepository, errorsOf, published, runFault } from './fault-job.ts'

// Images are built and pushed, with waits between tries, perhaps on a busy machine.
jest.setTimeout(240_000)

const target = `http://${readFacts().registry}`
const both = ['amd64-tiny:1.2.3', 'tiny:1.2.3']

const proxies: RegistryProxy[] = []
afterAll(() => Promise.all(proxies.map((proxy) => proxy.close())))

/** A registry for one test alone: most of the time these tests wait between tries, so they run side by side. */
async function stand(options: Omit<RegistryProxyOptions, 'target'> = {}) {
  const proxy = await startRegistryProxy({ target, ...options })
  proxies.push(proxy)
  const repository = anyRepository()
  // These are about publishing; what the image does has its own tests.
  const publish = (content = 'one', inputs: Readonly<Record<string, string>> = {}, driver?: BuildDriver) =>
    runFault({
      ...(driver && { driver }),
      registry: proxy.host,
      repository,
      inputs: { 'smoke-test': 'false', ...inputs },
      addon: { build: `RUN echo ${content} > /content` },
    })
  return { proxy, repository, publish }
}

describe('a registry that refuses the login', () => {
  const [right, wrong] = ['right-4711', 'wrong-4711']
  const accounts = [
    { username: 'reader', password: right, push: /^none$/ },
    { username: 'writer', password: right },
  ]

  test.concurrent.each([
    ['bearer', 'a wrong password', { username: 'writer', password: wrong }],
    ['basic', 'a wrong password', { username: 'writer', password: wrong }],
    ['bearer', 'an account that may only read', { username: 'reader', password: right }],
    ['basic', 'an account that may only read', { username: 'reader', password: right }],
    ['bearer', 'no login', {}],
  ] as const)(
    'by %s, with %s: fails with a clear error after one attempt, and publishes nothing',
    async (scheme, _, login) => {
      const { repository, publish } = await stand({ access: { scheme, accounts, anonymousPull: true } })
      const result = await publish('one', login)
      expect(result.exitCode).toBe(3)
      expect(errorsOf(result)).toMatch(/may not push/)
      expect(errorsOf(result)).not.toMatch(/when the registry works/)
      expect(result.log).not.toMatch(/Trying again/)
      expect(await published(repository)).toEqual({})
      for (const password of [right, wrong]) expect(result.leaksOf(password)).toEqual([])
    },
  )

  test.concurrent('gets one token request for each scope, with any number of blobs', async () => {
    const { proxy, repository, publish } = await stand({ access: { scheme: 'bearer', accounts } })
    const result = await publish('one', { username: 'writer', password: right })
    expect(result.exitCode).toBe(0)
    const tokens = proxy.requests.filter(({ path }) => path.startsWith('/fake/token'))
    // The pull check asks for tokens of its own, without the login.
    for (const withLogin of [true, false]) {
      const asked = tokens.filter(({ authorized }) => authorized === withLogin).map(({ path }) => path)
      expect(asked.length).toBeGreaterThan(0)
      expect(asked).toEqual([...new Set(asked)])
    }
    expect(Object.keys(await published(repository))).toEqual(both)
  })
})

describe('a registry that fails for a while', () => {
  test.concurrent.each([
    ['limits the rate twice', refused(429, { on: asked.upload, times: 2, retryAfter: 1 })],
    ['limits the rate of tags', refused(429, { on: asked.putTag, times: 1, retryAfter: 1 })],
    ['has an error inside', refused(500, { on: asked.putManifest, times: 2 })],
    ['breaks an upload in the middle', { on: asked.upload, times: 2, cut: { afterBytes: 100_000 } }],
    [
      'moves a tag, and breaks the connection before the response',
      { on: asked.putTag, times: 1, cut: 'before-answer' },
    ],
    ['is down between two tags for three seconds', { on: asked.putTag, after: 1, times: 1, vanish: { forMs: 3000 } }],
  ] as const)('%s: is waited for, and everything is published', async (_, fault) => {
    const { proxy, repository, publish } = await stand()
    proxy.faults.add(fault)
    const result = await publish()
    expect([result.exitCode, errorsOf(result)]).toEqual([0, ''])
    expect(result.log).toMatch(/Trying again in \d+ s/)
    expect(Object.keys(await published(repository))).toEqual(both)
  })
})

describe('a registry that fails permanently', () => {
  test.concurrent.each([
    ['limits the rate', refused(429, { on: asked.upload, retryAfter: 1 })],
    ['has an error inside', refused(500, { on: asked.startUpload })],
    ['breaks each upload in the middle', { on: asked.upload, cut: { afterBytes: 50 } }],
  ] as const)('%s: all tags are unchanged, and the next run completes it', async (_, fault) => {
    const { proxy, repository, publish } = await stand()
    expect((await publish('one')).exitCode).toBe(0)
    const before = await published(repository)
    expect(Object.keys(before)).toEqual(both)
    const heal = proxy.faults.add(fault)
    const result = await publish('two')
    expect(result.exitCode).toBe(3)
    expect(errorsOf(result)).toContain(proxy.host)
    expect(await published(repository)).toEqual(before)
    heal()
    expect((await publish('two')).exitCode).toBe(0)
    const after = await published(repository)
    expect(Object.keys(after)).toEqual(both)
    for (const name of both) expect(after[name]).not.toBe(before[name])
  })

  test.concurrent('is down between two tags: the tag that could not be restored is reported, and the next run completes it', async () => {
    const { proxy, repository, publish } = await stand()
    expect((await publish('one')).exitCode).toBe(0)
    const before = await published(repository)
    proxy.faults.add({ on: asked.putTag, after: 1, times: 1, vanish: true })
    const result = await publish('two')
    expect(result.exitCode).toBe(3)
    expect(errorsOf(result)).toMatch(/could not be put back: \S+\/amd64-tiny:1\.2\.3/)
    // The list still names the old image, which is still there: nobody who pulls it gets half of anything.
    expect((await published(repository))['tiny:1.2.3']).toBe(before['tiny:1.2.3'])
    await proxy.comeBack()
    expect((await publish('two')).exitCode).toBe(0)
    const after = await published(repository)
    for (const name of both) expect(after[name]).not.toBe(before[name])
  })
})

// Each fault by itself is above, on the machine's own engine; here all that may pass come in one run, whatever has built the image.
describeDrivers('a registry that fails', (driver) => {
  test.concurrent('temporarily in several ways in turn: everything is published', async () => {
    const { proxy, repository, publish } = await stand()
    for (const fault of [
      refused(429, { on: asked.upload, times: 1, retryAfter: 1 }),
      { on: asked.upload, after: 1, times: 1, cut: { afterBytes: 100_000 } },
      refused(500, { on: asked.putManifest, times: 1 }),
      { on: asked.putTag, times: 1, cut: 'before-answer' },
      { on: asked.putTag, after: 2, times: 1, vanish: { forMs: 2000 } },
    ] as const) {
      proxy.faults.add(fault)
    }
    const result = await publish('one', {}, driver)
    expect([result.exitCode, errorsOf(result)]).toEqual([0, ''])
    expect(Object.keys(await published(repository))).toEqual(both)
  })

  test.concurrent('permanently at the second tag: all tags are unchanged, and the next run completes it', async () => {
    const { proxy, repository, publish } = await stand({
      access: { scheme: 'bearer', accounts: [{ username: 'writer', password: 'right' }], anonymousPull: true },
    })
    const login = { username: 'writer', password: 'right' }
    expect((await publish('one', login, driver)).exitCode).toBe(0)
    const before = await published(repository)
    const heal = proxy.faults.add(refused(403, { on: asked.putTag, after: 1, times: 1 }))
    expect((await publish('two', login, driver)).exitCode).toBe(3)
    expect(await published(repository)).toEqual(before)
    heal()
    const refusedLogin = await publish('two', { ...login, password: 'wrong' }, driver)
    expect([refusedLogin.exitCode, errorsOf(refusedLogin)]).toEqual([3, expect.stringMatching(/may not push/)])
    expect(await published(repository)).toEqual(before)
    expect((await publish('two', login, driver)).exitCode).toBe(0)
    const after = await published(repository)
    for (const name of both) expect(after[name]).not.toBe(before[name])
  })
})

describe('two runs that publish the same tags at once', () => {
  const publishAt = (registry: RegistryProxy, repository: string, content: string) =>
    runFault({
      registry: registry.host,
      repository,
      inputs: { 'smoke-test': 'false', baseline: 'none' },
      addon: { build: `RUN echo ${content} > /content` },
    })
  const bytesOf = async (repository: string, name: string): Promise<readonly [string, string]> => {
    const [path, tag] = name.split(':')
    const response = await fetch(`${target}/v2/${repository}/${path}/manifests/${tag}`, {
      headers: {
        accept: 'application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json',
      },
    })
    const bytes = Buffer.from(await response.arrayBuffer())
    return [name, `sha256:${createHash('sha256').update(bytes).digest('hex')}`]
  }

  test.concurrent.each([
    [
      'has its first tag and has not read it back',
      { on: /^GET \/v2\/faults-\w+\/amd64-tiny\/manifests\/1\.2\.3/, after: 1 },
    ],
    ['is about to move its last tag', { on: /^HEAD \/v2\/faults-\w+\/tiny\/manifests\/1\.2\.3/, after: 1 }],
  ] as const)(
    'one %s when the other publishes: the tags are exactly those of the other, and the one fails',
    async (_, where) => {
      const { proxy, repository } = await stand()
      // Another address of the same registry: each run has its own, so that one can be held up and the other not.
      const { proxy: other } = await stand()
      expect((await publishAt(other, repository, 'before')).exitCode).toBe(0)
      const before = await published(repository)
      expect(Object.keys(before)).toEqual(both)
      const reached = Promise.withResolvers<void>()
      const released = Promise.withResolvers<void>()
      proxy.faults.add({ ...where, times: 1, onHit: () => reached.resolve(), until: released.promise })
      const overtaken = publishAt(proxy, repository, 'one')
      await Promise.race([reached.promise, overtaken])
      const winner = await publishAt(other, repository, 'two')
      released.resolve()
      const loser = await overtaken
      expect([winner.exitCode, errorsOf(winner)]).toEqual([0, ''])
      expect([loser.exitCode, errorsOf(loser)]).toEqual([
        3,
        expect.stringMatching(/tiny:1\.2\.3 points at sha256:\w{64}, not at .*another run publishes the same tag/),
      ])
      expect(loser.outputs['manifest-digest'] ?? '').toBe('')
      const wanted = {
        'amd64-tiny:1.2.3': JSON.parse(winner.outputs.digests ?? '{}').amd64,
        'tiny:1.2.3': winner.outputs['manifest-digest'],
      }
      expect(await published(repository)).toEqual(wanted)
      expect(Object.fromEntries(await Promise.all(both.map((name) => bytesOf(repository, name))))).toEqual(wanted)
      for (const name of both) expect(before[name]).not.toBe(wanted[name as keyof typeof wanted])
    },
  )
})
