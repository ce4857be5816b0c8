import { longestText } from '../../../src/core/schema.ts'
import { toJson } from '../../../src/report/model/json.ts'
import { largestReport, readReport } from '../../../src/report/model/read.ts'
import { report } from '../reports.ts'

const refusal = (why: string) => ({
  diagnostic: {
    severity: 'error',
    code: 'report/unreadable',
    message: `The report cannot be used: ${why}.`,
    remedy: 'Use the report.json of a run with the same major version of aicleaner-build.',
  },
})

test('names what is wrong in a report', () => {
  const made = { ...report([]), addons: 1, diagnostics: {} }
  expect(readReport(toJson(made as never))).toEqual(
    refusal('$.addons: expected an array; $.diagnostics: expected an array'),
  )
})

test('refuses what is not JSON', () => {
  expect(readReport('{')).toMatchObject({
    diagnostic: { message: expect.stringMatching(/^The report cannot be used: .*[^.]\.$/) },
  })
})

test('refuses lists that are nested without end', () => {
  const text = toJson(report([])).replace('"addons": []', `"addons": ${'['.repeat(200_000)}${']'.repeat(200_000)}`)
  expect(readReport(text)).toMatchObject({ diagnostic: { code: 'report/unreadable' } })
})

test('reads a report up to the largest size', () => {
  const text = toJson(report([]))
  expect(readReport(text.padEnd(largestReport))).toEqual({ report: report([]) })
  expect(readReport(text.padEnd(largestReport + 1))).toEqual(refusal('it has more than 16777216 characters'))
})

test('drops unknown fields and cuts long texts', () => {
  const made = report([])
  const text = JSON.stringify({ ...made, more: 1, run: { ...made.run, more: {}, ref: 'x'.repeat(longestText + 1) } })
  const read = readReport(text.replace('{', '{"__proto__":{"x":1},"constructor":1,'))
  expect(read).toStrictEqual({
    report: { ...made, run: { ...made.run, ref: `${'x'.repeat(longestText - 1)}…` } },
  })
})

test.each(['1e999', '-1e999'])('refuses the number %s', (number) => {
  const text = toJson(report([])).replace(/"runAttempt": \d+/, `"runAttempt": ${number}`)
  expect(readReport(text)).toEqual(refusal('$.run.runAttempt: expected a whole number'))
})
