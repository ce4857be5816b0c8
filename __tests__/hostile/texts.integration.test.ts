import { expect, test } from '@jest/globals'
import { familiesOf } from './cases/all.ts'
import { wrongOf } from './wrong.ts'

test.each(familiesOf('texts'))(
  'hostile %s: each gives a plan or exit code 2, and reaches nothing else',
  async (_, cases) => {
    expect(await wrongOf(cases)).toEqual({})
  },
)

test('nothing of them stayed behind in the objects of JavaScript', () => {
  expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  expect(Object.keys(Object.prototype)).toEqual([])
})
