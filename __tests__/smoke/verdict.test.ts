import { describe, expect, test } from '@jest/globals'
import type { ContainerState } from '../../src/smoke/state.ts'
import { checksOf, verdictOf } from '../../src/smoke/verdict.ts'
import { judge, type Outcome } from '../../src/smoke/wait.ts'

const state = (changes: Partial<ContainerState> = {}): ContainerState => ({
  status: 'running',
  running: true,
  restarting: false,
  exitCode: 0,
  outOfMemory: false,
  error: '',
  pid: 7,
  restarts: 0,
  created: '',
  addresses: new Map(),
  ...changes,
})
const ended = (exitCode: number): ContainerState =>
  state({ status: 'exited', running: false, exitCode, startedAt: 1000, finishedAt: 3500 })
const setting = { deadlineMs: 60_000, readiness: 'HEALTHCHECK', emulated: false, startup: 'services', gates: new Map() }
const silent = { stdout: [], stderr: [] }
const reasonOf = (
  outcome: Outcome,
  said: Parameters<typeof checksOf>[1] = silent,
  changes: Partial<typeof setting> = {},
) => {
  const checks = checksOf(outcome, said, [], { ...setting, ...changes })
  return verdictOf(checks)
}

describe('what the state alone decides', () => {
  const once = [{ kind: 'ends', title: '', must: true }] as const
  test.each([
    ['gone', undefined, false, []],
    [undefined, state({ status: 'created', running: false }), false, []],
    [undefined, state(), true, []],
    ['ended', ended(0), false, []],
    ['ready', ended(0), false, once],
    ['ended', ended(1), false, once],
    ['out-of-memory', ended(137), true, once],
    ['restarting', state({ restarts: 1 }), false, []],
    ['restarting', state({ restarting: true }), false, []],
  ] as const)('is %s', (expected, seen, outOfMemory, signals) => {
    expect(judge(seen, outOfMemory, signals)).toBe(expected)
  })
})

describe('the reason', () => {
  test.each<[string, Outcome, boolean, string]>([
    [
      'ended',
      { kind: 'ended', state: ended(139), afterMs: 4000 },
      true,
      'ended after 2.5 s, exit code 139: segmentation fault (SIGSEGV)',
    ],
    [
      'ended well',
      { kind: 'ended', state: ended(0), afterMs: 4000 },
      true,
      'ended by itself after 2.5 s with exit code 0, though startup is "services" and not "once"',
    ],
    [
      'starved',
      { kind: 'out-of-memory', state: ended(137), afterMs: 4000 },
      true,
      'out of memory after 4 s, exit code 137: killed (SIGKILL)',
    ],
    [
      'late',
      {
        kind: 'late',
        missing: [{ kind: 'healthcheck', title: '', must: true }],
        said: 'why',
        afterMs: 60_000,
        state: state(),
      },
      true,
      'not ready within 1 min: why',
    ],
    [
      'well, but for the command',
      {
        kind: 'late',
        missing: [{ kind: 'command', title: '', must: true, command: 'x' }],
        said: 'smoke-command: exit code 1',
        tries: 10,
        afterMs: 9000,
        state: state(),
      },
      true,
      'not ready after 10 more tries, though everything else was: smoke-command: exit code 1',
    ],
    [
      'late by a weak sign',
      {
        kind: 'late',
        missing: [{ kind: 'tcp', title: '', must: false, ports: [1] }],
        said: 'port 1: connection refused',
        afterMs: 60_000,
        state: state(),
      },
      false,
      'stayed up for 1 min, but port 1: connection refused (1 to look at)',
    ],
    ['ready', { kind: 'ready', by: [], afterMs: 2100, state: state() }, false, 'HEALTHCHECK: 2.1 s after the start'],
    [
      'only stayed up',
      { kind: 'ready', by: [{ kind: 'stays-up', title: '', must: true, ms: 1 }], afterMs: 2100, state: state() },
      false,
      'HEALTHCHECK: nothing stronger to go by, such as a HEALTHCHECK, "watchdog" or "ports"',
    ],
    ['stopped by itself', { kind: 'stopped-itself', reason: 'asked', afterMs: 1, state: state() }, true, 'asked'],
    [
      'gone',
      { kind: 'gone', afterMs: 1000, state: undefined },
      true,
      'the container was removed from outside after 1 s',
    ],
  ])('of one that %s', (_, outcome, failed, reason) => {
    expect(reasonOf(outcome)).toEqual({ failed, reason })
  })

  test('names the entrypoint when docker-init could not execute it', () => {
    const stderr = ['[FATAL tini (7)] exec /nope failed: No such file or directory']
    expect(reasonOf({ kind: 'ended', state: ended(127), afterMs: 1 }, { stdout: [], stderr }).reason).toMatch(
      /^the entrypoint was not found: /,
    )
  })

  test('knows the words of s6-overlay that is not process 1', () => {
    const stderr = ['s6-overlay-suexec: fatal: can only run as pid 1']
    expect(reasonOf({ kind: 'ended', state: ended(100), afterMs: 1 }, { stdout: [], stderr }).reason).toMatch(
      /set "init: false"/,
    )
  })

  test('doubts the emulator where it complained', () => {
    const said = { ...silent, emulatorFault: 'qemu: uncaught target signal 11' }
    const outcome: Outcome = { kind: 'ended', state: ended(139), afterMs: 1 }
    expect(reasonOf(outcome, said, { emulated: true }).reason).toMatch(/fault of QEMU and not of the image/)
    expect(reasonOf(outcome, said).reason).not.toMatch(/QEMU/)
  })
})
