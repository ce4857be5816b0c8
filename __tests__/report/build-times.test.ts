import { describe, expect, test } from '@jest/globals'
import type { BuildResult } from '../../src/docker/result.ts'
import { buildSection, emulatedSteps, sentenceOf } from '../../src/report/build-times.ts'
import { renderComment } from '../../src/report/comment.ts'
import { renderHtml } from '../../src/report/html/render.ts'
import { rowsOf } from '../../src/report/rows.ts'
import { renderSummary } from '../../src/report/summary.ts'
import { addon, built, report, target } from './reports.ts'

type Step = readonly [name: string, ms: number, cached?: boolean]
const build = (emulated: boolean, ...steps: readonly Step[]): BuildResult => ({
  ...(built() as BuildResult & { status: 'built' }),
  emulated,
  steps: steps.map(([name, durationMs, cached = false]) => ({ name, durationMs, cached })),
  cache: { hits: steps.filter(([, , cached]) => cached).length, total: steps.length },
})
const made = (builds: Readonly<Partial<Record<'amd64' | 'aarch64' | 'armv7', BuildResult>>>) =>
  report([addon(Object.entries(builds).map(([name, each]) => target(name as 'amd64', { build: each })))])
const pip = '[builder 2/4] RUN pip install aiohttp'

describe('steps that are slow under emulation', () => {
  test('are told with the native time, once for all architectures that have them', () => {
    const rows = rowsOf(
      made({
        amd64: build(false, [pip, 4_100]),
        aarch64: build(true, [pip, 45_000]),
        armv7: build(true, ['[builder 3/5] RUN pip install aiohttp', 65_000]),
      }),
    )
    expect(emulatedSteps(rows).map(sentenceOf)).toEqual([
      '`[builder 2/4] RUN pip install aiohttp` takes 1 min 5 s under emulation on aarch64 and armv7, 4.1 s natively.',
    ])
  })

  test.each<readonly [string, Parameters<typeof made>[0]]>([
    ['one that is as slow natively', { amd64: build(false, [pip, 40_000]), aarch64: build(true, [pip, 45_000]) }],
    ['one that came from the cache', { amd64: build(false, [pip, 4_000]), aarch64: build(true, [pip, 45_000, true]) }],
    ['one that is over soon', { amd64: build(false, [pip, 400]), aarch64: build(true, [pip, 9_000]) }],
    ['one that only copies', { aarch64: build(true, ['[builder 3/4] COPY . .', 45_000]) }],
    ['one that was built natively', { amd64: build(false, [pip, 45_000]) }],
  ])('%s is none of them', (_, builds) => {
    expect(emulatedSteps(rowsOf(made(builds)))).toEqual([])
  })

  test('whose native time is not known are told without it', () => {
    const [step] = emulatedSteps(rowsOf(made({ aarch64: build(true, [pip, 45_000]) })))
    expect(step && sentenceOf(step)).toMatch(/takes 45 s under emulation on aarch64\.$/)
  })
})

test('the summary has time, hit ratio and slowest steps of each architecture, and the hint', () => {
  const text = renderSummary(
    made({
      amd64: build(false, [pip, 4_100], ['[2/3] COPY . .', 100, true]),
      aarch64: build(true, [pip, 45_000], ['[2/3] COPY . .', 100, true]),
    }),
  )
  expect(text).toContain('Build: 2 of 4 steps from the cache, 1 step slow under emulation')
  expect(text).toMatch(/`aarch64` \| emulated \| 42 s \| 1 of 2 \| `\[builder 2\/4\] RUN pip install aiohttp` 45 s/)
  expect(text).toMatch(/`amd64` \| native \| 42 s \| 1 of 2 \| –/)
  expect(text).toMatch(/FROM --platform=\$BUILDPLATFORM/)
})

test('a comment speaks of the build only where a step took its time; the HTML report has the hint as well', () => {
  const quick = made({ amd64: build(false, [pip, 4_000]) })
  const slow = made({ amd64: build(false, [pip, 4_000]), aarch64: build(true, [pip, 45_000]) })
  expect(renderComment(quick, { key: 'k' })).not.toContain('from the cache')
  expect(renderSummary(quick)).toContain('Build: 0 of 1 step from the cache')
  expect(renderComment(slow, { key: 'k' })).toContain('1 step slow under emulation')
  expect(renderHtml(slow)).toMatch(/Slow under emulation.*<code>FROM --platform=\$BUILDPLATFORM<\/code>/s)
  expect(renderHtml(quick)).not.toContain('Slow under emulation')
})

test('what was not built has no part in it, and of nothing nothing is said', () => {
  const failed = { status: 'failed', durationMs: 1, emulated: true, reason: 'no', log: [] } as const
  expect(buildSection(rowsOf(made({ amd64: failed })), false)).toBeUndefined()
})

test('a step with marks of its own stays one line of text', () => {
  const text = renderSummary(made({ armv7: build(true, ['[2/2] RUN echo `x` | tee @org/team $(y)', 90_000]) }))
  expect(text).toContain("- `[2/2] RUN echo 'x' | tee @org/team $(y)` takes 1 min 30 s")
  expect(text).toContain('``[2/2] RUN echo `x` \\| tee @org/team $(y)`` 1 min 30 s')
})
