import { describe, expect, test } from '@jest/globals'
import { evaluateSettling, settles } from '../../../src/smoke/checks/settles.ts'
import { readProcesses } from '../../../src/smoke/container/processes.ts'
import type { DeathVerdict } from '../../../src/smoke/container/service-deaths.ts'
import type { ContainerState } from '../../../src/smoke/container/state.ts'
import { checkResult } from '../../../src/smoke/gates.ts'

const noGates = new Map()
const silent = { stdout: [], stderr: [] }

const running = { running: true } as ContainerState
const evaluate = (state: ContainerState, observed: Partial<Parameters<typeof evaluateSettling>[1]>) =>
  checkResult(settles, evaluateSettling(state, { probes: [], samples: [], output: silent, ...observed }, 3000), noGates)
const probe = (exitCode: number) => ({ at: 0, durationMs: 1, exitCode, output: 'no' })

test('the reason says what ended, or failed again', () => {
  expect(evaluateSettling(undefined, { probes: [], samples: [], output: silent }, 3000)).toMatchObject({
    reason: 'was ready, and then its container was removed',
  })
  const again = [probe(0), { ...probe(7), output: '' }, { ...probe(7), output: '' }]
  expect(evaluate(running, { probes: again }).reason).toBe('HEALTHCHECK passed and then failed again: exit code 7')
  // It has never passed, so another sign of readiness decided.
  expect(evaluate(running, { probes: [probe(1), probe(1)] }).status).toBe('pass')
  expect(evaluate(running, { hasStayedUp: true }).reason).toBe('still works 3 s after the start')
})

test('an add-on settles if it keeps running, and its HEALTHCHECK does not fail again', () => {
  expect(evaluate(running, { probes: [probe(1), probe(0), probe(1)] }).status).toBe('pass')
  expect(evaluate(running, { probes: [probe(0), probe(1), probe(1)] })).toMatchObject({
    status: 'fail',
    reason: 'HEALTHCHECK passed and then failed again: no',
  })
  expect(evaluate({ ...running, running: false, exitCode: 2 }, {})).toMatchObject({
    status: 'fail',
    reason: 'was ready and then ended, exit code 2',
  })
})

describe('the ends of services decide', () => {
  const works = 'still works 3 s after it became ready'
  test.each<[string, string, DeathVerdict]>([
    ['pass', works, { kind: 'calm' }],
    ['pass', `${works}; why`, { kind: 'restarted', reason: 'why' }],
    ['warn', `${works}; why`, { kind: 'loops', reason: 'why' }],
    ['warn', `${works}; why`, { kind: 'unclear', reason: 'why', needsMs: 0 }],
    ['fail', 'why; it reported: FATAL: no broker', { kind: 'crash-loop', reason: 'why' }],
  ])('%s: %s', (status, reason, deaths) => {
    const output = { stdout: ['FATAL: no broker'], stderr: ['s6-rc: info: x'] }
    expect(evaluate(running, { deaths, output })).toMatchObject({ status, reason })
  })
  const samples = (supervisor: string) =>
    [11, 12, 13].map((pid) => readProcesses(`PID PPID UID MINFL COMMAND\n10 1 0 5 ${supervisor}\n${pid} 10 0 7 app\n`))

  test.each([
    ['process samples do, without records of s6', 's6-supervise web', undefined, 'fail'],
    ['records of s6 do, and not process samples', 's6-supervise web', { kind: 'calm' }, 'pass'],
    ['process samples do for another supervisor', 'runsv web', { kind: 'calm' }, 'fail'],
  ] as const)('%s', (_, supervisor, deaths, status) => {
    const found = evaluate(running, { samples: samples(supervisor), ...(deaths && { deaths }) })
    expect(found.status).toBe(status)
    if (status === 'fail')
      expect(found.reason).toBe(`crash loop: "${supervisor}" started its service 3 times during the test`)
  })
})
