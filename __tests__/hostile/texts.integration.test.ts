import { expect, test } from '@jest/globals'
import { familiesOf } from './cases/all.ts'
import { wrongOf } from './wrong.ts'

test.each(familiesOf('texts'))(
  'hostile %s: each results in a plan or exit code 2, without side effects',
  async (_, cases) => {
    expect(await wrongOf(cases)).toEqual({})
  },
)

test('hostile texts do not pollute JavaScript prototypes', () => {
  expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  expect(Object.keys(Object.prototype)).toEqual([])
})
