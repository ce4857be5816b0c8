import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { beforeAll, expect, test } from '@jest/globals'
import { describeWith } from '../environment/describe-with.ts'
import { testedArchitectures } from '../environment/emulators.ts'
import { type BeforeAfter, documents, measureBeforeAfter, readTable, rowsOf } from './before-after.ts'
import { architectureOfMachine } from './machine.ts'
import { findingsAfter, otherBases, otherFindingsBefore, outdated, tooLarge } from './size-checks.ts'

// The architecture of this machine only: compilers are slow to install where they are emulated. `npm run sizes` checks the same for all of them.
describeWith(['engine', 'bases'], 'The image of the guide, beside what many add-ons look like', (facts) => {
  const architectures = [architectureOfMachine()]
  let measured: BeforeAfter
  beforeAll(async () => {
    measured = await measureBeforeAfter(facts, architectures)
  }, 600_000)

  test('is on the same base, and is smaller by 60 % at least', () => {
    expect(tooLarge(measured, architectures)).toEqual([])
    expect(otherBases(measured)).toEqual([])
  })

  test('has no finding of the audit, not the least', () => {
    expect(findingsAfter(measured)).toEqual([])
  })

  test('would have had exactly these findings before', () => {
    expect(otherFindingsBefore(measured)).toEqual([])
  })

  // Those of another base are other figures; the table says which one it is about.
  test.each(documents)('is measured as the table in %s says', (document) => {
    const shown = readTable(readFileSync(resolve(document), 'utf8'))
    expect(shown.map(({ architecture }) => architecture)).toEqual(testedArchitectures)
    expect(outdated(shown, rowsOf(measured))).toEqual([])
  })

  test('is checked by claims that can fail', () => {
    const swapped: BeforeAfter = { before: measured.after, after: measured.before }
    expect(findingsAfter(swapped)).not.toEqual([])
    expect(otherFindingsBefore(swapped)).not.toEqual([])
    expect(tooLarge(measured, ['armhf'])).toEqual([expect.stringContaining('instead of armhf')])
    const wrong = rowsOf(measured).map((row) => ({ ...row, download: [row.download[0], row.download[1] * 2] as const }))
    expect(outdated(wrong, rowsOf(measured))).toEqual([expect.stringContaining('download')])
  })
})
