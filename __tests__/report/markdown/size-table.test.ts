import { textColumns } from '../../../src/report/columns.ts'
import { sizeTable, tableOf } from '../../../src/report/markdown/size-table.ts'
import { chart, renderSummary } from '../../../src/report/markdown/summary.ts'
import type { TargetReport } from '../../../src/report/model/report.ts'
import { rowsOf } from '../../../src/report/rows.ts'
import { terminalTable } from '../../../src/report/terminal.ts'
import type { BudgetVerdict, SizeResult } from '../../../src/size/result.ts'
import { addon, compared, failing, first, healthy, report, target, unhealthy } from '../reports.ts'

const rows = (...targets: readonly TargetReport[]) => rowsOf(report([addon(targets)]))
const { smoke: _, ...untested } = target('amd64')
const failed = { status: 'failed', durationMs: 1, emulated: false, reason: 'no', log: [] } as const

/** What both tables, the one in Markdown and the one in plain text, say of an image in a column. */
function cells(title: string, parts: Partial<TargetReport>): readonly (string | undefined)[] {
  const all = rows({ ...untested, ...parts })
  const [head = '', , line = ''] = tableOf(all, false).split('\n')
  const at = head.split(' | ').findIndex((one) => one.replaceAll('|', '').trim().startsWith(title))
  const text = textColumns(all, false).find((column) => column.title === title)
  const [row] = all
  return [at < 0 ? undefined : line.replace(/^\| | \|$/g, '').split(' | ')[at], text && row && text.text(row)]
}

describe('cells of the tables', () => {
  const budget = (parts: Partial<BudgetVerdict>): SizeResult =>
    compared(1e7, 2e7, {
      budgets: [
        {
          budget: 'max-size',
          limit: '40.0 MB',
          limitBytes: 4e7,
          actualBytes: 2e7,
          over: false,
          message: 'm',
          ...parts,
        },
      ],
    })
  const noBytes = { limitBytes: 0 }

  test.each<[string, Partial<TargetReport>, string | undefined, string | undefined]>([
    ['Architecture', {}, '`amd64`', 'amd64'],
    ['Architecture', { sizeError: 'no' }, '⚠️ `amd64`', 'amd64'],
    ['Architecture', { build: failed }, '❌ `amd64`', 'amd64'],
    ['Before', {}, '–', '–'],
    ['Before', { size: compared(1e7, 2e7) }, '10.0\u00a0MB', '10.0 MB'],
    ['Before', { size: first(1e7) }, '–', '–'],
    ['After', { size: first(1e7) }, '10.0\u00a0MB', '10.0 MB'],
    ['After', {}, '–', '–'],
    ['After', { sizeError: 'no' }, 'not measured', 'not measured'],
    ['After', { build: failed }, '**build failed**', 'build failed'],
    ['After', { build: { ...failed, status: 'cancelled' } }, 'cancelled', 'cancelled'],
    ['Reduction', {}, '–', '–'],
    ['Reduction', { size: first(1e7) }, 'first measurement', 'first measurement'],
    ['Reduction', { size: compared(1e7, 1e7) }, 'identical image', 'identical image'],
    ['Reduction', { size: compared(1e7, 1e7 + 100) }, 'unchanged', 'unchanged'],
    ['Reduction', { size: compared(1e7, 2e7) }, '**+10.0\u00a0MB (+100.0\u00a0%)**', '+10.0 MB (+100.0 %)'],
    ['Reduction', { size: compared(2e7, 1e7) }, '−10.0\u00a0MB (−50.0\u00a0%)', '−10.0 MB (−50.0 %)'],
    ['On disk', {}, undefined, undefined],
    ['On disk', { size: first(1e7) }, '26.0\u00a0MB', '26.0 MB'],
    ['Update', { size: first(1e7) }, undefined, undefined],
    ['Update', { size: compared(1e7, 2e7) }, '8.0\u00a0MB', '8.0 MB'],
    ['Smoke test', {}, undefined, undefined],
    ['Smoke test', { smoke: healthy() }, 'healthy in 2.1 s', 'healthy in 2.1 s'],
    [
      'Smoke test',
      { smoke: { ...healthy(), failedTries: [{ reason: 'ended' }] } },
      'healthy in 2.1 s (try 2)',
      'healthy in 2.1 s (try 2)',
    ],
    ['Smoke test', { smoke: unhealthy() }, '**failed**', 'failed'],
    ['Smoke test', { smoke: { ...healthy(), status: 'skipped' } }, 'skipped', 'skipped'],
    ['Budget', { size: first(1e7) }, undefined, undefined],
    ['Budget', { size: budget({}) }, '▰▰▰▱▱ 50 %', '50 % of 40.0 MB'],
    ['Budget', { size: budget({ over: true, actualBytes: 8e7 }) }, '**▰▰▰▰▰ 200 %**', 'over: 200 % of 40.0 MB'],
    ['Budget', { size: budget({ unjudged: 'x' }) }, 'not checked', 'not checked'],
    ['Budget', { size: budget(noBytes) }, 'under', '40.0 MB'],
    ['Budget', { size: budget({ ...noBytes, over: true }) }, '**over**', 'over: 40.0 MB'],
  ])('%s: %#', (title, parts, markdown, text) => expect(cells(title, parts)).toEqual([markdown, text]))

  test('how long it took to be ready without a HEALTHCHECK', () => {
    const { timeToHealthyMs: __, ...smoke } = healthy()
    expect(cells('Smoke test', { smoke })).toEqual(['passed in 3 s', 'passed in 3 s'])
  })

  test('the limit in the head where all share it, else in each row', () => {
    const [same, other] = [
      target('amd64', { size: budget({}) }),
      target('armv7', { size: budget({ limit: '50 <MB>' }) }),
    ]
    expect(tableOf(rows(same, same), false).split('\n')[0]).toMatch(/\| Budget 40\.0 MB \|$/)
    const [head, , one, two, three] = tableOf(rows(same, other, target('i386')), false).split('\n')
    expect([head, one, two, three].map((line) => line?.split(' | ').at(-1))).toEqual([
      'Budget |',
      '▰▰▰▱▱ 50 % of 40.0 MB |',
      '▰▰▰▱▱ 50 % of 50 &lt;MB&gt; |',
      '– |',
    ])
    const none = tableOf(rows(target('amd64', { size: budget(noBytes) }), other), false).split('\n')
    expect(none[2]).toMatch(/\| 40\.0 MB \|$/)
  })

  test('what is over in bold, with its limit where it is not in the head', () => {
    const over = target('amd64', { size: budget({ over: true, actualBytes: 8e7 }) })
    const [, , line] = tableOf(rows(over, target('armv7', { size: budget({ limit: 'x' }) })), false).split('\n')
    expect(line).toMatch(/\| \*\*▰▰▰▰▰ 200 % of 40\.0 MB\*\* \|$/)
  })

  test('the add-on where there are several', () => {
    const two = report([addon([untested]), addon([untested])])
    expect(sizeTable(two).split('\n')).toEqual([
      '| Add-on | Architecture | Before | After | Reduction |',
      '| :-- | :-- | --: | --: | --: |',
      '| `aicleaner_v3` | `amd64` | – | – | – |',
      '| `aicleaner_v3` | `amd64` | – | – | – |',
    ])
    expect(sizeTable(report([addon([untested])])).split('\n')[0]).toBe('| Architecture | Before | After | Reduction |')
    expect(textColumns(rowsOf(two), true).map(({ title, right }) => [title, right])).toEqual([
      ['Add-on', undefined],
      ['Architecture', undefined],
      ['Before', true],
      ['After', true],
      ['Reduction', true],
    ])
  })
})

