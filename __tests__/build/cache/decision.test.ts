import { describe, expect, test } from '@jest/globals'
import { cachesOf } from '../../../src/build/cache/cache.ts'
import { decideCache, mayWrite } from '../../../src/build/cache/decision.ts'
import type { Host } from '../../../src/core/host.ts'
import { target } from '../../fixtures/target.ts'

const token = (claims: object) => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.`
const scope = (Permission: number) => ({ ac: JSON.stringify([{ Scope: 'refs/heads/main', Permission }]) })
/** A host of this environment, for a push unless the test says otherwise. */
const at = (environment: Record<string, string>, event: object = { name: 'push' }, payload: object = {}) => ({
  environment,
  event: { repository: 'octo/addons', ...event } as Host['event'],
  payload,
})
const runner = (changes: Record<string, string> = {}) => ({
  ACTIONS_RUNTIME_TOKEN: token(scope(3)),
  ACTIONS_RESULTS_URL: 'http://127.0.0.1:1/',
  ACTIONS_CACHE_SERVICE_V2: 'true',
  ...changes,
})

describe('the cache of a run', () => {
  test('is the GitHub Actions cache by default, if the runner offers it', () => {
    expect(decideCache({}, at(runner()))).toEqual({ plan: { kinds: [{ kind: 'gha' }], write: true }, diagnostics: [] })
  })

  test('is off without a message if the runner offers none and none is configured', () => {
    expect(decideCache({}, at({}))).toEqual({ plan: { kinds: [], write: true }, diagnostics: [] })
  })

  test.each([
    ['no token', { ACTIONS_RUNTIME_TOKEN: '' }],
    ['no address', { ACTIONS_RESULTS_URL: '' }],
    ['only the service that is gone', { ACTIONS_CACHE_SERVICE_V2: '' }],
    ['a value that buildx does not take for true', { ACTIONS_CACHE_SERVICE_V2: 'yes' }],
  ])('has one notice if the GitHub Actions cache is configured and the runner has %s', (_, changes) => {
    const { plan, diagnostics } = decideCache({ cache: [{ kind: 'gha' }, { kind: 'inline' }] }, at(runner(changes)))
    expect(plan.kinds).toEqual([{ kind: 'inline' }])
    expect(diagnostics).toEqual([expect.objectContaining({ severity: 'notice', code: 'cache/not-offered' })])
  })

  test('is read-only, with one notice, if the token may not write', () => {
    const { plan, diagnostics } = decideCache({}, at(runner({ ACTIONS_RUNTIME_TOKEN: token(scope(1)) })))
    expect(plan).toEqual({ kinds: [{ kind: 'gha' }], write: true, readOnly: ['gha'] })
    expect(diagnostics.map(({ code }) => code)).toEqual(['cache/read-only'])
  })

  const pull = (fork: boolean, name = 'pull_request') => ({ name, pullRequest: { number: 7, fork } })
  const run = (repository: string, event: string) => ({
    workflow_run: { event, head_repository: { full_name: repository } },
  })
  test.each<readonly [string, object, object, boolean, number | undefined]>([
    ['a push', { name: 'push' }, {}, true, undefined],
    ['a terminal', { name: 'local' }, {}, true, undefined],
    ['a pull request of this repository', pull(false), {}, true, 7],
    ['one that runs with the rights of the base', pull(false, 'pull_request_target'), {}, true, 7],
    ['a pull request of a fork', pull(true), {}, false, undefined],
    ['one of a fork that runs with the rights of the base', pull(true, 'pull_request_target'), {}, false, undefined],
    ['what a fork has started', { name: 'workflow_run' }, run('stranger/addons', 'pull_request'), false, undefined],
    [
      'a run for an unknown pull request',
      { name: 'workflow_run' },
      run('octo/addons', 'pull_request'),
      false,
      undefined,
    ],
    ['a run for a push', { name: 'workflow_run' }, run('octo/addons', 'push'), true, undefined],
    ['a comment on a pull request', { name: 'issue_comment' }, { issue: { pull_request: {} } }, false, undefined],
  ])('of %s is only written if this is safe', (_, event, payload, write, pullRequest) => {
    const cache = [{ kind: 'gha' }, { kind: 'registry' }, { kind: 'local', folder: '/c' }, { kind: 'inline' }] as const
    const { plan, diagnostics } = decideCache({ cache }, at(runner(), event, payload))
    expect(plan).toEqual({ kinds: cache, write, ...(pullRequest !== undefined && { pullRequest }) })
    expect(diagnostics.map(({ code }) => code)).toEqual(write ? [] : ['cache/read-only'])
    if (!write) expect(cachesOf(target(), plan, 'max').to).toEqual([])
  })

  test('of a fork with only an inline cache has no notice', () => {
    expect(decideCache({ cache: [{ kind: 'inline' }] }, at({}, pull(true)))).toEqual({
      plan: { kinds: [{ kind: 'inline' }], write: false },
      diagnostics: [],
    })
  })
})

test.each([
  ['bit 2 is set', runner(), true],
  ['only bit 1 is set', runner({ ACTIONS_RUNTIME_TOKEN: token(scope(1)) }), false],
  ['the runner says read', runner({ ACTIONS_CACHE_MODE: 'read' }), false],
  ['the token has no claim', runner({ ACTIONS_RUNTIME_TOKEN: token({}) }), true],
  ['the token cannot be read', runner({ ACTIONS_RUNTIME_TOKEN: 'garbage' }), true],
])('a token may write when %s: %#', (_, environment, expected) => {
  expect(mayWrite(environment)).toBe(expected)
})
