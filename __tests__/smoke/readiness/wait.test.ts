import { describe, expect, test } from '@jest/globals'
import type { Host, ProcessResult } from '../../../src/core/host.ts'
import type { ContainerObserver } from '../../../src/smoke/container/observer.ts'
import type { ContainerState } from '../../../src/smoke/container/state.ts'
import type { ProbeResult } from '../../../src/smoke/readiness/probe.ts'
import { chooseReadinessSignals } from '../../../src/smoke/readiness/readiness.ts'
import { commandAttempts, waitForReady } from '../../../src/smoke/readiness/wait.ts'
import { runConfig } from '../../fixtures/target.ts'

const deadlineMs = 60_000
const healthcheck = {
  test: ['CMD', 'check'],
  intervalMs: 1,
  timeoutMs: 1,
  startPeriodMs: 1,
  startIntervalMs: 1,
  retries: 1,
}
const answer = (exitCode: number): ProcessResult => ({ exitCode, stdout: '', stderr: 'not there' })
const running = { status: 'running', running: true, restarting: false, restarts: 0, exitCode: 0 }

interface Container {
  /** The number of the first inspection that finds it healthy. */
  readonly healthyAt?: number
  /** The number of the first request that succeeds. */
  readonly answersAt?: number
  /** The number of the first attempt of the command that passes. */
  readonly passesAt?: number
}

/** Waits for a container that behaves as described, with a clock that moves with each wait. */
async function wait({ healthyAt, answersAt, passesAt = Number.POSITIVE_INFINITY }: Container) {
  let now = 0
  let inspections = 0
  let requests = 0
  /** Of each try of the command: whether everything else had passed before it. */
  const attempts: boolean[] = []
  const isHealthy = () => healthyAt === undefined || inspections >= healthyAt
  const hasAnswered = () => answersAt === undefined || requests >= answersAt
  const sleep = async (ms: number): Promise<void> => {
    now += ms
    await new Promise((resolve) => setImmediate(resolve))
  }
  const host = {
    clock: { now: () => now, sleep },
    signal: new AbortController().signal,
    processes: {
      exec: async () => {
        attempts.push(isHealthy() && hasAnswered())
        await sleep(100)
        return answer(attempts.length >= passesAt ? 0 : 1)
      },
    },
  } as unknown as Host
  const observer = {
    id: 'c',
    probes: [],
    outOfMemory: false,
    notify: () => {},
    waitForChange: sleep,
    async inspect() {
      inspections += 1
      const health = { status: isHealthy() ? 'healthy' : 'starting', probes: [] }
      return { ...running, ...(healthyAt !== undefined && { health }) } as unknown as ContainerState
    },
  } as unknown as ContainerObserver
  const http = async (): Promise<ProbeResult> => {
    requests += 1
    await sleep(100)
    return hasAnswered() ? { status: 200 } : { failed: 'refused' }
  }
  const inputs = { smokeCommand: 'check', ...(answersAt !== undefined && { smokeHttp: { port: 80, path: '/' } }) }
  const signals = chooseReadinessSignals(runConfig(), healthyAt === undefined ? {} : { healthcheck }, inputs, {
    staysUpMs: 1000,
  })
  const outcome = await waitForReady(
    observer,
    {
      signals,
      address: '172.17.0.2',
      prober: http,
      startedAt: 0,
      deadlineMs,
      mayBeRefused: false,
      stopRequest: () => undefined,
    },
    host,
  )
  return { outcome, attempts }
}

describe('smoke-command', () => {
  test.each<[string, Container]>([
    ['HEALTHCHECK', { healthyAt: 5 }],
    ['smoke-http', { answersAt: 5 }],
    ['HEALTHCHECK, and smoke-http later', { healthyAt: 2, answersAt: 9 }],
    ['smoke-http, and HEALTHCHECK later', { healthyAt: 9, answersAt: 2 }],
  ])('that fails is tried ten times more after %s, not until the time is over', async (_, container) => {
    const { outcome, attempts } = await wait(container)
    expect(outcome).toMatchObject({
      kind: 'not-ready',
      missing: [{ kind: 'command' }],
      detail: 'smoke-command: exit code 1: not there',
      attempts: commandAttempts,
    })
    expect(outcome.afterMs).toBeLessThan(deadlineMs)
    // It was tried before, too. One try may be under way when the last of the others passes, and one when it is given up.
    expect(attempts).toContain(false)
    expect(attempts.filter(Boolean).length).toBeGreaterThanOrEqual(commandAttempts)
    expect(attempts.filter(Boolean).length).toBeLessThanOrEqual(commandAttempts + 2)
  })

  test('that passes at the last of these attempts is ready', async () => {
    const { attempts: before } = await wait({ healthyAt: 5 })
    const { outcome } = await wait({ healthyAt: 5, passesAt: before.length })
    expect(outcome.kind).toBe('ready')
  })

  test.each<[string, Container]>([
    ['where there is nothing else to wait for', {}],
    ['while HEALTHCHECK has not passed', { healthyAt: Number.POSITIVE_INFINITY }],
    ['while smoke-http has not passed', { answersAt: Number.POSITIVE_INFINITY }],
  ])('is tried until the time is over %s', async (_, container) => {
    const { outcome, attempts } = await wait(container)
    expect(outcome).toMatchObject({ kind: 'not-ready' })
    expect(outcome).not.toHaveProperty('attempts')
    expect(outcome.afterMs).toBeGreaterThanOrEqual(deadlineMs)
    expect(attempts.length).toBeGreaterThan(commandAttempts)
  })
})
