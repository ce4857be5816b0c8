import { expect, test } from '@jest/globals'
import { familiesOf } from './cases/all.ts'
import { wrongOf } from './wrong.ts'

// The other half is in texts.integration.test.ts: two files are run at once.
test.each(familiesOf('files'))(
  'hostile %s: each gives a plan or exit code 2, and reaches nothing else',
  async (_, cases) => {
    expect(await wrongOf(cases)).toEqual({})
  },
)
