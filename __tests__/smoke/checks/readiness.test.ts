import { describe, expect, test } from '@jest/globals'
import { checksOfOutcome } from '../../../src/smoke/checks/readiness.ts'
import type { ContainerState } from '../../../src/smoke/container/state.ts'
import { lacksOnlyInferredSignals, outcomeOfState, type WaitOutcome } from '../../../src/smoke/readiness/wait.ts'
import { verdictOf } from '../../../src/smoke/verdict.ts'

const state = (changes: Partial<ContainerState> = {}): ContainerState => ({
  status: 'running',
  running: true,
  restarting: false,
  exitCode: 0,
  outOfMemory: false,
  pid: 7,
  restarts: 0,
  created: '',
  addresses: new Map(),
  ...changes,
})
const ended = (exitCode: number): ContainerState =>
  state({ status: 'exited', running: false, exitCode, startedAt: 1000, finishedAt: 3500 })
const settings = {
  deadlineMs: 60_000,
  readiness: 'HEALTHCHECK',
  emulated: false,
  startup: 'services',
  gates: new Map(),
}
const silent = { stdout: [], stderr: [], emulatorFault: undefined }
const reasonOf = (
  outcome: WaitOutcome,
  said: Parameters<typeof checksOfOutcome>[1] = silent,
  changes: Partial<typeof settings> = {},
) => {
  const checks = checksOfOutcome(outcome, said, [], { ...settings, ...changes })
  return verdictOf(checks)
}

describe('the outcome by state', () => {
  const once = [{ kind: 'ends', title: '', required: true }] as const
  const byHand = [{ kind: 'stays-up', title: '', required: true, ms: 1, mayEnd: true }] as const
  test.each([
    ['gone', undefined, false, []],
    [undefined, state({ status: 'created', running: false }), false, []],
    [undefined, state(), true, []],
    ['ended', ended(0), false, []],
    ['ready', ended(0), false, once],
    ['ended', ended(1), false, once],
    ['ready', ended(0), false, byHand],
    ['ended', ended(1), false, byHand],
    ['ended', ended(0), false, [{ kind: 'stays-up', title: '', required: true, ms: 1 }]],
    ['out-of-memory', ended(137), true, once],
    ['restarting', state({ restarts: 1 }), false, []],
    ['restarting', state({ restarting: true }), false, []],
  ] as const)('is %s', (expected, seen, outOfMemory, signals) => {
    expect(outcomeOfState(seen, outOfMemory, signals)).toBe(expected)
  })
})