describe('the chart', () => {
  const of = (...targets: readonly TargetReport[]) => chart(rows(...targets))?.split('\n')

  test('has a bar for after and a line for before', () => {
    expect(of(target('amd64', { size: compared(1e7, 2.04e7) }), target('armv7', { size: compared(3e7, 2e7) }))).toEqual(
      [
        '```mermaid',
        'xychart-beta',
        '  title "Download in MB: bar after, line before"',
        '  x-axis ["amd64", "armv7"]',
        '  y-axis "MB" 0 --> 33',
        '  bar [20.4, 20]',
        '  line [10, 30]',
        '```',
      ],
    )
  })

  test('has no line where one has no before', () => {
    expect(of(target('amd64', { size: compared(3e7, 2e7) }), target('armv7', { size: first(2e7) }))).toEqual([
      '```mermaid',
      'xychart-beta',
      '  title "Download in MB"',
      '  x-axis ["amd64", "armv7"]',
      '  y-axis "MB" 0 --> 33',
      '  bar [20, 20]',
      '```',
    ])
  })

  test('compares two at least, and has no empty axis', () => {
    expect(of(target('amd64', { size: first(2e7) }), target('armv7'))).toBeUndefined()
    expect(of(target('amd64', { size: first(2) }), target('armv7', { size: first(2) }))?.[4]).toBe(
      '  y-axis "MB" 0 --> 2',
    )
  })

  test('shows those that changed most, in the order of the table', () => {
    const targets = [1, 9, 2, 8].map((by, index) =>
      target('amd64', { addon: `a${index}`, size: compared(1e7, by === 8 ? 2e6 : 1e7 + by * 1e6) }),
    )
    const all = rowsOf(report(targets.map((one) => addon([one]))))
    expect(chart(all, 2)?.split('\n')[3]).toBe('  x-axis ["a1 amd64", "a3 amd64"]')
    expect(chart(all)?.split('\n')[3]).toBe('  x-axis ["a0 amd64", "a1 amd64", "a2 amd64", "a3 amd64"]')
  })

  test('shows twelve', () => {
    const targets = Array.from({ length: 14 }, (_, index) => target('amd64', { size: first(index * 1e6) }))
    expect(of(...targets)?.[5]?.split(',')).toHaveLength(12)
  })

  test('has labels that cannot leave their quotes', () => {
    const named = (name: string) => target('amd64', { addon: name, size: first(1e7) })
    const all = rowsOf(report([addon([named('a"]\n(b)_c.d/e-1')]), addon([named('ü'.repeat(60))])]))
    expect(chart(all)?.split('\n')[3]).toBe(`  x-axis ["a----b-_c.d/e-1 amd64", "${'ü'.repeat(40)}"]`)
  })
})

