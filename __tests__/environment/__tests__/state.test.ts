import { describe, expect, test } from '@jest/globals'
import { decideEngine, type EngineState } from '../engine/state.ts'

const dead: EngineState = {
  answer: 'no',
  installed: true,
  daemon: 'none',
  containerd: 'none',
  systemd: false,
  rights: 'root',
}
const byScript = { do: 'start', by: 'script' } as const

describe('an engine', () => {
  test.each<[string, Partial<EngineState>, object]>([
    ['that answers is used', { answer: 'yes', daemon: 'alive', containerd: 'alive' }, { do: 'use' }],
    ['that answers is used, even if its pid file is stale', { answer: 'yes', daemon: 'gone' }, { do: 'use' }],
    ['that is remote and answers is used if none is installed', { answer: 'yes', installed: false }, { do: 'use' }],
    ['that never ran is started', {}, { ...byScript, clean: [] }],
    ['is started with sudo as well', { rights: 'sudo' }, { ...byScript, clean: [] }],
    ['is started by systemd if available', { systemd: true }, { do: 'start', by: 'systemd', clean: [] }],
    ['that left a pid file is started without it', { daemon: 'gone' }, { ...byScript, clean: ['pid-file'] }],
    [
      'that was killed is started after its containerd is stopped',
      { daemon: 'gone', containerd: 'alive' },
      { ...byScript, clean: ['pid-file', 'containerd'] },
    ],
    ['whose containerd has exited is started', { containerd: 'gone' }, { ...byScript, clean: ['containerd'] }],
    ['that runs and does not answer yet is waited for', { daemon: 'alive', containerd: 'alive' }, { do: 'wait' }],
    [
      'that denies access to this user is made accessible',
      { answer: 'denied', daemon: 'alive', rights: 'sudo' },
      { do: 'open' },
    ],
  ])('%s', (_, change, step) => {
    expect(decideEngine({ ...dead, ...change })).toEqual(step)
  })

  test('that still does not answer after the timeout is replaced', () => {
    expect(decideEngine({ ...dead, daemon: 'alive', containerd: 'alive' }, true)).toEqual({
      ...byScript,
      clean: ['daemon', 'pid-file', 'containerd'],
    })
  })

  test('that still does not answer after the timeout is kept if another run uses it', () => {
    const state: EngineState = { ...dead, daemon: 'alive', containerd: 'alive' }
    expect(decideEngine(state, true, true)).toEqual({ do: 'fail', because: expect.stringMatching(/another test run/) })
    expect(decideEngine({ ...state, daemon: 'gone' }, true, true)).toMatchObject({ do: 'start' })
    expect(decideEngine({ ...state, answer: 'yes' }, true, true)).toEqual({ do: 'use' })
  })

  test('that answers after the timeout is not restarted', () => {
    expect(decideEngine({ ...dead, answer: 'yes', daemon: 'alive' }, true)).toEqual({ do: 'use' })
  })

  test.each<[string, Partial<EngineState>, RegExp]>([
    ['is not installed', { installed: false }, /not installed/],
    ['does not run and may not be started', { rights: 'none' }, /may not start/],
    ['refuses a user who has no rights', { answer: 'denied', rights: 'none' }, /may not access/],
  ])('fails if it %s', (_, change, reason) => {
    expect(decideEngine({ ...dead, ...change })).toEqual({ do: 'fail', because: expect.stringMatching(reason) })
  })
})
