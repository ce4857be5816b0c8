import { describe, expect, test } from '@jest/globals'
import { createProgress } from '../../src/build/progress.ts'
import { readStatus } from '../../src/build/rawjson.ts'

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, 0) + seconds * 1000).toISOString()
const base64 = (text: string) => Buffer.from(text).toString('base64')

function run(...statuses: (object | string)[]) {
  const shown: string[] = []
  const progress = createProgress('addon/Dockerfile', (line) => shown.push(line))
  for (const one of statuses) {
    const line = typeof one === 'string' ? one : JSON.stringify(one)
    const status = readStatus(line)
    if (status) progress.onStatus(status)
    else progress.onPlainLine(line)
  }
  return { shown, progress }
}

const vertex = (digest: string, name: string, from: number, to?: number, more = {}) => ({
  vertexes: [{ digest, name, started: at(from), ...(to !== undefined && { completed: at(to) }), ...more }],
})

describe('build progress', () => {
  test('shows each step once, with its log, its time and whether it came from the cache', () => {
    const { shown } = run(
      vertex('a', '[1/2] FROM base', 0, 0),
      vertex('b', '[2/2] RUN make', 0),
      { logs: [{ vertex: 'b', stream: 1, data: base64('compiling\nlink') }] },
      { logs: [{ vertex: 'b', stream: 1, data: base64('ing\n') }] },
      vertex('b', '[2/2] RUN make', 0, 2.5),
      vertex('c', '[3/3] COPY . .', 3, 3, { cached: true }),
    )
    expect(shown).toEqual([
      '#1 [1/2] FROM base',
      '#1 DONE 0.0s',
      '#2 [2/2] RUN make',
      '#2 compiling',
      '#2 linking',
      '#2 DONE 2.5s',
      '#3 [3/3] COPY . .',
      '#3 CACHED',
    ])
  })

  test('keeps only the last state of a line that a program redraws', () => {
    const { shown } = run(vertex('a', '[1/1] RUN wget', 0), {
      logs: [{ vertex: 'a', data: base64(' 10%\r 50%\r100%\n') }],
    })
    expect(shown.at(-1)).toBe('#1 100%')
  })

  test('counts instructions of the Dockerfile only as cache hits and misses', () => {
    const { progress } = run(
      vertex('i', '[internal] load build context', 0, 1),
      vertex('f', '[1/3] FROM base', 0, 1, { cached: true }),
      vertex('a', '[builder 2/3] RUN a', 0, 4, { cached: true }),
      vertex('b', '[3/3] RUN b', 0, 9),
      vertex('e', 'exporting to image', 0, 20),
    )
    expect(progress.cache()).toEqual({ hits: 1, total: 2 })
    expect(progress.steps()).toEqual([
      { name: '[3/3] RUN b', durationMs: 9000, cached: false },
      { name: '[builder 2/3] RUN a', durationMs: 4000, cached: true },
    ])
  })

  test('a failed build names the reason and the line of the Dockerfile, as buildx prints them', () => {
    const { progress } = run(
      vertex('a', '[2/2] RUN false', 0, 1, {
        error: 'process "/bin/sh -c false" did not complete successfully: exit code: 1',
      }),
      'Dockerfile:4',
      '--------------------',
      '   4 | >>> RUN false',
      '--------------------',
      'ERROR: failed to build: failed to solve: process "/bin/sh -c false" did not complete successfully: exit code: 1',
    )
    expect(progress.failure()).toEqual({
      reason: 'process "/bin/sh -c false" did not complete successfully: exit code: 1',
      where: { file: 'addon/Dockerfile', line: 4, column: 1 },
    })
  })

  test('a failure before any step still has a reason', () => {
    expect(run('ERROR: no builder "x" found').progress.failure()).toEqual({ reason: 'no builder "x" found' })
    expect(run().progress.failure().reason).toMatch(/without an error message/)
  })

  test('Dockerfile checks become warnings at their line, each once', () => {
    const check = {
      vertex: 'a',
      short: base64("StageNameCasing: Stage name 'X' should be lowercase (line 7)"),
      detail: [base64('Stage names should be lowercase')],
      url: 'https://docs.docker.com/go/dockerfile/rule/stage-name-casing/',
      range: [{ start: { line: 7 }, end: { line: 7 } }],
    }
    const { progress } = run({ warnings: [check] }, { warnings: [check] })
    expect(progress.warnings()).toEqual([
      {
        severity: 'warning',
        code: 'dockerfile/StageNameCasing',
        message: "Stage name 'X' should be lowercase.",
        remedy: 'See https://docs.docker.com/go/dockerfile/rule/stage-name-casing/',
        where: { file: 'addon/Dockerfile', line: 7, column: 1 },
      },
    ])
  })

  test('a line that only looks like JSON is shown as it is', () => {
    expect(run('{broken').shown).toEqual(['{broken'])
  })

  test('the tail holds the last lines only, however long the log was', () => {
    const { progress } = run(...Array.from({ length: 500 }, (_, index) => `line ${index}`))
    expect(progress.tail()).toHaveLength(40)
    expect(progress.tail().at(-1)).toBe('line 499')
  })
})
