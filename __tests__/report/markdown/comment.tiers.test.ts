import { isNotable, renderBody, renderComment, type Tier, tiers } from '../../../src/report/markdown/comment.ts'
import type { AddonReport, Reason, Report, TargetReport } from '../../../src/report/model/report.ts'
import { rowsOf } from '../../../src/report/rows.ts'
import { addon, built, compared, digest, failing, first, report, target } from '../reports.ts'
import { situations } from '../situations.ts'

const key = 'k'
const body = (made: Report, tier: Tier, extra = {}): string => renderBody(made, rowsOf(made), tier, extra)
const many = <T>(number: number, make: (index: number) => T): readonly T[] =>
  Array.from({ length: number }, (_, index) => make(index))
const count = (text: string, pattern: RegExp): number => (text.match(pattern) ?? []).length
const mixed = (situations['mixed-add-ons'] as () => Report)()

describe('a comment', () => {
  test('shows as much as fits, to the last character', () => {
    for (const [index, tier] of tiers.entries()) {
      const text = renderComment(mixed, { key, limit: body(mixed, tier).length + 200 })
      expect(text.startsWith(`${body(mixed, tier)}\n\n<!--`)).toBe(true)
      expect(renderComment(mixed, { key, limit: text.length })).toBe(text)
      const next = tiers[index + 1]
      if (next) expect(renderComment(mixed, { key, limit: text.length - 1 })).toContain(`${body(mixed, next)}\n\n<!--`)
      else expect(() => renderComment(mixed, { key, limit: text.length - 1 })).toThrow(RangeError)
    }
    expect(() => renderComment(mixed, { key, limit: 10 })).toThrow('The comment does not fit into 10 characters.')
  })

  test('has a note before its footer, in each tier', () => {
    for (const tier of tiers)
      expect(body(mixed, tier, { note: 'From *a fork*.' })).toContain('\n\n> From \\*a fork\\*.')
    expect(body(mixed, 'all')).not.toContain('\n> ')
    expect(renderComment(mixed, { key, note: 'From a fork.' })).toMatch(/\n> From a fork\.\n\n<sub>/)
  })

  test('names the commit of the pull request, else the one that was built', () => {
    const { headSha: _, ...push } = mixed.run
    expect(renderComment(mixed, { key })).toContain(` head=${mixed.run.headSha} `)
    expect(renderComment({ ...mixed, run: push }, { key })).toContain(` head=${mixed.run.sha} `)
  })

  test('has a title that is not too long', () => {
    const named = (length: number) =>
      body(report([addon([], { name: 'x'.repeat(length), version: '' })]), 'all').split('\n')[0]
    const rest = ': nothing to build'
    expect(named(300 - rest.length)).toBe(`### ✅ ${'x'.repeat(300 - rest.length)}${rest}`)
    expect(named(301 - rest.length)).toBe(`### ✅ ${'x'.repeat(301 - rest.length)}${rest.slice(0, -1)}…`)
  })
})

describe('the content of each tier', () => {
  const lines = many(30, (index) => `l${index}`)
  const reason = (index: number): Reason => ({
    gate: 'build',
    addon: `a${index}`,
    architecture: 'amd64',
    message: `m${index}`,
  })
  const failed = report(
    many(70, (index) =>
      addon([
        target('amd64', {
          addon: `a${index}`,
          build: { status: 'failed', durationMs: 1, emulated: false, reason: 'no', log: lines },
        }),
      ]),
    ),
    { verdict: failing(...many(70, reason)) },
  )
  const changes = many(9, (index) => `change ${index}`)
  const changed = report([
    addon(many(14, (index) => target('amd64', { size: compared(1e7, 2e7 + index * 1e6, { changes }) }))),
  ])

  test.each<[Tier, number, number, number]>([
    ['all', 60, 20, 20],
    ['no-files', 60, 20, 20],
    ['changed', 20, 3, 8],
  ])('%s: %d reasons, the evidence of %d, %d lines of each', (tier, reasons, evidence, shown) => {
    const text = body(failed, tier)
    expect(count(text, /^- ❌ /gm)).toBe(reasons)
    expect(text).toContain(`- … and ${70 - reasons} more`)
    expect(count(text, /end of the build log/g)).toBe(evidence)
    expect(count(text, /^l\d+$/gm)).toBe(evidence * shown)
  })

  test.each<[Tier, number]>([
    ['all', 5],
    ['no-files', 5],
    ['changed', 1],
  ])('%s: %d changes', (tier, most) => {
    expect(count(body(changed, tier), /^- (?:`amd64` ){12}change \d/gm)).toBe(most)
  })

  test('layers and build contexts, remarks, findings and builds go one after the other', () => {
    const has = (pattern: RegExp): readonly boolean[] => tiers.map((tier) => pattern.test(body(mixed, tier)))
    expect(has(/Created by/)).toEqual([true, false, false, false])
    expect(has(/Build context/)).toEqual([true, false, false, false])
    expect(has(/Smoke test: 1 warning/)).toEqual([true, true, false, false])
    expect(has(/Audit: 1 error/)).toEqual([true, true, false, false])
    expect(has(/slow under emulation/)).toEqual([true, true, false, false])
    expect(has(/Nothing was published/)).toEqual([true, true, true, false])
    expect(has(/<sub>/)).toEqual([true, true, true, false])
  })

  test('the verdict alone leads to the run', () => {
    expect(body(mixed, 'verdict').split('\n').slice(1)).toEqual([
      '',
      'The report is too long for a comment. See the [job summary](https://github.com/org/addons/actions/runs/1001).',
    ])
  })

  test('build times are shown if a step took half a minute, or on request', () => {
    const of = (durationMs: number, extra = {}) => {
      const build = { ...built(), steps: [{ name: 'RUN x', durationMs, cached: false }] } as TargetReport['build']
      return body(report([addon([target('amd64', { build })])]), 'all', extra).includes('from the cache')
    }
    expect([of(29_999), of(30_000), of(1, { everyBuild: true }), of(1, { everyBuild: false })]).toEqual([
      false,
      true,
      true,
      false,
    ])
  })

  test('a chart is below the table', () => {
    expect(body(mixed, 'all', { chart: 'THE CHART' })).toMatch(/<\/details>\n\nTHE CHART\n\n\*\*What changed/)
  })
})