describe('the reason', () => {
  test.each<[string, WaitOutcome, boolean, string]>([
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
        kind: 'not-ready',
        missing: [{ kind: 'healthcheck', title: '', required: true }],
        detail: 'why',
        afterMs: 60_000,
        state: state(),
      },
      true,
      'not ready within 1 min: why',
    ],
    [
      'well, but for the command',
      {
        kind: 'not-ready',
        missing: [{ kind: 'command', title: '', required: true, command: 'x' }],
        detail: 'smoke-command: exit code 1',
        attempts: 10,
        afterMs: 9000,
        state: state(),
      },
      true,
      'not ready after 10 more attempts, although every other signal was positive: smoke-command: exit code 1',
    ],
    [
      'late by a weak sign',
      {
        kind: 'not-ready',
        missing: [{ kind: 'tcp', title: '', required: false, ports: [1] }],
        detail: 'port 1: connection refused',
        afterMs: 60_000,
        state: state(),
      },
      false,
      'stayed up for 1 min, but port 1: connection refused (1 warning)',
    ],
    [
      'ready',
      { kind: 'ready', signals: [], afterMs: 2100, state: state() },
      false,
      'HEALTHCHECK: 2.1 s after the start',
    ],
    [
      'a task that has ended',
      {
        kind: 'ready',
        signals: [{ kind: 'stays-up', title: '', required: true, ms: 1, mayEnd: true }],
        afterMs: 2100,
        state: ended(0),
      },
      false,
      'ended by itself after 2.5 s with exit code 0, as an add-on may that a user starts (boot: manual)',
    ],
    [
      'only stayed up',
      {
        kind: 'ready',
        signals: [{ kind: 'stays-up', title: '', required: true, ms: 1 }],
        afterMs: 2100,
        state: state(),
      },
      false,
      'HEALTHCHECK; there is no better sign, such as a HEALTHCHECK, "watchdog" or "ports"',
    ],
    ['stopped by itself', { kind: 'stop-requested', reason: 'asked', afterMs: 1, state: state() }, true, 'asked'],
    [
      'stopped by itself without a word',
      { kind: 'stop-requested', afterMs: 1, state: state() },
      true,
      'the add-on asked the Supervisor to stop it',
    ],
    ['restarts', { kind: 'restarting', state: ended(1), afterMs: 1 }, true, 'restarts again and again, exit code 1'],
    [
      'restarts and cannot be inspected',
      { kind: 'restarting', state: undefined, afterMs: 1 },
      true,
      'restarts again and again, exit code 0: ended without an error',
    ],
    [
      'starved and cannot be inspected',
      { kind: 'out-of-memory', state: undefined, afterMs: 900 },
      true,
      'out of memory after 900 ms, exit code 137: killed (SIGKILL)',
    ],
    [
      'starved, with an exit code of its own',
      { kind: 'out-of-memory', state: ended(1), afterMs: 900 },
      true,
      'out of memory after 900 ms, exit code 1',
    ],
    [
      'ended and cannot be inspected',
      { kind: 'ended', state: undefined, afterMs: 4000 },
      true,
      'ended by itself after 4 s with exit code 0, though startup is "services" and not "once"',
    ],
    ['gone', { kind: 'gone', afterMs: 1000, state: undefined }, true, 'something else removed the container after 1 s'],
  ])('of one that %s', (_, outcome, failed, reason) => {
    expect(reasonOf(outcome)).toEqual({ failed, reason })
  })

  test('of an add-on that exits as startup requires is that it ended', () => {
    const outcome: WaitOutcome = { kind: 'ended', state: ended(0), afterMs: 1 }
    expect(reasonOf(outcome, silent, { startup: 'once' }).reason).toBe('ended by itself after 2.5 s with exit code 0')
  })

  test('of an add-on with a service that failed is that service, whatever the exit code of the container', () => {
    const failed = { service: 'lets-encrypt', exitCode: 1 }
    const said = { ...silent, stdout: ['FATAL: no domain'], stderr: ['s6-rc: info: service x successfully stopped'] }
    for (const kind of ['ready', 'ended'] as const) {
      const outcome: WaitOutcome = { kind, signals: [], state: ended(0), afterMs: 1 }
      expect(verdictOf(checksOfOutcome(outcome, said, [], { ...settings, startup: 'once', failed }))).toEqual({
        failed: true,
        reason:
          'ended after 2.5 s, because its service "lets-encrypt" failed, exit code 1; it reported: FATAL: no domain',
      })
    }
  })

  test('of an add-on that is not ready in time quotes the line that explains, and no other', () => {
    const missing = [{ kind: 'healthcheck', title: '', required: true }] as const
    const outcome: WaitOutcome = { kind: 'not-ready', missing, detail: 'why', afterMs: 60_000, state: state() }
    const said = (line: string) => ({ ...silent, stdout: [line, 'out'] })
    expect(reasonOf(outcome, said('FATAL: no')).reason).toBe('not ready within 1 min: why; it reported: FATAL: no')
    expect(reasonOf(outcome, said('up')).reason).toBe('not ready within 1 min: why')
  })

  test('mentions emulation with the deadline', () => {
    const missing = [{ kind: 'healthcheck', title: '', required: true }] as const
    const outcome: WaitOutcome = { kind: 'not-ready', missing, detail: 'why', afterMs: 60_000, state: state() }
    expect(reasonOf(outcome, silent, { emulated: true }).reason).toBe('not ready within 1 min (emulated): why')
  })

  test.each<[string, readonly string[], readonly string[], string]>([
    ['the last line of stderr', ['out'], ['first', 'no config'], '; its last line: no config'],
    ['without the spaces around it', [], ['\t Error \t'], '; its last line: Error'],
    ['the line that explains', ['Error: no config', 'out'], ['bye'], '; it reported: Error: no config'],
    ['of stdout, where stderr is silent', ['first', 'out'], [' '], '; its last line: out'],
    ['no line, where there is none', [], [], ''],
    ['200 characters at most', [], ['x'.repeat(300)], `; its last line: ${'x'.repeat(200)}`],
  ])('of a program that failed quotes %s', (_, stdout, stderr, quoted) => {
    const outcome: WaitOutcome = { kind: 'ended', state: ended(1), afterMs: 1 }
    expect(reasonOf(outcome, { ...silent, stdout, stderr }).reason).toBe(`ended after 2.5 s, exit code 1${quoted}`)
  })

  test.each<[string, Partial<ContainerState>, string]>([
    ['by the clock of the daemon', { startedAt: 1000, finishedAt: 3500 }, '2.5 s'],
    ['by ours, where the daemon does not know the start', { finishedAt: 3500 }, '4 s'],
    ['by ours, where the daemon does not know the end', { startedAt: 1000 }, '4 s'],
    ['as nothing, where the clock was set back', { startedAt: 3500, finishedAt: 1000 }, '0 ms'],
  ])('counts how long it ran %s', (_, times, lasted) => {
    const outcome: WaitOutcome = { kind: 'ended', state: state({ exitCode: 1, ...times }), afterMs: 4000 }
    expect(reasonOf(outcome).reason).toBe(`ended after ${lasted}, exit code 1`)
  })

  test.each<[string, number, string, string]>([
    ['126', 126, '[FATAL tini (7)] exec /run.sh failed: Permission denied', 'the entrypoint is not executable: '],
    ['127', 127, '[FATAL tini (7)] exec /run.sh failed: No such file', 'the container could not be started: '],
    ['another, in words', 1, 'exec /run.sh: Exec format error', 'the entrypoint is built for another architecture'],
    ['another, without words', 1, '[FATAL tini (7)] something', 'ended after 2.5 s, exit code 1; it reported: [FATAL'],
    ['0', 0, 'exec /run.sh: exec format error', 'ended by itself after 2.5 s with exit code 0'],
  ])('of an entrypoint that cannot run, with exit code %s', (_, code, line, beginning) => {
    for (const said of [
      { stdout: [line], stderr: [] },
      { stdout: [], stderr: [line] },
    ])
      expect(
        reasonOf({ kind: 'ended', state: ended(code), afterMs: 1 }, { ...silent, ...said }).reason.slice(
          0,
          beginning.length,
        ),
      ).toBe(beginning)
  })

  test('names the entrypoint when docker-init could not execute it', () => {
    const stderr = ['[FATAL tini (7)] exec /nope failed: No such file or directory']
    expect(reasonOf({ kind: 'ended', state: ended(127), afterMs: 1 }, { ...silent, stderr }).reason).toMatch(
      /^the entrypoint was not found: /,
    )
  })

  test('knows the words of s6-overlay that is not process 1', () => {
    const stderr = ['s6-overlay-suexec: fatal: can only run as pid 1']
    expect(reasonOf({ kind: 'ended', state: ended(100), afterMs: 1 }, { ...silent, stderr }).reason).toMatch(
      /set "init: false"/,
    )
  })

  test('mentions the emulator if it reported an error', () => {
    const said = { ...silent, emulatorFault: 'qemu: uncaught target signal 11' }
    const outcome: WaitOutcome = { kind: 'ended', state: ended(139), afterMs: 1 }
    const reason = 'ended after 2.5 s, exit code 139: segmentation fault (SIGSEGV)'
    expect(reasonOf(outcome, said, { emulated: true }).reason).toBe(
      `${reason}. The emulator reported "qemu: uncaught target signal 11": this may be a fault of QEMU and not of the image`,
    )
    expect(reasonOf(outcome, said).reason).toBe(reason)
    expect(reasonOf(outcome, silent, { emulated: true }).reason).toBe(reason)
  })

  test('ends with what may be behind a failure, and only of a failure', () => {
    const hint = '. Look there.'
    const gone: WaitOutcome = { kind: 'gone', afterMs: 1000, state: undefined }
    const ready: WaitOutcome = { kind: 'ready', signals: [], afterMs: 2100, state: state() }
    expect(checksOfOutcome(gone, silent, [], { ...settings, hint })[0]?.reason).toMatch(/ after 1 s\. Look there\.$/)
    expect(checksOfOutcome(ready, silent, [], { ...settings, hint }).map(({ reason }) => reason)).toEqual([
      'started',
      'HEALTHCHECK: 2.1 s after the start',
    ])
  })
})