test('a summary that does not fit is shortened, and is an error if nothing fits', () => {
  const many = report(
    Array.from({ length: 30 }, (_, index) =>
      addon([target('amd64', { addon: `a${index}`, size: compared(1e7, 2e7) })]),
    ),
  )
  const whole = Buffer.byteLength(renderSummary(many))
  expect(Buffer.byteLength(renderSummary(many, { limit: whole }))).toBe(whole)
  expect(Buffer.byteLength(renderSummary(many, { limit: whole - 1 }))).toBeLessThan(whole)
  expect(renderSummary(many, { limit: 500 })).toContain('[job summary](')
  expect(() => renderSummary(many, { limit: 10 })).toThrow(new RangeError('The summary does not fit into 10 bytes.'))
})

describe('in the terminal', () => {
  const lines = (targets: readonly TargetReport[], parts = {}) =>
    terminalTable(report([addon(targets)], parts)).split('\n')

  test('figures are aligned right and names left, for any width', () => {
    const size = (slug: string, bytes: number) =>
      addon([{ ...untested, addon: slug, size: first(bytes) }], { slug, name: slug })
    const made = report([size('a', 1e7), size('größe 大きさ😀', 1e8), size('e\u0301', 1e6)])
    expect(terminalTable(made).split('\n').slice(0, 5)).toEqual([
      'Add-on          Architecture  Before     After          Reduction   On disk',
      '──────────────  ────────────  ──────  ────────  ─────────────────  ────────',
      'a               amd64              –   10.0 MB  first measurement   26.0 MB',
      'größe 大きさ😀  amd64              –  100.0 MB  first measurement  260.0 MB',
      'e\u0301               amd64              –    1.0 MB  first measurement    2.6 MB',
    ])
  })

  test('the verdict, reasons, warnings and the publication are below', () => {
    const reason = { gate: 'size', addon: 'aicleaner_v3', architecture: 'amd64', message: 'a\n\tb' } as const
    const verdict = {
      ...failing(reason, { gate: 'input', message: 'x' }),
      warnings: [{ ...reason, gate: 'audit' as const }],
    }
    expect(lines([], { verdict })).toEqual([
      'AICleaner v3 1.2.3: over the size budget: amd64; invalid input',
      '  failed: amd64: a b',
      '  failed: x',
      '  warning: amd64: a b',
      'Nothing was published. The input "push" is false.',
    ])
  })

  test('the error that ended the run is not repeated', () => {
    const reason = { gate: 'size', addon: 'aicleaner_v3', architecture: 'amd64', message: 'm' } as const
    const verdict = failing({ gate: 'input', message: 'x' }, reason)
    const said = (severity: 'error' | 'warning') =>
      lines([], { verdict, diagnostics: [{ severity, code: 'c', message: 'x', remedy: '' }] }).filter((line) =>
        line.startsWith(' '),
      )
    expect(said('error')).toEqual(['  failed: amd64: m'])
    expect(said('warning')).toEqual(['  failed: x', '  failed: amd64: m'])
  })

  test('several add-ons are named with their reasons', () => {
    const reason = { gate: 'size', addon: 'b', architecture: 'amd64', message: 'm' } as const
    const made = report([addon([]), addon([])], { verdict: { passed: false, reasons: [reason], warnings: [reason] } })
    expect(terminalTable(made)).toMatch(/ {2}failed: b\/amd64: m\n {2}warning: b\/amd64: m\n/)
  })
})
