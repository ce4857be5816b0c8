import { renderHtml } from '../../../src/report/html/render.ts'
import { sharedChanges } from '../../../src/report/markdown/changes.ts'
import { evidenceOf, smokeLogs } from '../../../src/report/markdown/evidence.ts'
import { reasonList, sharedReasons, smokeWarnings } from '../../../src/report/markdown/reasons.ts'
import type { Reason, TargetReport } from '../../../src/report/model/report.ts'
import { type Row, rowsOf, shortMessage } from '../../../src/report/rows.ts'
import { addon, compared, failing, first, healthy, report, target, unhealthy } from '../reports.ts'

const many = <T>(number: number, make: (index: number) => T): readonly T[] =>
  Array.from({ length: number }, (_, index) => make(index))
const rowOf = (parts: Partial<TargetReport>): Row => rowsOf(report([addon([target('amd64', parts)])]))[0] as Row
const lines = (text: string | undefined): readonly string[] => (text ?? '').split('\n')

describe('changes of several images', () => {
  const sized = (architecture: TargetReport['architecture'], after: number, changes: readonly string[], slug = 'a') =>
    target(architecture, { addon: slug, size: compared(10e6, after, { changes }) })
  const shared = (targets: readonly TargetReport[], limits = { images: 9, most: 9 }, several = false) =>
    sharedChanges(rowsOf(report([addon(targets)])), several, limits)

  test('are listed by how much an image changed, the first of each', () => {
    const targets = [
      sized('amd64', 11e6, ['+1.0 MB: x', 'second']),
      sized('armv7', 5e6, ['−5.0 MB: y', 'third']),
      sized('i386', 12e6, ['+2.0 MB: z']),
      sized('armhf', 10e6, []),
    ]
    expect(shared(targets, { images: 2, most: 1 })).toEqual([
      { text: '−5.0 MB: y', names: ['armv7'] },
      { text: '+2.0 MB: z', names: ['i386'] },
    ])
    expect(shared(targets).map(({ text }) => text)).toEqual([
      '−5.0 MB: y',
      'third',
      '+2.0 MB: z',
      '+1.0 MB: x',
      'second',
    ])
    expect(shared([target('amd64', { size: first(1) }), target('armv7')])).toEqual([])
  })

  test.each([
    ['figures differ', '+2.0 MB: x of 3.0 kB', '+1.0 MB: x of 4 B', '+1.0 MB to +2.0 MB: x of 3.0 kB'],
    ['units differ', '+1.5 GB: x', '+900.0 MB: x', '+900.0 MB to +1.5 GB: x'],
    ['small units differ', '−2.0 kB: x', '−999 B: x', '−999 B to −2.0 kB: x'],
    ['large units differ', '+1.0 TB: x', '+2.0 GB: x', '+2.0 GB to +1.0 TB: x'],
    ['nothing differs', '+1.0 MB: x', '+1.0 MB: x', '+1.0 MB: x'],
    ['the number of files differs', 'x (3 files)', 'x (14 files)', 'x (3 files)'],
    ['an architecture is in the name', 'base amd64-x', 'base armv7-x', 'base {arch}-x'],
  ])('are listed once if %s', (_, text, other, together) => {
    expect(shared([sized('amd64', 20e6, [text]), sized('armv7', 19e6, [other])])).toEqual([
      { text: together, names: ['amd64', 'armv7'] },
    ])
  })

  test.each([
    ['the sign differs', '+2.0 MB: x', '−1.0 MB: x'],
    ['words differ', '+2.0 MB: x', '+2.0 MB: y'],
    ['numbers that are no sizes differ', 'x 1.2', 'x 1.3'],
  ])('are listed separately if %s', (_, text, other) => {
    expect(shared([sized('amd64', 20e6, [text]), sized('armv7', 19e6, [other])])).toEqual([
      { text, names: ['amd64'] },
      { text: other, names: ['armv7'] },
    ])
  })

  test('name the architecture where only one image has it', () => {
    expect(shared([sized('amd64', 20e6, ['base amd64-x'])])).toEqual([{ text: 'base amd64-x', names: ['amd64'] }])
  })

  test('name the add-on where there are several, and are cut where they are long', () => {
    expect(shared([sized('amd64', 20e6, ['x'.repeat(400), 'y'.repeat(401)])], { images: 9, most: 9 }, true)).toEqual([
      { text: 'x'.repeat(400), names: ['a/amd64'] },
      { text: `${'y'.repeat(400)}…`, names: ['a/amd64'] },
    ])
  })
})

