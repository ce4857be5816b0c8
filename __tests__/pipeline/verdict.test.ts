import { describe, expect, test } from '@jest/globals'
import { outcomeOf } from '../../src/pipeline/target-outcome.ts'
import { decideVerdict as decide } from '../../src/pipeline/verdict.ts'
import type { TargetReport } from '../../src/report/model/report.ts'

const built = {
  status: 'built',
  durationMs: 1,
  emulated: false,
  configDigest: 'c',
  manifestDigest: 'm',
  steps: [],
  cache: { hits: 0, total: 0 },
  warnings: [],
} as const
const failed = { status: 'failed', durationMs: 1, emulated: false, reason: 'exit code: 1', log: [] } as const
const report = (changes: Partial<TargetReport> = {}): TargetReport => ({
  addon: 'a',
  architecture: 'armv7',
  platform: 'linux/arm/v7',
  image: 'r/a',
  tags: ['1'],
  build: built,
  ...changes,
})
const measure = {
  method: 'oci-layout',
  manifestDigest: 'm',
  configDigest: 'c',
  download: 10,
  onDisk: { bytes: 10 },
  layers: [],
} as const
const over = {
  measure,
  budgets: [{ budget: 'max-size', limit: '5 B', actualBytes: 10, over: true, message: '5 B over' }],
} as const
const smoke = (status: 'passed' | 'failed', checks: NonNullable<TargetReport['smoke']>['checks'] = []) =>
  ({ status, readiness: 'HEALTHCHECK', reason: 'not healthy', durationMs: 1, checks }) as const
const decideVerdict = (
  reports: readonly TargetReport[],
  options: Parameters<typeof decide>[1],
  labels?: readonly string[],
) =>
  decide(
    reports.map((one) => outcomeOf({ report: one })),
    options,
    { labels },
  )
const options = { sizeGate: 'fail', audit: 'warn' } as const

