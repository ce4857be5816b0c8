import { describe, expect, test } from '@jest/globals'
import { readImage } from '../../../src/smoke/container/image.ts'
import { readState } from '../../../src/smoke/container/state.ts'

describe('the output of docker inspect', () => {
  test('of a container', () => {
    const text = JSON.stringify([
      {
        Created: '2026-01-01T00:00:00.5Z',
        RestartCount: 0,
        State: {
          Status: 'exited',
          Running: false,
          OOMKilled: true,
          ExitCode: 137,
          StartedAt: '2026-01-01T00:00:01Z',
          FinishedAt: '0001-01-01T00:00:00Z',
          Health: {
            Status: 'unhealthy',
            Log: [{ Start: '2026-01-01T00:00:02Z', End: '2026-01-01T00:00:02.25Z', ExitCode: 1, Output: 'no\n' }],
          },
        },
        NetworkSettings: { Networks: { a: { IPAddress: '172.30.33.1' }, b: { IPAddress: '' } } },
      },
    ])
    const state = readState(text)
    expect(state).toMatchObject({
      exitCode: 137,
      outOfMemory: true,
      startedAt: Date.UTC(2026, 0, 1, 0, 0, 1),
      health: { status: 'unhealthy', probes: [{ durationMs: 250, exitCode: 1, output: 'no' }] },
      addresses: new Map([['a', '172.30.33.1']]),
    })
    expect(state?.finishedAt).toBeUndefined()
  })
  test.each(['', '[]', 'Error', '{}', '[null]'])('of nothing: %j', (text) => {
    expect(readState(text)).toBeUndefined()
    expect(readImage(text)).toBeUndefined()
  })
  test.each([
    [undefined, undefined],
    [{ Test: ['NONE'] }, undefined],
    [{ Test: [] }, undefined],
    [{ Test: ['CMD', 'x'] }, { intervalMs: 30_000, timeoutMs: 30_000, startPeriodMs: 0, retries: 3 }],
    [
      { Test: ['CMD', 'x'], Interval: 5e9, Retries: 9, StartPeriod: 1e9 },
      { intervalMs: 5000, retries: 9, startPeriodMs: 1000 },
    ],
  ])('of an image with HEALTHCHECK %j', (Healthcheck, expected) => {
    const image = readImage(JSON.stringify([{ Id: 'sha256:1', Config: { Healthcheck, Env: ['A=b=c', 'D'] } }]))
    if (expected) expect(image?.healthcheck).toMatchObject(expected)
    else expect(image?.healthcheck).toBeUndefined()
    expect(image?.environment).toEqual(
      new Map([
        ['A', 'b=c'],
        ['D', ''],
      ]),
    )
  })
})