describe('the checks', () => {
  const ready: WaitOutcome = {
    kind: 'ready',
    signals: [{ kind: 'healthcheck', title: '', required: true }],
    afterMs: 2100,
    state: state(),
  }
  const missing = [{ kind: 'tcp', title: '', required: false, ports: [1] }] as const
  const late: WaitOutcome = { kind: 'not-ready', missing, detail: 'why', afterMs: 60_000, state: state() }
  const started = { name: 'starts', status: 'pass', reason: 'started' }

  test.each<[string, WaitOutcome, string, readonly object[]]>([
    [
      'of one that is ready',
      ready,
      'services',
      [started, { name: 'healthy', status: 'pass', reason: 'HEALTHCHECK: 2.1 s after the start', durationMs: 2100 }],
    ],
    [
      'of one that ended, as it should',
      ready,
      'once',
      [
        { ...started, reason: 'started and ended by itself' },
        { name: 'healthy', status: 'pass', reason: 'HEALTHCHECK: 2.1 s after the start', durationMs: 2100 },
      ],
    ],
    [
      'of one that misses only what was inferred',
      late,
      'services',
      [started, { name: 'healthy', status: 'warn', reason: 'stayed up for 1 min, but why', durationMs: 60_000 }],
    ],
    [
      'of one that misses what must be',
      { ...late, missing: [...missing, { kind: 'healthcheck', title: '', required: true }] },
      'services',
      [started, { name: 'healthy', status: 'fail', reason: 'not ready within 1 min: why', durationMs: 60_000 }],
    ],
    [
      'of one that restarts',
      { kind: 'restarting', state: ended(1), afterMs: 900.4 },
      'services',
      [{ name: 'starts', status: 'fail', reason: 'restarts again and again, exit code 1', durationMs: 900 }],
    ],
    [
      'of one that the Supervisor stops',
      { kind: 'stop-requested', reason: 'asked', afterMs: 1, state: state() },
      'services',
      [{ name: 'supervisor', status: 'fail', reason: 'asked', durationMs: 1 }],
    ],
    [
      'of one that starved',
      { kind: 'out-of-memory', state: ended(137), afterMs: 1000 },
      'services',
      [
        {
          name: 'memory',
          status: 'fail',
          reason: 'out of memory after 1 s, exit code 137: killed (SIGKILL)',
          durationMs: 1000,
        },
      ],
    ],
    [
      'of one that was removed',
      { kind: 'gone', afterMs: 1000, state: undefined },
      'services',
      [
        {
          name: 'starts',
          status: 'fail',
          reason: 'something else removed the container after 1 s',
          durationMs: 1000,
        },
      ],
    ],
  ])('%s', (_, outcome, startup, expected) => {
    expect(checksOfOutcome(outcome, silent, [], { ...settings, startup })).toEqual(expected)
  })

  test('have no duration where nothing waited', () => {
    expect(checksOfOutcome(ready, silent, [], settings)[0]).not.toHaveProperty('durationMs')
  })

  test.each([
    [[], ''],
    [[300], ', 1 probe, the slowest 300 ms'],
    [[300, 1200, 5], ', 3 probes, the slowest 1.2 s'],
  ])('of a HEALTHCHECK that took %j name the slowest probe', (durations, words) => {
    const probes = durations.map((durationMs) => ({ at: 0, durationMs, exitCode: 0, output: '' }))
    const [, healthy] = checksOfOutcome(ready, silent, probes as never, settings)
    expect(healthy?.reason).toBe(`HEALTHCHECK: 2.1 s after the start${words}`)
  })

  test('that are off are skipped', () => {
    const gates = new Map([['healthy', 'off']] as const)
    const outcome: WaitOutcome = { ...late, missing: [{ kind: 'healthcheck', title: '', required: true }] }
    expect(checksOfOutcome(outcome, silent, [], { ...settings, gates })[1]).toMatchObject({
      name: 'healthy',
      status: 'skip',
    })
  })

  test('know whether only inferred signals are missing', () => {
    expect(lacksOnlyInferredSignals(late)).toBe(true)
    expect(
      lacksOnlyInferredSignals({ ...late, missing: [...missing, { kind: 'healthcheck', title: '', required: true }] }),
    ).toBe(false)
    expect(lacksOnlyInferredSignals(ready)).toBe(false)
  })
})
