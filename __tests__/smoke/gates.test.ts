import { describe, expect, test } from '@jest/globals'
import { checks } from '../../src/smoke/checks/all.ts'
import { readOnly } from '../../src/smoke/checks/read-only.ts'
import { stops } from '../../src/smoke/checks/stops.ts'
import { checkResult, gateOf, pass, unmet } from '../../src/smoke/gates.ts'

describe('a gate', () => {
  test.each([
    ['the default of the check', undefined, 'warn'],
    ['the gate of the input', 'fail', 'fail'],
    ['skip, if the check is off', 'off', 'skip'],
  ] as const)('turns a check that is not met into %s', (_, gate, status) => {
    expect(checkResult(stops, unmet(''), new Map(gate ? [['stops', gate]] : [])).status).toBe(status)
  })

  test('does not change a check that is met', () => {
    expect(checkResult(stops, pass(''), new Map([['stops', 'fail']])).status).toBe('pass')
  })

  test('belongs to the check with its name', () => {
    expect(gateOf(readOnly, new Map([['read-only', 'fail']]))).toBe('fail')
    expect(gateOf(readOnly, new Map([['stops', 'fail']]))).toBe('warn')
  })
})

test('the names and default gates of the checks are stable', () => {
  expect(Object.fromEntries(checks.map(({ name, defaultGate }) => [name, defaultGate]))).toEqual({
    options: 'fail',
    files: 'fail',
    architecture: 'fail',
    starts: 'fail',
    healthy: 'fail',
    'probe-time': 'warn',
    startup: 'warn',
    memory: 'fail',
    settles: 'fail',
    sockets: 'warn',
    user: 'warn',
    init: 'warn',
    supervisor: 'fail',
    log: 'warn',
    hardware: 'warn',
    stops: 'warn',
    restart: 'warn',
    'read-only': 'warn',
    capabilities: 'warn',
    network: 'warn',
  })
})
