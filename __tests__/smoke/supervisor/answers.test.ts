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
  [/ 500: /, 'the recorder had no Home Assistant, network or D-Bus service for it'],
  [/\/logs(\/.*)? 400: /, 'the recorder had no journal'],
  [/^POST \/(core|homeassistant)\/check 400: /, 'the recorder had no folder to check'],
  [/^POST \/backups\/new\/(full|partial) 400: /, 'the recorder had frozen the system'],
  [/info 200: body\.data\.network_description is null$/, 'the mock does not read the descriptions of ports'],
]

/** Where the answer has another shape than the recorded one. */
function differences(ours: unknown, recorded: unknown, path = 'body'): readonly string[] {
  if (recorded === null) return []
  if (Array.isArray(recorded)) {
    if (!Array.isArray(ours)) return [`${path} is no list`]
    if (recorded.length === 0) return []
    return ours.flatMap((one, index) => {
      const all = recorded.map((other) => differences(one, other, `${path}.${index}`))
      return all.find((found) => found.length === 0) ?? all[0] ?? []
    })
  }
  if (typeof ours !== typeof recorded || ours === null) return [`${path} is ${ours === null ? 'null' : typeof ours}`]
  if (typeof recorded !== 'object') return []
  const [a, b] = [ours as Record<string, unknown>, recorded as Record<string, unknown>]
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((key) => {
    if (!(key in a) || !(key in b)) return [`${path}.${key} is ${key in a ? 'not recorded' : 'missing'}`]
    return differences(a[key], b[key], `${path}.${key}`)
  })
}

function compare({ status, contentType, text }: ApiResponse, { s, b }: Recorded): readonly string[] {
  if (`${status} ${contentType}` !== s) return [`is ${status} ${contentType}`]
  return contentType.startsWith('application/json') ? differences(JSON.parse(text), JSON.parse(b)) : []
}

test('the answers have the status and the shape of the recorded ones', () => {
  const session = newSessionState()
  const results = calls.map((call) => {
    const response = respond({ method: call.m, path: call.p, body: call.d }, probe, session)
    const found = compare(response, call).map((one) => `${call.m} ${call.p} ${call.s.slice(0, 3)}: ${one}`)
    return { found, wrong: found.filter((one) => !deliberate.some(([pattern]) => pattern.test(one))) }
  })
  const others = results.filter(({ found }) => found.length > 0)
  const wrong = results.filter((one) => one.wrong.length > 0)
  const share = (100 * (calls.length - wrong.length)) / calls.length
  process.stdout.write(
    `answers: ${calls.length - others.length} of ${calls.length} agree, ${others.length - wrong.length} differ on purpose, ${wrong.length} differ (${share.toFixed(1)} % right)\n`,
  )
  expect(wrong.flatMap((one) => one.wrong)).toEqual([])
  // A reason that no answer needs any more is to be removed.
  for (const [pattern, reason] of deliberate) {
    expect([reason, others.some(({ found }) => found.some((one) => pattern.test(one)))]).toEqual([reason, true])
  }
})

test('the routes of the real Supervisor are known', () => {
  const routes = (JSON.parse(read('routes.json')) as readonly (readonly [string, string])[]).filter(
    ([method]) => method !== 'HEAD',
  )
  const unknown = routes.filter(([method, path]) => {
    const filled = path
      .replace('{app}', 'self')
      .replace(/\{path\}/, 'states/sensor.x')
      .replace(/\{\w+\}/g, 'x')
    const request = { method: method === '*' ? 'GET' : method, path: filled, body: '{}' }
    const response = respond(request, probe, newSessionState())
    return response.unknown || response.status === 405
  })
  process.stdout.write(`routes: ${routes.length - unknown.length} of ${routes.length} are known\n`)
  expect(unknown).toEqual([])
})
