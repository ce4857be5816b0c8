import { expect, test } from '@jest/globals'
import { familiesOf } from './cases/all.ts'
import { wrongOf } from './wrong.ts'

// The other half is in texts.integration.test.ts: two files are run at once.
test.each(familiesOf('files'))(
  'hostile %s: each results in a plan or exit code 2, without side effects',
  async (_, cases) => {
    expect(await wrongOf(cases)).toEqual({})
  },
)