describe('evidence', () => {
  const smoke = unhealthy()
  const evidence = smoke.evidence as NonNullable<typeof smoke.evidence>
  const failed = {
    status: 'failed',
    durationMs: 1,
    emulated: false,
    reason: 'the reason',
    log: many(4, (index) => `l${index}`),
  } as const

  test('of a failed build is the end of its log', () => {
    const of = (build: object, most?: number) => lines(evidenceOf(rowOf({ build: build as never }), false, most))
    expect(of(failed)).toEqual([
      '<details><summary><code>amd64</code>: end of the build log</summary>',
      ...['', '```text', 'l0', 'l1', 'l2', 'l3', '```', '', '</details>'],
    ])
    expect(of(failed, 3).slice(3, 7)).toEqual(['… 1 earlier line', 'l1', 'l2', 'l3'])
    expect(of(failed, 4).slice(3, 7)).toEqual(['l0', 'l1', 'l2', 'l3'])
    expect(of({ ...failed, log: ['a\nb\nc'] }, 2).slice(3, 6)).toEqual(['… 1 earlier line', 'b', 'c'])
    expect(of({ ...failed, log: [] })[3]).toBe('the reason')
  })

  test('is none of what passed, was cancelled, or has nothing to show', () => {
    expect(evidenceOf(rowOf({ smoke: healthy() }), false)).toBeUndefined()
    expect(evidenceOf(rowOf({ build: { ...failed, status: 'cancelled' } }), false)).toBeUndefined()
    const { evidence: _, ...bare } = smoke
    expect(evidenceOf(rowOf({ smoke: { ...bare, checks: [] } }), false)).toBeUndefined()
    expect(evidenceOf(rowOf({ smoke: bare }), true)).toContain('<code>aicleaner_v3/amd64</code>: container output<')
  })

  test('of a smoke test is what failed, the last two probes that failed, and logs', () => {
    const probe = (exitCode: number, output: string) => ({ at: 1, durationMs: 1, exitCode, output })
    const probes = [probe(1, 'a'), probe(2, 'b'), probe(0, 'fine'), probe(3, ' \n')]
    const stdout = many(6, (index) => `o${index}`)
    const stderr = many(6, (index) => `e${index}`)
    expect(smokeLogs({ ...smoke, evidence: { ...evidence, probes, stdout, stderr } }, 5)[0]?.lines).toEqual([
      'state: running, unhealthy',
      'healthy: not healthy within 60 s',
      'probe: exit 2  b',
      'probe: exit 3',
      ...['--- stdout', '… 3 earlier lines', 'o3', 'o4', 'o5'],
      ...['--- stderr', '… 1 earlier line', 'e1', 'e2', 'e3', 'e4', 'e5'],
      ...['--- to reproduce', evidence.reproduce],
    ])
    const quiet = { ...evidence, outOfMemory: true, probes: [], stdout: [], stderr: [], reproduce: '' }
    expect(smokeLogs({ ...smoke, checks: [], evidence: quiet }, 5)[0]?.lines).toEqual([
      'state: running, unhealthy, out of memory',
    ])
  })

  test('of a pass after a failed try is the log of both tries', () => {
    const passed = { ...healthy(), evidence: { ...evidence, stdout: ['up'], stderr: [] } }
    const tried = { ...passed, failedTries: [{ reason: 'ended after 1 s', evidence }] }
    const [first, second, ...more] = smokeLogs(tried, 5)
    expect(first).toEqual({
      title: 'container output of try 1, under emulation',
      lines: expect.arrayContaining(['ended after 1 s', "KeyError: 'api_key'"]),
    })
    expect(second).toEqual({
      title: 'container output of try 2, under emulation',
      lines: expect.arrayContaining(['--- stdout', 'up']),
    })
    expect(more).toEqual([])
    expect(evidenceOf(rowOf({ smoke: tried }), false)).toMatch(/of try 1.*of try 2/s)
  })

  test('of options lists each error except the first, which its check shows', () => {
    const { evidence: _, ...bare } = smoke
    const problem = (severity: 'error' | 'warning', message: string) => ({ severity, code: 'c', message, remedy: '' })
    const diagnostics = [problem('error', 'first'), problem('warning', 'w'), problem('error', 'second')]
    const checks = [
      { name: 'a', status: 'pass', reason: 'r' },
      { name: 'b', status: 'fail', reason: 'r' },
    ] as const
    expect(smokeLogs({ ...bare, checks, diagnostics }, 5)[0]?.lines).toEqual(['b: r', 'options: second'])
  })

  test('reasons and warnings of a row omit its name', () => {
    const reason = (message: string) =>
      ({ gate: 'size', addon: 'aicleaner_v3', architecture: 'amd64', message }) as const
    expect([reason('amd64: no'), reason('hm')].map(shortMessage)).toEqual(['no', 'hm'])
  })
})

