import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { beforeAll, expect, test } from '@jest/globals'
import { describeWith } from '../environment/describe-with.ts'
import { testedArchitectures } from '../environment/emulators.ts'
import { type BeforeAfter, documents, measureBeforeAfter, readTable, rowsOf } from './before-after.ts'
import { hostArchitecture } from './host-architecture.ts'
import {
  differentBases,
  findingsAfter,
  insufficientReductions,
  outdatedRows,
  unexpectedFindingsBefore,
} from './size-checks.ts'

// Only the architecture of this machine: compilers install slowly under emulation. `npm run sizes` checks every architecture.
describeWith(['engine', 'bases'], 'The sizes of the reference add-on', (facts) => {
  const architectures = [hostArchitecture()]
  let measured: BeforeAfter
  beforeAll(async () => {
    measured = await measureBeforeAfter(facts, architectures)
  }, 600_000)

  test('the image is at least 60 % smaller on the same base', () => {
    expect(insufficientReductions(measured, architectures)).toEqual([])
    expect(differentBases(measured)).toEqual([])
  })

  test('the image has no audit findings', () => {
    expect(findingsAfter(measured)).toEqual([])
  })

  test('the image before has exactly the expected audit findings', () => {
    expect(unexpectedFindingsBefore(measured)).toEqual([])
  })

  test.each(documents)('the table in %s matches the measured sizes', (document) => {
    const documented = readTable(readFileSync(resolve(document), 'utf8'))
    expect(documented.map(({ architecture }) => architecture)).toEqual(testedArchitectures)
    expect(outdatedRows(documented, rowsOf(measured))).toEqual([])
  })

  test('the checks detect wrong sizes and findings', () => {
    const swapped: BeforeAfter = { before: measured.after, after: measured.before }
    expect(findingsAfter(swapped)).not.toEqual([])
    expect(unexpectedFindingsBefore(swapped)).not.toEqual([])
    expect(insufficientReductions(measured, ['armhf'])).toEqual([expect.stringContaining('instead of armhf')])
    const wrong = rowsOf(measured).map((row) => ({ ...row, download: [row.download[0], row.download[1] * 2] as const }))
    expect(outdatedRows(wrong, rowsOf(measured))).toEqual([expect.stringContaining('download')])
  })
})
