import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { GitHubEvent, Host } from '../../src/core/host.ts'
import { openLogins } from '../../src/pipeline/open-logins.ts'
import { parseRepository } from '../../src/registry/name.ts'
import { openRegistry } from '../../src/registry/open.ts'
import { optionsOf } from '../addon/corpus.ts'
import { bareHost } from '../fakes/bare-host.ts'
import { type FakeGitHub, startGitHub } from '../fakes/github/github.ts'
import { startLoopback } from '../fakes/loopback.ts'
import { events } from '../plan/events.ts'
import { config, plan } from '../plan/planning.ts'

let github: FakeGitHub
beforeEach(async () => {
  github = await startGitHub()
})
afterEach(() => github.close())

async function open(
  event: GitHubEvent,
  inputs: Readonly<Record<string, string>> = {},
  image = 'evil.example/x/{arch}-x',
) {
  const all = { target: 'a', password: 'secret', username: 'me', 'github-token': github.token, ...inputs }
  const masked: string[] = []
  const bare = bareHost('/nowhere', '/nowhere/temporary')
  const host: Host = {
    ...bare,
    event: { ...event, repository: github.repository },
    environment: { GITHUB_API_URL: github.url },
    log: { ...bare.log, mask: (secret) => void masked.push(secret) },
  }
  const files = { 'a/config.yaml': config(`image: ${image}\n`) }
  const made = await openLogins(await plan({ files, inputs: all, event }), await optionsOf(all), host)
  return { ...made, host, masked, asked: github.requests.map(({ path }) => path), lines: bare.lines }
}

const basic = Buffer.from('me:secret').toString('base64')

test('masks the password and its header even if no login is made', async () => {
  const { logins, masked } = await open(events.pullRequestTarget)
  expect([logins, masked]).toEqual([[], ['secret', basic]])
})

test('queries the base branch only if an own pull request pushes to a registry that only its files name', async () => {
  const pull = { number: 7, headSha: 'b', baseSha: 'c', baseRef: 'main', headRef: 'main', labels: [] }
  const fork = { ...events.pullRequest, pullRequest: { ...pull, fork: true } }
  expect((await open(events.pullRequest)).asked).toEqual([])
  expect((await open(fork, { push: 'true' })).asked).toEqual([])
  expect((await open(events.push, { push: 'true' })).asked).toEqual([])
  expect((await open(events.pullRequest, { push: 'true', registry: 'evil.example' })).asked).toEqual([])
  expect((await open(events.pullRequest, { push: 'true', 'github-token': '' })).asked).toEqual([])
  const { logins, diagnostics, asked } = await open(events.pullRequest, { push: 'true' })
  expect([logins, diagnostics.map(({ code }) => code)]).toEqual([[], ['registry/not-named']])
  expect(asked).toContain('/repos/octo/aicleaner/contents/a%2Fconfig.yaml')
})

test('does not log in if GitHub does not respond, and reports why', async () => {
  github.faults.add({ answer: { status: 403 } })
  const { logins, diagnostics, lines } = await open(events.pullRequest, { push: 'true' })
  expect([logins, diagnostics.map(({ code }) => code)]).toEqual([[], ['registry/not-named']])
  expect(lines).toEqual([expect.stringContaining('Cannot read the registry from the base branch')])
})

test.each([
  ['pullRequest', '', []],
  ['pullRequestTarget', '', []],
  ['local', '', []],
  ['push', '', [`Basic ${basic}`]],
  ['pullRequestTarget', 'registry', [`Basic ${basic}`]],
] as const)('on %s, with "registry" %j, the registry of config.yaml sees %j', async (event, registry, expected) => {
  const seen: string[] = []
  const server = await startLoopback((request, response) => {
    if (request.headers.authorization !== undefined) seen.push(request.headers.authorization)
    response.writeHead(request.headers.authorization ? 404 : 401, { 'www-authenticate': 'Basic realm="x"' }).end()
  })
  const name = `localhost:${server.port}`
  try {
    const inputs = { push: 'true', ...(registry !== '' && { registry: name }) }
    const { logins, host } = await open(events[event], inputs, `${name}/x/{arch}-x`)
    const asked = openRegistry(logins, [], host).manifest(parseRepository(`${name}/x/amd64-x`), '1.0')
    await expect(asked).rejects.toThrow(/answers GET of manifests/)
    expect(seen).toEqual(expected)
  } finally {
    await server.close()
  }
})
