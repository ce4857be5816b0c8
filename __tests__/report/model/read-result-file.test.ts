import { longestText } from '../../../src/core/schema.ts'
import { readResultFile } from '../../../src/report/model/read-result-file.ts'
import { resultFileName } from '../../../src/report/model/result-file.ts'
import { compared, digest, target } from '../reports.ts'

const build = {
  status: 'built',
  durationMs: 1,
  emulated: false,
  configDigest: digest(1),
  manifestDigest: digest(2),
  steps: [],
  cache: { hits: 0, total: 0 },
  warnings: [],
} as const
/** A result as a job leaves it; `build` and size are of the same image. */
const result = (changes: object = {}, reported: object = {}): Record<string, unknown> => ({
  schemaVersion: 1,
  kind: 'aicleaner-build-result',
  id: 'aicleaner_v3/amd64',
  sha: 'a'.repeat(40),
  run: { id: '1', attempt: 1 },
  report: { ...target('amd64', { build, size: compared(1e7, 2e7) }), ...reported },
  ...changes,
})
const read = (value: unknown) => readResultFile('x.result.json', JSON.stringify(value))
const refusal = (what: string) => ({
  severity: 'error',
  code: 'publish/bad-result',
  message: `x.result.json ${what}.`,
  remedy: 'Pass the result files of the "mode: build" jobs of this run without changing them.',
})

test('a result that a job wrote is read as it is', () => {
  const diagnostic = { severity: 'error', code: 'c', message: 'm', remedy: 'r' }
  const whole = result(
    {
      failure: { kind: 'environment', diagnostics: [diagnostic] },
      notPushed: 'why',
      pushed: [digest(3)],
    },
    {
      context: {
        folder: 'a',
        dockerfile: 'a/Dockerfile',
        before: { files: 1, bytes: 2 },
        after: { files: 1, bytes: 2 },
        exclude: [],
        largestFiles: [],
      },
    },
  )
  expect(read(whole)).toEqual(whole)
  expect(read(result())).toEqual(result())
})

test.each<[string, unknown, string]>([
  ['null', null, 'is not a result file'],
  ['a list', [], 'is not a result file'],
  ['a number', 7, 'is not a result file'],
  ['another kind of file', result({ kind: 'report' }), 'is not a result file'],
  ['a newer version', result({ schemaVersion: 2 }), 'has schema version 2, this version reads 1'],
  ['no version', { kind: 'aicleaner-build-result' }, 'has schema version undefined, this version reads 1'],
  ['a version that is an object', result({ schemaVersion: {} }), 'has schema version an object, this version reads 1'],
  [
    'a version that acts on a terminal',
    result({ schemaVersion: '\u001b[2J' }),
    String.raw`has schema version \u001b[2J, this version reads 1`,
  ],
  [
    'a version without end',
    result({ schemaVersion: 'x'.repeat(500) }),
    `has schema version ${'x'.repeat(100)}, this version reads 1`,
  ],
  ['a field of another type', result({ sha: 7 }), 'is not a valid result file: $.sha: expected a string'],
  [
    'the first three of many',
    result({ id: 1, sha: 2, run: { id: 3, attempt: 0 } }),
    'is not a valid result file: $.id: expected a string; $.sha: expected a string; $.run.id: expected a string',
  ],
  [
    'an attempt that is none',
    result({ run: { id: '1', attempt: 0 } }),
    'is not a valid result file: $.run.attempt: expected >=1',
  ],
  [
    'a failure of another kind',
    result({ failure: { kind: 'publish', diagnostics: [] } }),
    'is not a valid result file: $.failure.kind: expected ("input" | "environment" | "cancelled")',
  ],
  ['a text for a list', result({ pushed: 'x' }), 'is not a valid result file: $.pushed: expected an array'],
  [
    'a digest that is none',
    result({ pushed: ['x'] }),
    'is not a valid result file: $.pushed[0]: expected sha256: and 64 hex digits',
  ],
  ['a number for a text', result({ notPushed: 1 }), 'is not a valid result file: $.notPushed: expected a string'],
  [
    'another target',
    result({ id: 'aicleaner_v3/armv7' }),
    'is for aicleaner_v3/armv7, but reports on aicleaner_v3/amd64',
  ],
  [
    'the manifest of another image',
    result({}, { build: { ...build, manifestDigest: digest(9) } }),
    'has the size of another image than the one that was built',
  ],
  [
    'the config of another image',
    result({}, { build: { ...build, configDigest: digest(9) } }),
    'has the size of another image than the one that was built',
  ],
])('%s is refused', (_, value, what) => expect(read(value)).toEqual(refusal(what)))

test('what is not JSON is refused', () => {
  expect(readResultFile('x.result.json', '{')).toEqual(refusal('is not JSON'))
})

test('a tree that is nested too deeply is refused', () => {
  const deep = `${'{"name":"x","bytes":1,"children":['.repeat(5000)}${']}'.repeat(5000)}`
  const size = compared(1e7, 2e7)
  const whole = result(
    {},
    { size: { ...size, measure: { ...size.measure, contents: { ...size.measure.contents, tree: 0 } } } },
  )
  expect(readResultFile('x.result.json', JSON.stringify(whole).replace('"tree":0', `"tree":${deep}`))).toEqual(
    refusal('is not a valid result file: $.report.size.measure.contents.tree: expected at most 1000 levels'),
  )
})

test('an image that was not built, or not measured, cannot have the size of another one', () => {
  const failed = { status: 'failed', durationMs: 1, emulated: false, reason: 'no', log: [] }
  const { size: _, ...unmeasured } = result().report as { size: unknown }
  for (const value of [result({}, { build: failed }), { ...result(), report: unmeasured }])
    expect(read(value)).toEqual(value)
})

test('unknown fields are dropped, and texts are cut', () => {
  const made = read({ ...result({ notPushed: 'x'.repeat(longestText + 5), more: 1 }), other: {} })
  expect(made).toEqual(result({ notPushed: `${'x'.repeat(longestText - 1)}…` }))
})

test('no more problems are read than a job can have', () => {
  const diagnostics = Array.from({ length: 60 }, (_, index) => ({
    severity: 'error',
    code: 'c',
    message: `m${index}`,
    remedy: '',
  }))
  expect(read(result({ failure: { kind: 'input', diagnostics } }))).toMatchObject({
    failure: { kind: 'input', diagnostics: diagnostics.slice(0, 50) },
  })
})

test.each([
  ['aicleaner', 'aicleaner-amd64.result.json'],
  ['../x', expect.stringMatching(/^[\w-]+-amd64\.result\.json$/)],
])('the file of %s cannot leave its folder', (addon, name) => {
  expect(resultFileName({ addon, architecture: 'amd64' })).toEqual(name)
})
