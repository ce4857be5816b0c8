import type { Diagnostic } from '../../src/diagnostics.ts'
import { annotations } from '../../src/report/annotations.ts'
import type { Finding, Report } from '../../src/report/report.ts'
import { addon, built, failing, report, target } from './reports.ts'
import { situations } from './situations.ts'

const of = (name: string): readonly Diagnostic[] => annotations((situations[name] as () => Report)())

test('a build that failed points at its line', () => {
  expect(of('one-architecture-failed')).toEqual([
    {
      severity: 'error',
      code: 'gate/build',
      message: 'armv7: process "/bin/sh -c pip install -r requirements.txt" did not complete successfully: exit code 1',
      remedy: expect.stringContaining('report'),
      where: { file: 'docker/Dockerfile', line: 14, column: 1 },
    },
    expect.objectContaining({
      code: 'gate/smoke',
      message: 'aarch64: not healthy within 60 s: the probe exits with 1',
    }),
  ])
})

test('what all architectures have is said once', () => {
  const warning: Diagnostic = {
    severity: 'warning',
    code: 'dockerfile/JSONArgsRecommended',
    message: 'JSON arguments recommended for CMD.',
    remedy: '',
    where: { file: 'Dockerfile', line: 9, column: 1 },
  }
  const build = { ...built(), warnings: [warning] } as ReturnType<typeof built>
  const made = annotations(report([addon([target('amd64', { build }), target('armv7', { build })])]))
  expect(made).toEqual([{ ...warning, message: 'amd64 and armv7: JSON arguments recommended for CMD.' }])
})

test('a gate that was turned into a warning is a warning', () => {
  expect(of('warned-by-label').map(({ severity }) => severity)).toEqual(['warning'])
})

test('what the audit remarks is said once, at its line', () => {
  const where = { file: 'Dockerfile', line: 1, column: 1 }
  const audit: readonly Finding[] = [
    { rule: 'image/root-user', severity: 'warning', message: 'It is root.', fix: 'f', where },
  ]
  const warnings = [
    { gate: 'audit', addon: 'aicleaner', architecture: 'amd64', message: 'image/root-user: It is root.' } as const,
  ]
  const made = annotations(
    report([addon([target('amd64', { audit })])], { verdict: { passed: true, reasons: [], warnings } }),
  )
  expect(made.map(({ code, where: place }) => [code, place])).toEqual([['audit/image/root-user', where]])
})

test('no more than GitHub shows of each kind, and the last says so', () => {
  const audit: readonly Finding[] = Array.from({ length: 25 }, (_, index) => ({
    rule: `r${index}`,
    severity: 'notice',
    message: `m${index}`,
    fix: 'f',
  }))
  const made = annotations(report([addon([target('amd64', { audit })])]))
  expect(made).toHaveLength(10)
  expect(made.at(-1)?.message).toBe('16 more notices stand in the job summary.')
})

test('errors of several add-ons name theirs', () => {
  const made = annotations(
    report([addon([target('amd64')]), addon([target('amd64', { addon: 'b' })], { slug: 'b' })], {
      verdict: failing({ gate: 'size', addon: 'b', architecture: 'amd64', message: '5.0 MB over' }),
    }),
  )
  expect(made[0]?.message).toBe('b/amd64: 5.0 MB over')
})

test('a run that passed has none', () => {
  expect(of('shrink')).toEqual([])
})

test('options that the Supervisor would refuse stand at their lines, once for all architectures', () => {
  const option = (message: string, line: number): Diagnostic => ({
    severity: 'error',
    code: 'smoke/bad-option',
    message,
    remedy: 'Do.',
    where: { file: 'a/config.yaml', line, column: 3 },
  })
  const diagnostics = [option('Option "a" is wrong.', 4), option('Option "b" is wrong.', 5)]
  const reason = 'the Supervisor would not start it: a/config.yaml:4:3: Option "a" is wrong. Do.'
  const smoke = { status: 'failed', readiness: '', reason, durationMs: 1, checks: [], diagnostics } as const
  const targets = [target('amd64', { smoke }), target('armv7', { smoke })]
  const reasons = targets.map(({ addon: slug, architecture }) => ({
    gate: 'smoke' as const,
    addon: slug,
    architecture,
    message: reason,
  }))
  const made = annotations({
    ...report([addon(targets)]),
    verdict: { passed: false, reasons, warnings: [] },
  })
  expect(made).toMatchObject([
    { code: 'gate/smoke', message: `amd64 and armv7: ${reason}`, where: { line: 4 } },
    { code: 'smoke/bad-option', message: 'amd64 and armv7: Option "b" is wrong.', where: { line: 5 } },
  ])
})

test('remarks that differ in a time alone are one', () => {
  const warnings = ['stopped in 338 ms, with exit code 143', 'stopped in 1.2 s, with exit code 143'].map(
    (message, index) => ({
      gate: 'smoke' as const,
      addon: 'aicleaner',
      architecture: (['amd64', 'armv7'] as const)[index as 0 | 1],
      message: `stops: ${message}`,
    }),
  )
  const made = annotations({
    ...report([addon([target('amd64'), target('armv7')])]),
    verdict: { passed: true, reasons: [], warnings },
  })
  expect(made.map(({ message }) => message)).toEqual(['amd64 and armv7: stops: stopped in …, with exit code 143'])
})
