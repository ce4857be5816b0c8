import { exitCodeOf } from '../../../src/report/model/exit-code.ts'
import type { Reason } from '../../../src/report/model/report.ts'
import { failing } from '../reports.ts'

const of = (...gates: readonly Reason['gate'][]): number =>
  exitCodeOf({ verdict: failing(...gates.map((gate) => ({ gate, message: 'm' }))) })

test.each<[Reason['gate'], number]>([
  ['build', 1],
  ['smoke', 1],
  ['size', 1],
  ['audit', 1],
  ['measure', 1],
  ['input', 2],
  ['artifact', 2],
  ['environment', 3],
  ['publish', 3],
  ['cancelled', 130],
])('a run that ended with "%s" exits with %d', (gate, code) => expect(of(gate)).toBe(code))

test.each<[readonly Reason['gate'][], number]>([
  [['size', 'input'], 2],
  [['environment', 'size'], 1],
  [['cancelled', 'environment'], 3],
  [['cancelled', 'build'], 1],
  [['cancelled', 'publish', 'smoke', 'artifact'], 2],
])('of %j errors of the add-on take precedence: %d', (gates, code) => expect(of(...gates)).toBe(code))

test('a run that passed exits with 0, even with warnings', () => {
  expect(exitCodeOf({ verdict: { passed: true, reasons: [], warnings: [{ gate: 'size', message: 'm' }] } })).toBe(0)
})

test('a run that failed without a reason does not pass', () => expect(of()).toBe(1))
