import { describe, expect, test } from '@jest/globals'
import { evaluateSupervisor, supervisor } from '../../../src/smoke/checks/supervisor.ts'
import { checkResult } from '../../../src/smoke/gates.ts'

const noGates = new Map()

describe('the Supervisor', () => {
  const network = { supervisor: { kind: 'gateway' }, hasSupervisorAddress: true, address: '172.30.32.2' } as const
  const session = { calls: ['GET /info → 200'], unknown: [], denied: [], stopRequest: undefined, close: () => {} }
  test.each([
    ['answered', session, network, false, 'pass', '1 distinct request, all answered, as by Supervisor 2026.08'],
    ['not used', { ...session, calls: [] }, network, false, 'pass', 'no requests'],
    [
      'elsewhere',
      session,
      { ...network, hasSupervisorAddress: false, address: '10.1.1.2' },
      false,
      'pass',
      "1 distinct request, all answered, as by Supervisor 2026.08 (at 10.1.1.2: another network of this machine uses the Supervisor's subnet)",
    ],
    ['asked to stop', { ...session, stopRequest: 'stop it' }, network, false, 'fail', 'stop it'],
    [
      'unknown requests',
      { ...session, unknown: ['GET /x', 'GET /y'] },
      network,
      false,
      'warn',
      'asked for 2 things that the mock does not know: GET /x, GET /y; it follows Supervisor 2026.08',
    ],
    [
      'not there',
      undefined,
      { ...network, supervisor: { kind: 'none', why: 'w' } as const },
      false,
      'skip',
      'the Supervisor mock could not be started: w',
    ],
    [
      'not there, but required',
      undefined,
      { ...network, supervisor: { kind: 'none', why: 'w' } as const },
      true,
      'fail',
      'the Supervisor mock could not be started: w',
    ],
    ['switched off', undefined, network, false, 'skip', 'disabled'],
  ] as const)('%s', (_, used, where, required, status, reason) => {
    expect(checkResult(supervisor, evaluateSupervisor(used, where, required), noGates)).toMatchObject({
      status,
      reason,
    })
  })

  test('that refuses a request fails if smoke-checks names the check', () => {
    const finding = evaluateSupervisor({ ...session, denied: ['GET /x: no'] }, network, false)
    expect(checkResult(supervisor, finding, noGates).status).toBe('warn')
    expect(checkResult(supervisor, finding, new Map([['supervisor', 'fail']])).status).toBe('fail')
  })

  test('that does not know a request never fails', () => {
    const finding = evaluateSupervisor({ ...session, unknown: ['GET /x'] }, network, false)
    expect(checkResult(supervisor, finding, new Map([['supervisor', 'fail']])).status).toBe('warn')
  })

  test('names the first few of two hundred refused requests', () => {
    const denied = Array.from({ length: 200 }, (_, index) => `GET /${index}: no`)
    const { reason } = evaluateSupervisor({ ...session, denied, unknown: denied }, network, false)
    expect(reason).toMatch(
      /^refused: GET \/0: no; .*; and 195 more, as by Supervisor 2026.08; asked for 200 things that the mock does not know: GET \/0: no, .*, and 195 more; it follows Supervisor 2026.08$/,
    )
  })
})
