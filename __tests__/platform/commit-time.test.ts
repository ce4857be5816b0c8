import { expect, test } from '@jest/globals'
import type { Host, ProcessResult } from '../../src/core/host.ts'
import { commitTime } from '../../src/platform/commit-time.ts'

const host = (answer: ProcessResult | Error, environment: Record<string, string> = {}): Host =>
  ({
    environment,
    workspace: '/w',
    processes: {
      exec: async () => {
        if (answer instanceof Error) throw answer
        return answer
      },
    },
  }) as unknown as Host

const said = (stdout: string, exitCode = 0): ProcessResult => ({ stdout, stderr: '', exitCode })

test.each([
  ['SOURCE_DATE_EPOCH wins', host(said('1700000000\n'), { SOURCE_DATE_EPOCH: '1600000000' }), 1_600_000_000_000],
  ['then the commit', host(said('1700000000\n')), 1_700_000_000_000],
  [
    'a value that is no time is passed over',
    host(said('1700000000\n'), { SOURCE_DATE_EPOCH: 'now' }),
    1_700_000_000_000,
  ],
  ['no checkout', host(said('', 128)), undefined],
  ['no git', host(new Error('ENOENT')), undefined],
])('the time of the commit: %s', async (_, given, expected) => {
  expect(await commitTime(given)).toBe(expected)
})
