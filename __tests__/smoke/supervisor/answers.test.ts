import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { respond } from '../../../src/smoke/supervisor/api.ts'
import type { ApiResponse } from '../../../src/smoke/supervisor/response.ts'
import { newSessionState } from '../../../src/smoke/supervisor/session-state.ts'
import { addon, admin } from './addon-fixture.ts'

const read = (file: string): string => readFileSync(new URL(`recorded/${file}`, import.meta.url), 'utf8')

interface Recorded {
  readonly m: string
  readonly p: string
  readonly d: string
  /** Status and type. */
  readonly s: string
  readonly b: string
}
const calls = read('api-answers.jsonl')
  .trim()
  .split('\n')
  .map((line): Recorded => JSON.parse(line))

/** The add-on that asked. */
const probe = addon(
  {
    ...admin,
    options: { message: 'Hello world...', flag: true },
    schema: { message: 'str?', flag: 'bool?' },
    services: ['mqtt:provide', 'mysql:want'],
    discovery: ['mqtt'],
    ports: new Map([['80/tcp', 8080]]),
    ingress: true,
  },
  {
    slug: 'probe',
    hostname: 'local-probe',
    name: 'Probe',
    architecture: 'amd64',
    options: { message: 'Hello world...', flag: true },
  },
)

/** What the mock answers otherwise on purpose, with the reason. A recorded 500, or a missing journal, comes from the recording. */
const deliberate: readonly (readonly [call: RegExp, reason: string])[] = [
  [/ 500$/, 'the recorder had no Home Assistant, network or D-Bus service for it'],
  [/\/logs(\/.*)? 400$/, 'the recorder had no journal'],
  [/^POST \/(core|homeassistant)\/check 400$/, 'the recorder had no folder to check'],
  [/^POST \/backups\/new\/(full|partial) 400$/, 'the recorder had frozen the system'],
  [/^GET \/addons\/(self|local_probe)\/info 200$/, 'the mock does not read the descriptions of ports'],
]

/** The first part of the answer that has another shape than the recorded one. */
function difference(ours: unknown, recorded: unknown, path = 'body'): string | undefined {
  if (recorded === null) return undefined
  if (Array.isArray(recorded)) {
    if (!Array.isArray(ours)) return `${path} is no list`
    if (recorded.length === 0) return undefined
    return ours
      .map((one, index) => {
        const all = recorded.map((other) => difference(one, other, `${path}.${index}`))
        return all.includes(undefined) ? undefined : all[0]
      })
      .find((one) => one !== undefined)
  }
  if (typeof ours !== typeof recorded || ours === null) return `${path} is ${ours === null ? 'null' : typeof ours}`
  if (typeof recorded !== 'object') return undefined
  const [a, b] = [ours as Record<string, unknown>, recorded as Record<string, unknown>]
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])]
  const other = keys.find((key) => !(key in a) || !(key in b))
  if (other !== undefined) return `${path}.${other} is ${other in a ? 'not recorded' : 'missing'}`
  return keys.map((key) => difference(a[key], b[key], `${path}.${key}`)).find((one) => one !== undefined)
}

function compare({ status, contentType, text }: ApiResponse, { s, b }: Recorded): string | undefined {
  if (`${status} ${contentType}` !== s) return `${status} ${contentType} instead of ${s}: ${text.slice(0, 200)}`
  if (!contentType.startsWith('application/json')) return undefined
  return difference(JSON.parse(text), JSON.parse(b))
}

test('the answers have the status and the shape of the recorded ones', () => {
  const session = newSessionState()
  const results = calls.map((call) => {
    const response = respond({ method: call.m, path: call.p, body: call.d }, probe, session)
    const key = `${call.m} ${call.p} ${call.s.slice(0, 3)}`
    const different = compare(response, call)
    return { key, different, intended: deliberate.some(([pattern]) => pattern.test(key)) }
  })
  const others = results.filter(({ different }) => different !== undefined)
  const wrong = others.filter(({ intended }) => !intended)
  const share = (100 * (calls.length - wrong.length)) / calls.length
  process.stdout.write(
    `answers: ${calls.length - others.length} of ${calls.length} agree, ${others.length - wrong.length} differ on purpose, ${wrong.length} differ (${share.toFixed(1)} % right)\n`,
  )
  expect(wrong.map(({ key, different }) => `${key}: ${different}`)).toEqual([])
  // A reason that no answer needs any more is to be removed.
  for (const [pattern, reason] of deliberate) {
    expect([reason, others.some(({ key }) => pattern.test(key))]).toEqual([reason, true])
  }
})

test('the routes of the real Supervisor are known', () => {
  const routes = (JSON.parse(read('routes.json')) as readonly (readonly [string, string])[]).filter(
    ([method]) => method !== 'HEAD',
  )
  const unknown = routes.filter(([method, path]) => {
    const filled = path
      .replace('{app}', 'self')
      .replace(/\{path\}/, 'states')
      .replace(/\{\w+\}/g, 'x')
    const request = { method: method === '*' ? 'GET' : method, path: filled, body: '{}' }
    const response = respond(request, probe, newSessionState())
    return response.unknown || response.status === 405
  })
  process.stdout.write(`routes: ${routes.length - unknown.length} of ${routes.length} are known\n`)
  expect(unknown).toEqual([])
})
