import { expect, test } from '@jest/globals'
import { error, warning } from '../../../src/core/diagnostics.ts'
import { files } from '../../../src/smoke/checks/files.ts'
import type { SmokeContext } from '../../../src/smoke/context.ts'

const outcome = (fileProblems: SmokeContext['fileProblems']) =>
  files.beforeCreate?.({ fileProblems } as Partial<SmokeContext> as SmokeContext)

test('files without a problem are not mentioned', () => {
  expect(outcome([])).toBeUndefined()
})

test('a warning is a warning, and an error fails, whatever comes first', () => {
  const odd = warning('a/b', 'Odd.', 'Do.')
  expect(outcome([odd])).toEqual({ status: 'warn', reason: 'Odd. Do.' })
  expect(outcome([odd, error('a/c', 'Bad.', 'Do.')])).toMatchObject({ status: 'unmet', reason: 'Bad. Do.' })
})