describe('images that did not change', () => {
  const same = (architecture: TargetReport['architecture']) => target(architecture, { size: compared(1e7, 1e7) })
  const near = target('i386', { size: compared(1e7, 1e7 + 100) })
  const title = (tier: Tier, ...targets: readonly TargetReport[]) =>
    body(report([addon(targets)]), tier)
      .split('\n')
      .find((line) => /identical|unchanged/.test(line) && !line.startsWith('#') && !line.startsWith('|'))

  test.each([
    [[same('amd64')], '1 architecture identical'],
    [[same('amd64'), same('armv7')], '2 architectures identical'],
    [[same('amd64'), near], '2 architectures unchanged'],
  ])('%#: %s', (targets, text) => {
    expect(title('all', ...targets)).toBe(`<details><summary>${text}</summary>`)
    expect(title('changed', ...targets)).toBe(`${text}.`)
  })

  test('are counted as images where there are several add-ons', () => {
    const one = addon([same('amd64')])
    expect(body(report([one, one]), 'changed')).toContain('\n2 images identical.')
  })

  test('are not spoken of where there are none, nor is there a table of nothing', () => {
    expect(title('changed', target('amd64', { size: first(1) }))).toBeUndefined()
    expect(body(report([]), 'all')).not.toContain('|')
    expect(count(body(report([addon([same('amd64')])]), 'changed'), /^\|/gm)).toBe(0)
  })
})

describe('what was published', () => {
  const published = { publication: { status: 'published' } } as const
  const line = (addons: readonly AddonReport[], parts: Partial<Report> = published) =>
    body(report(addons, parts), 'changed')
      .split('\n')
      .find((one) => /^(?:Published|Nothing)/.test(one))
  const tagOf = (image: string, tag = '1.2.3') => ({ image, tag, digest: digest(9) })
  const list = { multiArch: true } as const

  test('is named: manifest lists in all registries, else images', () => {
    const lists = [tagOf('m'), tagOf('m', 'latest'), tagOf('q/m')].map((tag) => ({ ...tag, ...list }))
    expect(line([addon([], { tags: [tagOf('i1'), ...lists] })])).toBe('Published `m:1.2.3`, `m:latest`, `q/m:1.2.3`.')
    expect(line([addon([], { tags: [tagOf('i1')] })])).toBe('Published `i1:1.2.3`.')
    expect(line([addon([target('armv7')])])).toBe('Published.')
  })

  test('is named up to six', () => {
    const tags = Array.from({ length: 8 }, (_, index) => tagOf(`i${index}`))
    expect(line([addon([], { tags: tags.slice(0, 6) })])).toBe(
      'Published `i0:1.2.3`, `i1:1.2.3`, `i2:1.2.3`, `i3:1.2.3`, `i4:1.2.3`, `i5:1.2.3`.',
    )
    expect(line([addon([], { tags })])).toMatch(/`i5:1\.2\.3` and 2 more\.$/)
  })

  test('is told apart from what was published before', () => {
    const kept = { ...tagOf('m'), ...list, kept: true as const }
    expect(line([addon([], { tags: [kept, tagOf('i')] })])).toBe(
      'Published `i:1.2.3`. Left as published before: `m:1.2.3`.',
    )
    expect(line([addon([], { tags: [kept] })])).toBe('Nothing new was published. Left as published before: `m:1.2.3`.')
  })

  test('is mentioned as nothing if the run failed, but not if it was not requested', () => {
    const publication = { status: 'not-published', reason: 'No *login*.' } as const
    expect(line([], { publication, verdict: failing({ gate: 'publish', message: 'm' }) })).toBe(
      'Nothing was published. No \\*login\\*.',
    )
    expect(line([], { publication })).toBeUndefined()
  })
})

test.each<[boolean, string, Report]>([
  [true, 'a failure', report([], { verdict: failing({ gate: 'input', message: 'm' }) })],
  [
    true,
    'a warning',
    report([], { verdict: { passed: true, reasons: [], warnings: [{ gate: 'size', message: 'm' }] } }),
  ],
  [
    false,
    'a remark',
    report([], { verdict: { passed: true, reasons: [], warnings: [{ gate: 'audit', message: 'm' }] } }),
  ],
  [true, 'a first size', report([addon([target('amd64', { size: first(1) })])])],
  [
    true,
    'one change',
    report([addon([target('amd64', { size: compared(1e7, 1e7) }), target('armv7', { size: compared(1e7, 2e7) })])]),
  ],
  [false, 'the same', report([addon([target('amd64', { size: compared(1e7, 1e7) })])])],
  [false, 'nothing', report([])],
])('is notable (%s): %s', (notable, _, made) => expect(isNotable(made)).toBe(notable))