describe('reasons', () => {
  const reason = (parts: Partial<Reason> = {}): Reason => ({
    gate: 'size',
    addon: 'a',
    architecture: 'amd64',
    message: 'm',
    ...parts,
  })
  const list = (reasons: readonly Reason[], most = 9, several = false) =>
    lines(reasonList(report([], { verdict: failing(...reasons) }), several, most))

  test('name gate and images, and the rest is counted', () => {
    expect(list([reason(), reason({ message: 'n' }), reason({ message: 'o' })], 2)).toEqual([
      '- ❌ `amd64` size: m',
      '- ❌ `amd64` size: n',
      '- … and 1 more',
    ])
    expect(list([reason(), reason({ message: 'n' })], 2)).toHaveLength(2)
    expect(list([reason({ architecture: undefined, addon: undefined } as never)])).toEqual(['- ❌ size: m'])
  })

  test.each([
    ['build', 'build'],
    ['smoke', 'smoke test'],
    ['audit', 'audit'],
    ['measure', 'measuring'],
    ['publish', 'publishing'],
    ['input', 'input'],
    ['artifact', 'artifact'],
    ['environment', 'environment'],
    ['cancelled', 'cancelled'],
  ] as const)('of the gate "%s" begin with "%s"', (gate, name) =>
    expect(list([reason({ gate })])).toEqual([`- ❌ \`amd64\` ${name}: m`]),
  )

  test('name six images, and how many more', () => {
    const of = (number: number) =>
      list(
        many(number, (index) => reason({ addon: `a${index}` })),
        9,
        false,
      )
    const name = '`amd64` '
    expect(of(6)).toEqual([`- ❌ ${name.repeat(6)}size: m`])
    expect(of(8)).toEqual([`- ❌ ${name.repeat(6)}and 2 more size: m`])
  })

  test('are cut where they are long', () => {
    expect(list([reason({ message: 'x'.repeat(600) })])).toEqual([`- ❌ \`amd64\` size: ${'x'.repeat(600)}`])
    expect(list([reason({ message: 'x'.repeat(601) })])).toEqual([`- ❌ \`amd64\` size: ${'x'.repeat(600)}…`])
  })

  test('show the line of the file that they name, and are shared only if it is the same', () => {
    const where = { file: 'a/`config`|.yaml', line: 2, column: 10 }
    const version = reason({ gate: 'version', message: 'm.', where, architecture: undefined } as never)
    expect(list([version])).toEqual(['- ❌ version: m. (``a/`config`|.yaml:2``)'])
    expect(list([version, { ...version, where: { ...where, column: 1 } }])).toHaveLength(1)
    expect(list([version, { ...version, where: { ...where, line: 3 } }])).toHaveLength(2)
    expect(list([version, reason({ gate: 'version', message: 'm.' })])).toHaveLength(2)
  })

  test('of several add-ons are listed for each', () => {
    const both = [reason(), reason({ addon: 'b' }), reason({ architecture: 'armv7' })]
    expect(sharedReasons(both, true).map(({ names }) => names)).toEqual([['a/amd64', 'a/armv7'], ['b/amd64']])
    expect(sharedReasons(both, false).map(({ names }) => names)).toEqual([['amd64', 'amd64', 'armv7']])
    expect(sharedReasons([reason(), reason({ gate: 'smoke' })], false)).toHaveLength(2)
    expect(sharedReasons([reason({ addon: undefined, architecture: undefined } as never)], true)[0]?.names).toEqual([])
  })

  test('that warn come after those that fail, remarks are folded, those of the audit have their own table', () => {
    const verdict = {
      passed: true,
      reasons: [],
      warnings: [
        reason(),
        reason({ gate: 'smoke' }),
        reason({ gate: 'smoke', message: 'n' }),
        reason({ gate: 'audit' }),
      ],
    }
    expect(reasonList(report([], { verdict }), false, 9)).toBe('- ⚠️ `amd64` size: m')
    expect(smokeWarnings(report([], { verdict }), false)).toBe(
      '<details><summary>Smoke test: 2 warnings</summary>\n\n- `amd64` smoke test: m\n- `amd64` smoke test: n\n\n</details>',
    )
    expect(smokeWarnings(report([], { verdict }), false, 1)).toMatch(
      /2 warnings<\/summary>\n\n- `amd64` smoke test: m\n\n</,
    )
    expect(smokeWarnings(report([]), false)).toBeUndefined()
  })
})

describe('the remedy of a tag that cannot be pulled', () => {
  const reason = {
    gate: 'pull',
    addon: 'a',
    message: 'Devices cannot pull it.',
    remedy: 'Make it *public*: https://code.example/a/settings?tab=x. Or set "pull-check: off".',
  } as const
  const made = report([], { verdict: { passed: true, reasons: [], warnings: [reason] } })

  test('is in the comment, with its page as a link', () => {
    expect(reasonList(made, false, 10)).toBe(
      '- ⚠️ pull: Devices cannot pull it. Make it \\*public\\*: [`https://code.example/a/settings?tab=x`](https://code.example/a/settings?tab=x). Or set "pull-check: off".',
    )
  })

  test('is on the page of the report', () => {
    expect(renderHtml(made)).toContain(
      'Devices cannot pull it. Make it *public*: <a href="https://code.example/a/settings?tab=x" rel="noopener noreferrer">https://code.example/a/settings?tab=x</a>. Or set',
    )
  })

  test('is not shown for other gates, whose advice is always the same', () => {
    const other = report([], { verdict: { passed: true, reasons: [], warnings: [{ ...reason, gate: 'size' }] } })
    expect(reasonList(other, false, 10)).not.toContain('settings')
  })
})
