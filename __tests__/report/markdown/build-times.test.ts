import { describe, expect, test } from '@jest/globals'
import type { BuildResult } from '../../../src/build/result.ts'
import { renderHtml } from '../../../src/report/html/render.ts'
import { buildSection, emulatedSteps, sentenceOf } from '../../../src/report/markdown/build-times.ts'
import { renderComment } from '../../../src/report/markdown/comment.ts'
import { renderSummary } from '../../../src/report/markdown/summary.ts'
import { rowsOf } from '../../../src/report/rows.ts'
import { addon, built, report, target } from '../reports.ts'

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
  test('are listed once for all their architectures, with the native time', () => {
    const rows = rowsOf(
      made({
        amd64: build(false, [pip, 4_100]),
        aarch64: build(true, [pip, 45_000]),
        armv7: build(true, ['[builder 3/5] RUN pip install aiohttp', 65_000]),
      }),
    )
    expect(emulatedSteps(rows).map(sentenceOf)).toEqual([
      '`[builder 2/4] RUN pip install aiohttp` took 1 min 5 s under emulation on aarch64 and armv7, 4.1 s natively.',
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

  test('with an unknown native time omit it', () => {
    const [step] = emulatedSteps(rowsOf(made({ aarch64: build(true, [pip, 45_000]) })))
    expect(step && sentenceOf(step)).toMatch(/took 45 s under emulation on aarch64\.$/)
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

test('images that were not built are not listed, and without any the section is empty', () => {
  const failed = { status: 'failed', durationMs: 1, emulated: true, reason: 'no', log: [] } as const
  expect(buildSection(rowsOf(made({ amd64: failed })), false)).toBeUndefined()
})

test('a step with marks of its own stays one line of text', () => {
  const text = renderSummary(made({ armv7: build(true, ['[2/2] RUN echo `x` | tee @org/team $(y)', 90_000]) }))
  expect(text).toContain("- `[2/2] RUN echo 'x' | tee @org/team $(y)` took 1 min 30 s")
  expect(text).toContain('``[2/2] RUN echo `x` \\| tee @org/team $(y)`` 1 min 30 s')
})

describe('from when on', () => {
  const named = (...builds: Parameters<typeof made>) => emulatedSteps(rowsOf(made(...builds)))

  test.each([
    [9_999, undefined, false],
    [10_000, undefined, true],
    [20_000, 10_001, false],
    [20_000, 10_000, true],
  ])('a step of %d ms under emulation and %s natively is slow by that: %s', (emulated, native, slow) => {
    const other = native === undefined ? {} : { amd64: build(false, [pip, native]) }
    expect(named({ ...other, aarch64: build(true, [pip, emulated]) })).toHaveLength(slow ? 1 : 0)
  })

  test('a cached native step has no time to compare with', () => {
    const [step] = named({ amd64: build(false, [pip, 100, true]), aarch64: build(true, [pip, 45_000]) })
    expect(step).toEqual({
      name: pip,
      architectures: ['aarch64'],
      durationMs: 45_000,
    })
  })

  test('the slowest comes first, with its slowest architecture and its native time', () => {
    const make = '[builder 3/4] RUN make'
    expect(
      named({
        amd64: build(false, [pip, 1_000], [make, 2_000]),
        aarch64: build(true, [pip, 45_000], [make, 50_000]),
        armv7: build(true, [pip, 30_000]),
      }),
    ).toEqual([
      { name: make, architectures: ['aarch64'], durationMs: 50_000, nativeMs: 2_000 },
      { name: pip, architectures: ['aarch64', 'armv7'], durationMs: 45_000, nativeMs: 1_000 },
    ])
  })

  test('another add-on is not this one', () => {
    const rows = rowsOf(
      report([
        addon([target('amd64', { addon: 'a', build: build(false, [pip, 40_000]) })]),
        addon([target('armv7', { addon: 'b', build: build(true, [pip, 45_000]) })]),
        addon([target('aarch64', { addon: 'c', build: build(true, [pip, 45_000]) })]),
      ]),
    )
    expect(emulatedSteps(rows).map((step) => [step.architectures, step.nativeMs])).toEqual([
      [['armv7'], undefined],
      [['aarch64'], undefined],
    ])
  })

  test('a step without a stage has its own name, and a name in it is none', () => {
    const other = 'RUN [builder 1/2] RUN x'
    expect(named({ armv7: build(true, [other, 45_000]) }).map(({ name }) => name)).toEqual([other])
    expect(named({ armv7: build(true, [`[a] COPY ${pip}`, 45_000]) })).toEqual([])
  })
})

test('a sentence names a step in a hundred characters', () => {
  const step = { name: `RUN ${'x'.repeat(200)}`, addon: 'a', architectures: ['armv7'], durationMs: 60_000, nativeMs: 0 }
  expect(sentenceOf(step)).toBe(`\`RUN ${'x'.repeat(95)}…\` took 1 min under emulation on armv7, 0 ms natively.`)
})

describe('the section of builds', () => {
  const rows = (...steps: readonly Step[]) => rowsOf(made({ amd64: build(false, ...steps) }))

  test('is there where a step took so long', () => {
    expect(buildSection(rows([pip, 30_000]), false, 30_000)).toBeDefined()
    expect(buildSection(rows([pip, 29_999]), false, 30_000)).toBeUndefined()
    expect(buildSection(rows([pip, 40_000, true]), false, 30_000)).toBeUndefined()
    expect(buildSection(rows([pip, 4_999]), false, 4_000)).toBeUndefined()
    expect(buildSection([], false)).toBeUndefined()
  })

  test('names the first three slow steps of each image, in few characters', () => {
    const long = `[2/2] RUN ${'x'.repeat(99)}`
    const text = buildSection(rows(['a', 4_999], ['b', 5_000], [long, 6_000], ['c', 7_000], ['d', 8_000]), false)
    expect(text?.split('\n').at(-3)).toBe(
      `| \`amd64\` | native | 42 s | 0 of 5 | \`b\` 5 s, \`[2/2] RUN ${'x'.repeat(59)}…\` 6 s, \`c\` 7 s |`,
    )
  })

  test('names the add-on where there are several', () => {
    expect(buildSection(rows([pip, 1]), true)).toContain(
      '| Add-on | Architecture | Built | Time | From the cache | Slowest steps |\n| :-- | :-- | :-- | --: | --: | :-- |\n| `aicleaner_v3` | `amd64` |',
    )
  })

  test('names five emulated steps and sixty images', () => {
    const targets = Array.from({ length: 70 }, (_, index) =>
      target('armv7', { addon: `a${index}`, build: build(true, [`RUN step ${index}`, 20_000]) }),
    )
    const text = buildSection(rowsOf(report(targets.map((one) => addon([one])))), true) ?? ''
    expect(text.match(/^- `RUN step/gm)).toHaveLength(5)
    expect(text.match(/^\| `a\d+`/gm)).toHaveLength(60)
    expect(text).toContain('<summary>Build: 0 of 70 steps from the cache, 70 steps slow under emulation</summary>')
  })
})
