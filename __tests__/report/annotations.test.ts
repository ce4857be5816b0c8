import type { Finding } from '../../src/audit/finding.ts'
import type { Diagnostic } from '../../src/core/diagnostics.ts'
import { annotations } from '../../src/report/annotations.ts'
import type { Reason, Report } from '../../src/report/model/report.ts'
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

test('a problem of all architectures is annotated once', () => {
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

test('a finding of the audit is annotated once, at its line', () => {
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

test('there are no more than GitHub shows of each kind, and the last one mentions the rest', () => {
  const audit: readonly Finding[] = Array.from({ length: 25 }, (_, index) => ({
    rule: `r${index}`,
    severity: 'notice',
    message: `m${index}`,
    fix: 'f',
  }))
  const made = annotations(report([addon([target('amd64', { audit })])]))
  expect(made).toHaveLength(10)
  expect(made.at(-1)?.message).toBe('The job summary lists 16 more notices.')
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

test('options that the Supervisor would reject are annotated at their lines, once for all architectures', () => {
  const option = (message: string, line: number): Diagnostic => ({
    severity: 'error',
    code: 'smoke/bad-option',
    message,
    remedy: 'Do.',
    where: { file: 'a/config.yaml', line, column: 3 },
  })
  const diagnostics = [option('Option "a" is wrong.', 4), option('Option "b" is wrong.', 5)]
  const reason = 'the Supervisor would not start the add-on: a/config.yaml:4:3: Option "a" is wrong. Do.'
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

const notices = (number: number): readonly Finding[] =>
  Array.from({ length: number }, (_, index) => ({
    rule: `r${index}`,
    severity: 'notice',
    message: `m${index}`,
    fix: 'f',
  }))

test('as many as GitHub shows are shown, and of one more the last two are counted', () => {
  const of = (number: number) => annotations(report([addon([target('amd64', { audit: notices(number) })])]))
  expect(of(10).map(({ code }) => code)).toEqual(notices(10).map(({ rule }) => `audit/${rule}`))
  expect(of(11).slice(8)).toEqual([
    { severity: 'notice', code: 'audit/r8', message: 'amd64: m8', remedy: 'f' },
    { severity: 'notice', code: 'report/more', message: 'The job summary lists 2 more notices.', remedy: '' },
  ])
})

test('the most severe come first, and each kind has its own limit', () => {
  const warning: Finding = { rule: 'w', severity: 'warning', message: 'm', fix: 'f' }
  const made = annotations(
    report([addon([target('amd64', { audit: [...notices(12), warning] })])], {
      verdict: failing({ gate: 'input', message: 'Bad.' }),
    }),
  )
  expect(made.map(({ severity }) => severity)).toEqual(['error', 'warning', ...Array(10).fill('notice')])
})

test.each([
  ['build', /end of the build log/],
  ['smoke', /the command that reproduces the test/],
  ['size', /label the pull request "size-ok"/],
  ['audit', /lists a fix/],
  ['measure', /the size/],
  ['publish', /Run the job again/],
  ['input', /^$/],
  ['artifact', /^$/],
  ['environment', /^$/],
  ['cancelled', /^$/],
] as const)('a reason of "%s" has a remedy', (gate, remedy) => {
  const of = (parts: object) => annotations(report([], { verdict: failing({ gate, message: 'No.', ...parts }) }))
  expect(of({})).toEqual([
    { severity: 'error', code: `gate/${gate}`, message: 'No.', remedy: expect.stringMatching(remedy) },
  ])
  expect(of({ remedy: 'Do it.' })[0]?.remedy).toBe('Do it.')
})

test('a message cannot contain a command for the log', () => {
  const [only] = annotations(report([], { verdict: failing({ gate: 'smoke', message: 'a\u202eb' }) }))
  expect(only?.message).toBe('a‹U+202E›b')
})

test('a reason of one add-on names the architecture, one of the whole run nothing', () => {
  const of = (parts: object) =>
    annotations(
      report([addon([target('amd64')])], { verdict: failing({ gate: 'size', message: 'No.', ...parts }) }),
    ).map(({ message }) => message)
  expect(of({ addon: 'aicleaner_v3', architecture: 'amd64' })).toEqual(['amd64: No.'])
  expect(of({ addon: 'aicleaner_v3' })).toEqual(['No.'])
})

test('only the build that failed has the place of its failure', () => {
  const where = { file: 'Dockerfile', line: 3, column: 1 }
  const build = { status: 'failed', durationMs: 1, emulated: false, reason: 'no', log: [], where } as const
  const reason = { addon: 'aicleaner_v3', architecture: 'amd64', message: 'no' } as const
  const of = (...reasons: readonly Reason[]) =>
    annotations(report([addon([target('armv7'), target('amd64', { build })])], { verdict: failing(...reasons) })).map(
      (one) => one.where,
    )
  expect(of({ gate: 'build', ...reason })).toEqual([where])
  expect(of({ gate: 'size', ...reason })).toEqual([undefined])
  expect(of({ gate: 'build', ...reason, architecture: 'armv7' })).toEqual([undefined])
  expect(of({ gate: 'build', ...reason, addon: 'other' })).toEqual([undefined])
})

test('checks of Docker are shown where no audit has taken them over', () => {
  const warning: Diagnostic = { severity: 'warning', code: 'dockerfile/x', message: 'X.', remedy: '' }
  const build = { ...built(), warnings: [warning] } as ReturnType<typeof built>
  expect(annotations(report([addon([target('amd64', { build, audit: [] })])]))).toEqual([])
  expect(annotations(report([addon([target('amd64', { build })])]))).toEqual([{ ...warning, message: 'amd64: X.' }])
})

test('the same message at another location, or of another severity, is annotated separately', () => {
  const at = (line: number, code = 'dockerfile/x'): Diagnostic => ({
    severity: 'warning',
    code,
    message: 'X.',
    remedy: '',
    where: { file: 'Dockerfile', line, column: 1 },
  })
  const build = { ...built(), warnings: [at(1), at(2), at(1, 'dockerfile/y')] } as ReturnType<typeof built>
  expect(annotations(report([addon([target('amd64', { build })])]))).toHaveLength(3)
})

test('options of a smoke test that only warn are shown', () => {
  const unused: Diagnostic = { severity: 'warning', code: 'smoke/unused-option', message: 'C.', remedy: '' }
  const smoke = {
    status: 'passed',
    readiness: '',
    reason: '',
    durationMs: 1,
    checks: [],
    diagnostics: [unused],
  } as const
  expect(annotations(report([addon([target('amd64', { smoke })])]))).toEqual([{ ...unused, message: 'amd64: C.' }])
})

test('a reason that is not about an option does not have the location of one', () => {
  const wrong: Diagnostic = {
    severity: 'error',
    code: 'smoke/bad-option',
    message: 'Option "a" is wrong.',
    remedy: '',
    where: { file: 'a/config.yaml', line: 4, column: 3 },
  }
  const smoke = {
    status: 'failed',
    readiness: '',
    reason: '',
    durationMs: 1,
    checks: [],
    diagnostics: [wrong],
  } as const
  const [only, ...more] = annotations(
    report([addon([target('amd64', { smoke })])], {
      verdict: failing({ gate: 'smoke', addon: 'aicleaner_v3', architecture: 'amd64', message: 'not healthy' }),
    }),
  )
  expect([only?.where, more]).toEqual([undefined, []])
})

test('a finding names its images once, and the add-on only where it has to', () => {
  const audit: readonly Finding[] = [{ rule: 'r', severity: 'warning', message: 'M.', fix: 'f' }]
  expect(
    annotations(report([addon([target('amd64', { audit }), target('armv7', { audit })])])).map(
      ({ message }) => message,
    ),
  ).toEqual(['amd64 and armv7: M.'])
})
