import type { Reason, TargetReport } from '../../src/report/model/report.ts'
import { isActionable, isUnchanged, limitOf, type Row, rowsOf, shortMessage, usedOf } from '../../src/report/rows.ts'
import type { BudgetVerdict, Comparison } from '../../src/size/result.ts'
import { addon, compared, failing, first, report, target, unhealthy } from './reports.ts'

const rowOf = (parts: Partial<TargetReport>, verdict = report([]).verdict): Row | undefined =>
  rowsOf(report([addon([target('amd64', parts)])], { verdict }))[0]

/** A comparison in which the image changed by so many bytes; undefined where it is not known. */
const changedBy = (download: number | undefined, onDisk: number | undefined, parts: Partial<Comparison> = {}) => {
  const change = (bytes: number | undefined) => ({
    before: { bytes: 1e7 },
    after: bytes === undefined ? { unknown: 'x' } : { bytes: 1e7 + bytes },
    ...(bytes !== undefined && { bytes }),
  })
  const size = compared(1e7, 2e7)
  return {
    ...size,
    comparison: { ...size.comparison, download: change(download), onDisk: change(onDisk), ...parts } as Comparison,
  }
}

describe('the kind of change', () => {
  test.each([
    ['first', first(1e7)],
    ['identical', compared(1e7, 1e7)],
    ['changed', changedBy(50_000, 0)],
    ['changed', changedBy(-50_000, undefined)],
    ['changed', changedBy(0, 50_000)],
    ['changed', changedBy(0, -50_000)],
    ['unchanged', changedBy(49_999, -49_999)],
    ['unchanged', changedBy(-49_999, 49_999)],
    ['unchanged', changedBy(0, undefined)],
    ['not-comparable', changedBy(undefined, 9e6)],
  ] as const)('is %s', (changeKind, size) => expect(rowOf({ size })?.changeKind).toBe(changeKind))

  test('is that it was not measured', () => expect(rowOf({})?.changeKind).toBe('not-measured'))
})

describe('the state of a row', () => {
  const reason = (parts: Partial<Reason>): Reason => ({ gate: 'size', addon: 'aicleaner_v3', message: 'm', ...parts })
  const warn = (one: Reason) => ({ passed: true, reasons: [], warnings: [one] })

  const fine = report([]).verdict

  test.each<[Row['state'], string, Partial<TargetReport>, typeof fine]>([
    ['passed', 'nothing is wrong', {}, fine],
    ['failed', 'a reason names it', {}, failing(reason({ architecture: 'amd64' }))],
    ['passed', 'a reason names another architecture', {}, failing(reason({ architecture: 'armv7' }))],
    ['passed', 'a reason names another add-on', {}, failing(reason({ addon: 'b', architecture: 'amd64' }))],
    ['passed', 'a reason names the whole add-on', {}, failing(reason({}))],
    [
      'failed',
      'it was not built',
      { build: { status: 'cancelled', durationMs: 1, emulated: false, reason: 'r', log: [] } },
      fine,
    ],
    ['warned', 'a warning names it', {}, warn(reason({ architecture: 'amd64' }))],
    ['passed', 'the audit remarks something', {}, warn(reason({ gate: 'audit', architecture: 'amd64' }))],
    ['passed', 'a smoke check remarks something', {}, warn(reason({ gate: 'smoke', architecture: 'amd64' }))],
    ['warned', 'its smoke test failed and no gate is closed by that', { smoke: unhealthy() }, fine],
    ['warned', 'its size is not known', { sizeError: 'no' }, fine],
  ])('is %s where %s', (state, _, parts, verdict) => expect(rowOf(parts, verdict)?.state).toBe(state))

  test('fails and warns by its own reasons only', () => {
    const [own, other] = [reason({ architecture: 'amd64' }), reason({ architecture: 'armv7' })]
    expect(rowOf({}, { passed: false, reasons: [other, own], warnings: [other] })?.state).toBe('failed')
    expect(rowOf({}, { passed: false, reasons: [other], warnings: [other, own] })?.state).toBe('warned')
    expect(rowOf({}, { passed: false, reasons: [other], warnings: [other] })?.state).toBe('passed')
  })
})