describe('the verdict', () => {
  test('is passed if no problem was found', () => {
    expect(decideVerdict([report({ smoke: smoke('passed') })], options)).toEqual({
      passed: true,
      reasons: [],
      warnings: [],
    })
  })

  test.each([
    ['a failed build', report({ build: failed }), 'build', 'exit code: 1'],
    ['a cancelled build', report({ build: { ...failed, status: 'cancelled' } }), 'cancelled', 'exit code: 1'],
    ['a failed smoke test', report({ smoke: smoke('failed') }), 'smoke', 'not healthy'],
    ['a size over budget', report({ size: over }), 'size', '5 B over'],
    ['a size that is not known', report({ sizeError: 'truncated' }), 'measure', 'truncated'],
  ] as const)('is failed by %s, with reason and architecture', (_, target, gate, message) => {
    const { passed, reasons } = decideVerdict([report(), target], options)
    expect(passed).toBe(false)
    expect(reasons).toEqual([{ gate, message, addon: 'a', architecture: 'armv7' }])
  })

  test('lists all failures, the most severe first', () => {
    const { reasons } = decideVerdict(
      [report({ smoke: smoke('failed'), size: over }), report({ build: failed })],
      options,
    )
    expect(reasons.map(({ gate }) => gate)).toEqual(['build', 'smoke', 'size'])
  })

  test('lists failures of the machine first, then cancelled targets, and the audit last', () => {
    const audit = [{ rule: 'image/root-user', severity: 'warning', message: 'runs as root', fix: 'USER' }] as const
    const { reasons } = decideVerdict(
      [
        report({ audit, size: over, sizeError: 'truncated', smoke: smoke('failed') }),
        report({ build: failed }),
        report({ build: { ...failed, status: 'cancelled' } }),
        report({ build: { ...failed, environment: true } }),
      ],
      { ...options, audit: 'fail' },
    )
    const order = ['environment', 'cancelled', 'build', 'smoke', 'measure', 'size', 'audit']
    expect(reasons.map(({ gate }) => gate)).toEqual(order)
  })

  test('has the remedy of a failed build, if there is one', () => {
    const remedy = 'Free some space.'
    const [first, second] = decideVerdict(
      [report({ build: { ...failed, remedy } }), report({ build: failed })],
      options,
    ).reasons
    expect(first).toEqual({ gate: 'build', message: 'exit code: 1', remedy, addon: 'a', architecture: 'armv7' })
    expect(second).not.toHaveProperty('remedy')
  })

  test('of an image without problems passes with any gates', () => {
    const within = { measure, budgets: [{ ...over.budgets[0], over: false, message: 'within' }] }
    const checks = [{ name: 'healthy', status: 'pass', reason: 'after 2 s' }] as const
    const targets = [report({ size: within, smoke: smoke('passed', checks), audit: [] })]
    for (const sizeGate of ['fail', 'warn', 'off'] as const)
      expect(decideVerdict(targets, { sizeGate, audit: 'fail' })).toEqual({ passed: true, reasons: [], warnings: [] })
  })

  test.each([
    ['the gate is set to warn', { ...options, sizeGate: 'warn' as const }, []],
    ['the pull request has the label size-ok', options, ['bug', 'size-ok']],
  ])('of a size over budget is a warning when %s', (_, given, labels) => {
    const { passed, warnings } = decideVerdict([report({ size: over })], given, labels)
    expect(passed).toBe(true)
    const because = labels.length > 0 ? ' The label size-ok lets it pass.' : ''
    expect(warnings).toEqual([{ gate: 'size', message: `5 B over${because}`, addon: 'a', architecture: 'armv7' }])
  })

  test('has a warning if a budget could not be checked', () => {
    const unjudged = { ...over.budgets[0], over: false, unjudged: 'why', message: 'was not judged' }
    const size = { measure, budgets: [unjudged] }
    const expected = { gate: 'size', message: 'was not judged', addon: 'a', architecture: 'armv7' }
    for (const sizeGate of ['fail', 'warn'] as const)
      expect(decideVerdict([report({ size })], { ...options, sizeGate })).toEqual({
        passed: true,
        reasons: [],
        warnings: [expected],
      })
    expect(decideVerdict([report({ size })], { ...options, sizeGate: 'off' }).warnings).toEqual([])
  })

  test('ignores sizes if the gate is off', () => {
    expect(decideVerdict([report({ size: over })], { ...options, sizeGate: 'off' })).toEqual({
      passed: true,
      reasons: [],
      warnings: [],
    })
  })

  test('ignores sizes if the gate is off, even with the label', () => {
    expect(decideVerdict([report({ size: over })], { ...options, sizeGate: 'off' }, ['size-ok']).warnings).toEqual([])
  })

  test('does not mention the label if the gate only warns', () => {
    const { warnings } = decideVerdict([report({ size: over })], { ...options, sizeGate: 'warn' }, ['size-ok'])
    expect(warnings[0]?.message).toBe('5 B over')
  })

  test('does not turn other failures into warnings because of the label', () => {
    expect(decideVerdict([report({ build: failed })], options, ['size-ok']).passed).toBe(false)
  })

  test('is failed by audit findings only if the audit is a gate', () => {
    const audit = [{ rule: 'image/root-user', severity: 'warning', message: 'runs as root', fix: 'USER' }] as const
    const expected = { gate: 'audit', message: 'image/root-user: runs as root', addon: 'a', architecture: 'armv7' }
    expect(decideVerdict([report({ audit })], options)).toEqual({ passed: true, reasons: [], warnings: [expected] })
    expect(decideVerdict([report({ audit })], { ...options, audit: 'fail' }).reasons).toEqual([expected])
    expect(decideVerdict([report({ audit })], { ...options, audit: 'off' }).warnings).toEqual([])
  })

  test('is not changed by a notice of the audit, with any gate', () => {
    const audit = [{ rule: 'image/labels', severity: 'notice', message: 'has no label', fix: 'LABEL' }] as const
    for (const gate of ['fail', 'warn'] as const)
      expect(decideVerdict([report({ audit })], { ...options, audit: gate })).toEqual({
        passed: true,
        reasons: [],
        warnings: [],
      })
  })

  test('is never failed by a check that only warns', () => {
    const checks = [
      { name: 'healthy', status: 'pass', reason: 'after 2 s' },
      { name: 'stops', status: 'warn', reason: 'exit code 143' },
      { name: 'user', status: 'skip', reason: 'disabled' },
    ] as const
    expect(decideVerdict([report({ smoke: smoke('passed', checks) })], options)).toEqual({
      passed: true,
      reasons: [],
      warnings: [{ gate: 'smoke', message: 'stops: exit code 143', addon: 'a', architecture: 'armv7' }],
    })
  })
})
