import { describe, expect, test } from '@jest/globals'
import { decideCache, mayWrite } from '../../src/docker/cache-decision.ts'

const token = (claims: object) => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.`
const scope = (Permission: number) => ({ ac: JSON.stringify([{ Scope: 'refs/heads/main', Permission }]) })
const runner = (changes: Record<string, string> = {}) => ({
  ACTIONS_RUNTIME_TOKEN: token(scope(3)),
  ACTIONS_RESULTS_URL: 'http://127.0.0.1:1/',
  ACTIONS_CACHE_SERVICE_V2: 'true',
  ...changes,
})

describe('the cache of a run', () => {
  test('is the runner’s where it offers one and the user said nothing', () => {
    expect(decideCache({}, runner())).toEqual({ plan: { kinds: [{ kind: 'gha' }], write: true }, diagnostics: [] })
  })

  test('is none, without a word, where the runner offers none and the user asked for none', () => {
    expect(decideCache({}, {})).toEqual({ plan: { kinds: [], write: true }, diagnostics: [] })
  })

  test.each([
    ['no token', { ACTIONS_RUNTIME_TOKEN: '' }],
    ['no address', { ACTIONS_RESULTS_URL: '' }],
    ['only the service that is gone', { ACTIONS_CACHE_SERVICE_V2: '' }],
    ['a value that buildx does not take for true', { ACTIONS_CACHE_SERVICE_V2: 'yes' }],
  ])('says once why there is none when it was asked for and the runner has %s', (_, changes) => {
    const { plan, diagnostics } = decideCache({ cache: [{ kind: 'gha' }, { kind: 'inline' }] }, runner(changes))
    expect(plan.kinds).toEqual([{ kind: 'inline' }])
    expect(diagnostics).toEqual([expect.objectContaining({ severity: 'notice', code: 'cache/not-offered' })])
  })

  test('is read only, with one notice, where the token may not write', () => {
    const { plan, diagnostics } = decideCache({}, runner({ ACTIONS_RUNTIME_TOKEN: token(scope(1)) }))
    expect(plan).toEqual({ kinds: [{ kind: 'gha' }], write: true, readOnly: ['gha'] })
    expect(diagnostics.map(({ code }) => code)).toEqual(['cache/read-only'])
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
