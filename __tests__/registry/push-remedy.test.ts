import { describe, expect, test } from '@jest/globals'
import type { GitHubEvent } from '../../src/core/host.ts'
import { pushRemedy } from '../../src/registry/push-remedy.ts'
import { events } from '../plan/events.ts'

const pull = { number: 7, headSha: 'b', baseSha: 'c', baseRef: 'main', headRef: 'main', labels: [] }
const fork = { pullRequest: { ...pull, fork: true } }
const on = (event: GitHubEvent) => ({ event })
const account =
  'Check "username" and "password" (or the login of an earlier step): the account or token needs write access there.'
const again = 'Running it again changes nothing.'

describe('what to do about a refused push', () => {
  test('with a login is to give it write access', () => {
    expect(pushRemedy({ registries: ['nas:5000'], loggedIn: true }, on(events.push))).toBe(`${account} ${again}`)
  })

  test('without one is to log in, in a step or in a terminal', () => {
    const refused = { registries: ['nas:5000', 'r.example'], loggedIn: false }
    expect(pushRemedy(refused, on(events.push))).toBe(
      `Set "registry: nas:5000", "username" and "password", or use docker/login-action in an earlier step of the job. Set "registry: r.example", "username" and "password", or use docker/login-action in an earlier step of the job. ${again}`,
    )
    expect(pushRemedy(refused, on(events.local))).toBe(
      `Run "docker login nas:5000" before, or set "registry: nas:5000", "username" and "password". Run "docker login r.example" before, or set "registry: r.example", "username" and "password". ${again}`,
    )
  })

  test.each([
    [
      'GHCR.io',
      `On ghcr.io the job needs the permission "packages: write". If the package exists already, add octo/aicleaner in its settings under "Manage Actions access" with the role Write. A personal access token needs the scope "write:packages".`,
    ],
    [
      'docker.io',
      'On Docker Hub use an access token with the permission "Read & Write", of an account that may push to this namespace.',
    ],
    [
      'registry.gitlab.com',
      'On GitLab use a token with the scopes "read_registry" and "write_registry" and at least the role Developer.',
    ],
    [
      'quay.io',
      'On Quay give the robot account the permission Write on the repository, and for a new one the right to create repositories in the organization.',
    ],
  ])('names what %s wants', (registry, hint) => {
    expect(
      pushRemedy({ registries: [registry], loggedIn: true }, on({ ...events.push, repository: 'octo/aicleaner' })),
    ).toBe(`${account} ${hint} ${again}`)
  })

  test('names what each of several registries wants, once a terminal has no repository either', () => {
    const text = pushRemedy(
      { registries: ['ghcr.io', 'quay.io'], loggedIn: true },
      on({ ...events.local, repository: '' }),
    )
    expect(text).toMatch(/On ghcr\.io .* add the repository in its settings .* On Quay give/)
  })

  test('is to leave push off in a pull request from a fork, which gets no token that may push', () => {
    const refused = { registries: ['ghcr.io'], loggedIn: true }
    const off = `Set "push: \${{ github.event_name != 'pull_request' }}": a pull request from a fork or of Dependabot never gets a token that may push.`
    expect(pushRemedy(refused, on({ ...events.pullRequest, ...fork }))).toBe(off)
    expect(pushRemedy(refused, on(events.pullRequest))).toMatch(/^Check "username"/)
    // This one runs with the secrets of the base repository.
    expect(pushRemedy(refused, on({ ...events.pullRequestTarget, ...fork }))).toMatch(/^Check "username"/)
    expect(pushRemedy(refused, on({ ...events.push, ...fork }))).toMatch(/^Check "username"/)
  })
})
