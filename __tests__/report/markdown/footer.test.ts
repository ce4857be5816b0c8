import { footer } from '../../../src/report/markdown/footer.ts'
import type { Report, TargetReport } from '../../../src/report/model/report.ts'
import { rowsOf } from '../../../src/report/rows.ts'
import type { Baseline, SizeResult } from '../../../src/size/result.ts'
import { addon, compared, failing, first, report, run, target } from '../reports.ts'

const of = (targets: readonly TargetReport[], parts: Partial<Report> = {}): string => {
  const made = report([addon(targets)], { publication: { status: 'published' }, ...parts })
  return footer(made, rowsOf(made))
}
const bare = { ...run, url: '', sha: '', headSha: '' }
const commit = 'c'.repeat(40)

test('a run of which nothing is known has none', () => {
  expect(of([], { run: bare })).toBe('')
})

test.each<[string, Partial<Report>]>([
  [
    '<sub>Commit [`abcdef0`](https://github.com/org/addons/commit/abcdef0123456789abcdef0123456789abcdef01) · [run and full report](https://github.com/org/addons/actions/runs/1001)</sub>',
    {},
  ],
  ['<sub>Commit `main`</sub>', { run: { ...bare, headSha: 'main' } }],
  ['<sub>Commit `abcdef0`</sub>', { run: { ...bare, headSha: run.headSha ?? '' } }],
  [
    '<sub>Commit `ccccccc` · [run and full report](https://x.example/run)</sub>',
    { run: { ...bare, headSha: commit, url: 'https://x.example/run' } },
  ],
  [
    '<sub>Commit [`ccccccc`](http://x.example/a/commit/cccccccccccccccccccccccccccccccccccccccc) · [run and full report](http://x.example/a/actions/runs/1)</sub>',
    { run: { ...bare, headSha: commit, url: 'http://x.example/a/actions/runs/1' } },
  ],
  [
    '<sub>Commit `ccccccc` · run and full report</sub>',
    { run: { ...bare, headSha: commit, url: 'ftp://x/actions/runs/1' } },
  ],
  [
    '<sub>Not published: push was off</sub>',
    { run: bare, publication: { status: 'not-published', reason: 'Push was off.' } },
  ],
  ['', { run: bare, publication: { status: 'not-published', reason: 'Push was off.' }, verdict: failing() }],
])('is "%s"', (text, parts) => expect(of([], parts)).toBe(text))

test('a push has the commit that it is about', () => {
  const { headSha: _, ...push } = bare
  expect(of([], { run: { ...push, sha: 'x' } })).toBe('<sub>Commit `x`</sub>')
})

describe('what was compared', () => {
  const against = (baseline: Partial<Baseline>, architecture = 'amd64'): SizeResult => {
    const { commit: _, ...rest } = compared(1, 2, { architecture }).baseline as Baseline
    return { ...compared(1, 2), baseline: { ...rest, ...baseline } }
  }
  const said = (...sizes: readonly SizeResult[]): string =>
    of(
      sizes.map((size, index) => target(index === 0 ? 'amd64' : 'armv7', { size })),
      { run: bare },
    )
  const method = 'before, after and reduction are download sizes, read from the built images'
  const digest = '`sha256:012e012e012e…`'

  test.each([
    [against({}), `Compared with \`ghcr.io/org/{arch}-aicleaner:1.2.2\` (amd64 ${digest})`],
    [against({ commit }), `Compared with \`ghcr.io/org/{arch}-aicleaner:1.2.2\` (commit \`ccccccc\`, amd64 ${digest})`],
    [
      against({ chosen: 'the last' }),
      `Compared with \`ghcr.io/org/{arch}-aicleaner:1.2.2\` (the last, amd64 ${digest})`,
    ],
    [against({ source: 'cache', chosen: 'the last' }), `Compared with the last (amd64 ${digest})`],
    [against({ source: 'cache', reference: 'key' }), `Compared with \`key\` (amd64 ${digest})`],
  ])('%#', (size, text) => expect(said(size)).toBe(`<sub>${text} · ${method}</sub>`))

  test('is named once for architectures of one image', () => {
    expect(said(against({}), against({ reference: 'ghcr.io/org/armv7-aicleaner:1.2.2' }))).toBe(
      `<sub>Compared with \`ghcr.io/org/{arch}-aicleaner:1.2.2\` (amd64 ${digest}, armv7 ${digest}) · ${method}</sub>`,
    )
  })

  test('shows how it was chosen if that is the same for all', () => {
    expect(said(against({ chosen: 'x' }), against({ chosen: 'y' }))).not.toMatch(/\((?:x|y)/)
    expect(said(against({ chosen: 'x' }), against({ chosen: 'x' }))).toMatch(/\(x, amd64/)
  })

  test('names two and how many more', () => {
    const all = ['a', 'b', 'c', 'd'].map((name) => against({ reference: name, commit: name }))
    expect(said(...all)).toContain('Compared with `a`, `b` and 2 more (commit `a`, `b` and 2 more, ')
  })

  test('has digests of five images and not of more', () => {
    const same = against({ reference: 'x' })
    expect(said(...Array(5).fill(same))).toContain('sha256:')
    expect(said(...Array(6).fill(same))).toBe(`<sub>Compared with \`x\` · ${method}</sub>`)
  })

  test.each([
    ['oci-layout', 'read from the built images'],
    ['archive', 'read from image archives'],
    ['registry', 'read from registry manifests'],
  ] as const)('was measured by %s: %s', (used, text) => {
    const size = first(1)
    expect(said({ ...size, measure: { ...size.measure, method: used } })).toBe(
      `<sub>Before, after and reduction are download sizes, ${text}</sub>`,
    )
  })

  test('lists each measuring method once', () => {
    const size = first(1)
    const registry: SizeResult = { ...size, measure: { ...size.measure, method: 'registry' } }
    expect(said(size, registry, size)).toContain('read from the built images and read from registry manifests<')
  })
})
