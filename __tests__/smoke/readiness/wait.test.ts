import { describe, expect, test } from '@jest/globals'
import type { Host, ProcessResult } from '../../../src/core/host.ts'
import type { Watch } from '../../../src/smoke/container/container-watch.ts'
import type { ContainerState } from '../../../src/smoke/container/state.ts'
import type { Seen } from '../../../src/smoke/readiness/probe.ts'
import { chooseSignals } from '../../../src/smoke/readiness/readiness.ts'
import { triesOnceHealthy, waitForReady } from '../../../src/smoke/readiness/wait.ts'
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
  /** Which look of the daemon at the container is the first that finds it healthy. */
  readonly healthyAt?: number
  /** Which request is the first that is answered well. */
  readonly answersAt?: number
  /** Which try of the command is the first that passes. */
  readonly passesAt?: number
}

/** Waits as for a container that does what it is told here, by a clock that moves with each wait. */
async function wait({ healthyAt, answersAt, passesAt = Number.POSITIVE_INFINITY }: Container) {
  let now = 0
  let looks = 0
  let requests = 0
  /** Of each try of the command: whether everything else had passed before it. */
  const tries: boolean[] = []
  const isHealthy = () => healthyAt === undefined || looks >= healthyAt
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
        tries.push(isHealthy() && hasAnswered())
        await sleep(100)
        return answer(tries.length >= passesAt ? 0 : 1)
      },
    },
  } as unknown as Host
  const watch = {
    id: 'c',
    probes: [],
    outOfMemory: false,
    nudge: () => {},
    change: sleep,
    async look() {
      looks += 1
      const health = { status: isHealthy() ? 'healthy' : 'starting', probes: [] }
      return { ...running, ...(healthyAt !== undefined && { health }) } as unknown as ContainerState
    },
  } as unknown as Watch
  const http = async (): Promise<Seen> => {
    requests += 1
    await sleep(100)
    return hasAnswered() ? { status: 200 } : { failed: 'refused' }
  }
  const asked = { smokeCommand: 'check', ...(answersAt !== undefined && { smokeHttp: { port: 80, path: '/' } }) }
  const signals = chooseSignals(runConfig(), healthyAt === undefined ? {} : { healthcheck }, asked, 1000)
  const prober = { http, tcp: http }
  const outcome = await waitForReady(
    watch,
    {
      signals,
      address: '172.17.0.2',
      prober,
      startedAt: 0,
      deadlineMs,
      mayBeRefused: false,
      stopAsked: () => undefined,
    },
    host,
  )
  return { outcome, tries }
}

describe('smoke-command', () => {
  test.each<[string, Container]>([
    ['HEALTHCHECK', { healthyAt: 5 }],
    ['smoke-http', { answersAt: 5 }],
    ['HEALTHCHECK, and smoke-http later', { healthyAt: 2, answersAt: 9 }],
    ['smoke-http, and HEALTHCHECK later', { healthyAt: 9, answersAt: 2 }],
  ])('that fails is tried ten times more after %s, not until the time is over', async (_, container) => {
    const { outcome, tries } = await wait(container)
    expect(outcome).toMatchObject({
      kind: 'late',
      missing: [{ kind: 'command' }],
      said: 'smoke-command: exit code 1: not there',
      tries: triesOnceHealthy,
    })
    expect(outcome.afterMs).toBeLessThan(deadlineMs)
    // It was tried before, too. One try may be under way when the last of the others passes, and one when it is given up.
    expect(tries).toContain(false)
    expect(tries.filter(Boolean).length).toBeGreaterThanOrEqual(triesOnceHealthy)
    expect(tries.filter(Boolean).length).toBeLessThanOrEqual(triesOnceHealthy + 2)
  })

  test('that passes at the last of these tries is ready', async () => {
    const { tries: before } = await wait({ healthyAt: 5 })
    const { outcome } = await wait({ healthyAt: 5, passesAt: before.length })
    expect(outcome.kind).toBe('ready')
  })

  test.each<[string, Container]>([
    ['where there is nothing else to wait for', {}],
    ['while HEALTHCHECK has not passed', { healthyAt: Number.POSITIVE_INFINITY }],
    ['while smoke-http has not passed', { answersAt: Number.POSITIVE_INFINITY }],
  ])('is tried until the time is over %s', async (_, container) => {
    const { outcome, tries } = await wait(container)
    expect(outcome).toMatchObject({ kind: 'late' })
    expect(outcome).not.toHaveProperty('tries')
    expect(outcome.afterMs).toBeGreaterThanOrEqual(deadlineMs)
    expect(tries.length).toBeGreaterThan(triesOnceHealthy)
  })
})
