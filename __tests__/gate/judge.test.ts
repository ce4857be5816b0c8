import { describe, expect, test } from '@jest/globals'
import { judge } from '../../src/gate/judge.ts'
import type { TargetReport } from '../../src/report/report.ts'

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
const options = { sizeGate: 'fail', audit: 'warn' } as const

describe('the verdict', () => {
  test('is passed when nothing was found', () => {
    expect(judge([report({ smoke: smoke('passed') })], options)).toEqual({ passed: true, reasons: [], warnings: [] })
  })

  test.each([
    ['a failed build', report({ build: failed }), 'build', 'exit code: 1'],
    ['a cancelled build', report({ build: { ...failed, status: 'cancelled' } }), 'cancelled', 'exit code: 1'],
    ['a failed smoke test', report({ smoke: smoke('failed') }), 'smoke', 'not healthy'],
    ['a size over budget', report({ size: over }), 'size', '5 B over'],
    ['a size that is not known', report({ sizeError: 'truncated' }), 'measure', 'truncated'],
  ] as const)('is failed by %s, with the reason and the architecture', (_, target, gate, message) => {
    const { passed, reasons } = judge([report(), target], options)
    expect(passed).toBe(false)
    expect(reasons).toEqual([{ gate, message, addon: 'a', architecture: 'armv7' }])
  })

  test('names all that is wrong, the gravest first, not the first thing only', () => {
    const { reasons } = judge([report({ smoke: smoke('failed'), size: over }), report({ build: failed })], options)
    expect(reasons.map(({ gate }) => gate)).toEqual(['build', 'smoke', 'size'])
  })

  test.each([
    ['the gate is set to warn', { ...options, sizeGate: 'warn' as const }, []],
    ['the pull request has the label size-ok', options, ['bug', 'size-ok']],
  ])('of a size over budget is a warning when %s', (_, given, labels) => {
    const { passed, warnings } = judge([report({ size: over })], given, labels)
    expect(passed).toBe(true)
    expect(warnings).toHaveLength(1)
    expect(warnings[0]?.message.endsWith('The label size-ok lets it pass.')).toBe(labels.length > 0)
  })

  test('warns of a budget that could not be judged, which is no pass', () => {
    const unjudged = { ...over.budgets[0], over: false, unjudged: 'why', message: 'was not judged' }
    const size = { measure, budgets: [unjudged] }
    expect(judge([report({ size })], options)).toMatchObject({
      passed: true,
      warnings: [{ message: 'was not judged' }],
    })
    expect(judge([report({ size })], { ...options, sizeGate: 'off' }).warnings).toEqual([])
  })

  test('says nothing of sizes when the gate is off', () => {
    expect(judge([report({ size: over })], { ...options, sizeGate: 'off' })).toEqual({
      passed: true,
      reasons: [],
      warnings: [],
    })
  })

  test('the label does not turn other failures into warnings', () => {
    expect(judge([report({ build: failed })], options, ['size-ok']).passed).toBe(false)
  })

  test('audit findings fail only where the audit is a gate', () => {
    const audit = [{ rule: 'image/root-user', severity: 'warning', message: 'runs as root', fix: 'USER' }] as const
    expect(judge([report({ audit })], options)).toMatchObject({ passed: true, warnings: [{ gate: 'audit' }] })
    expect(judge([report({ audit })], { ...options, audit: 'fail' }).passed).toBe(false)
  })

  test('a check that only warns never fails', () => {
    const checks = [{ name: 'stops', status: 'warn', reason: 'exit code 143' }] as const
    const { passed, warnings } = judge([report({ smoke: smoke('passed', checks) })], options)
    expect(passed).toBe(true)
    expect(warnings[0]?.message).toBe('stops: exit code 143')
  })
})
