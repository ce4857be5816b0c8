import { expect, jest, test } from '@jest/globals'
import { familiesOf } from './cases/all.ts'
import { wrongOf } from './wrong.ts'

// Hundreds of folders are written, perhaps on a busy machine.
jest.setTimeout(600_000)

// The other half is in texts.test.ts: two files are run at once.
test.each(familiesOf('files'))(
  'hostile %s: each gives a plan or exit code 2, and reaches nothing else',
  async (_, cases) => {
    expect(await wrongOf(cases)).toEqual({})
  },
)