test.each([
  ['passed', 'identical', true],
  ['passed', 'unchanged', true],
  ['passed', 'changed', false],
  ['passed', 'first', false],
  ['warned', 'identical', false],
  ['failed', 'unchanged', false],
] as const)('a row that %s and is %s counts as unchanged: %s', (state, changeKind, unchanged) => {
  expect(isUnchanged({ state, changeKind } as Row)).toBe(unchanged)
})

test.each([
  ['size', true],
  ['measure', true],
  ['audit', false],
  ['smoke', false],
] as const)('a warning of "%s" belongs to the change: %s', (gate, actionable) => {
  expect(isActionable({ gate, message: 'm' })).toBe(actionable)
})

test('an add-on without a name has its slug', () => {
  const [named, unnamed] = rowsOf(report([addon([target('amd64')]), addon([target('amd64')], { name: '' })]))
  expect([named?.addonName, unnamed?.addonName]).toEqual(['AICleaner v3', 'aicleaner_v3'])
})

describe('the budget of a row', () => {
  const budget = (parts: Partial<BudgetVerdict>): BudgetVerdict => ({
    budget: 'max-size',
    limit: 'l',
    limitBytes: 100,
    actualBytes: 50,
    over: false,
    message: 'm',
    ...parts,
  })
  const shown = (...budgets: readonly BudgetVerdict[]): BudgetVerdict | undefined =>
    rowOf({ size: compared(1e7, 2e7, { budgets }) })?.budget
  const near = budget({ actualBytes: 99 })
  const unjudged = budget({ unjudged: 'why', actualBytes: 0 })
  const over = budget({ over: true, actualBytes: 101 })
  const farOver = budget({ over: true, actualBytes: 500 })

  test.each([
    ['the nearest to its limit', [budget({}), near, budget({ actualBytes: 1 })], near],
    ['one that could not be judged before one that is near', [near, unjudged], unjudged],
    ['one that is over before all others', [unjudged, near, over], over],
    ['the one that is most over', [over, farOver], farOver],
    ['none where there is none', [], undefined],
    ['a limit that is used at all before one without bytes', [budget({ limitBytes: 0 }), budget({})], budget({})],
  ] as const)('is %s', (_, budgets, expected) => expect(shown(...budgets)).toEqual(expected))

  test.each([
    [100, 50, 0.5],
    [100, -50, -0.5],
    [1, 3, 3],
    [0, 3, undefined],
    [-1, 3, undefined],
    [undefined, 3, undefined],
  ])('of %s bytes %d are %s of it', (limitBytes, actualBytes, used) => {
    const { limitBytes: _, ...rest } = budget({ actualBytes })
    expect(usedOf({ ...rest, ...(limitBytes !== undefined && { limitBytes }) })).toBe(used)
  })

  test.each<[string, Partial<BudgetVerdict>]>([
    ['5 %', {}],
    ['+5 %', { budget: 'max-increase' }],
    ['5 % own layers', { layers: 'own' }],
    ['+5 % own layers', { budget: 'max-increase', layers: 'own' }],
  ])('is "%s" in few words', (text, parts) => expect(limitOf(budget({ limit: '5 %', ...parts }))).toBe(text))
})

test.each<[string, Omit<Reason, 'gate'>]>([
  ['no', { addon: 'a', architecture: 'amd64', message: 'a/amd64: no' }],
  ['no', { addon: 'a', architecture: 'amd64', message: 'a: no' }],
  ['no', { addon: 'a', architecture: 'amd64', message: 'amd64: no' }],
  ['no', { addon: 'a', architecture: 'amd64', message: 'a: amd64: no' }],
  ['a no', { addon: 'a', architecture: 'amd64', message: 'a no' }],
  ['not a: no', { addon: 'a', message: 'not a: no' }],
  ['amd64: no', { message: 'amd64: no' }],
  ['undefined: no', { addon: 'a', message: 'undefined: no' }],
])('is "%s" beside its add-on and architecture', (text, reason) => {
  expect(shortMessage({ gate: 'size', ...reason })).toBe(text)
})
