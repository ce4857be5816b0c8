import { describe, expect, test } from '@jest/globals'
import { retry } from '../../src/core/retry.ts'

/** Work that fails so often, with a clock that does not wait. */
function setUp({ failures, abortIn }: { readonly failures: number; readonly abortIn?: 'the work' | 'the wait' }) {
  const stop = new AbortController()
  const [waits, retries, attempts]: [number[], unknown[][], number[]] = [[], [], []]
  const options = {
    attempts: 4,
    signal: stop.signal,
    sleep: async (ms: number) => {
      waits.push(ms)
      if (abortIn === 'the wait') stop.abort()
    },
    waitMs: (thrown: unknown, attempt: number) => (thrown === 'for good' ? undefined : attempt * 10),
    onRetry: (...event: unknown[]) => void retries.push(event),
  }
  const work = async (attempt: number): Promise<string> => {
    attempts.push(attempt)
    if (abortIn === 'the work') stop.abort()
    if (attempt <= failures) throw `failure ${attempt}`
    return 'done'
  }
  return { options, work, waits, retries, attempts }
}

describe('work that fails', () => {
  test('is repeated after each wait until it succeeds', async () => {
    const { options, work, waits, retries, attempts } = setUp({ failures: 2 })
    await expect(retry(options, work)).resolves.toBe('done')
    expect({ waits, retries, attempts }).toEqual({
      waits: [10, 20],
      retries: [
        ['failure 1', 10],
        ['failure 2', 20],
      ],
      attempts: [1, 2, 3],
    })
  })

  test('too often rejects with its last error', async () => {
    const { options, work, waits } = setUp({ failures: 9 })
    await expect(retry(options, work)).rejects.toBe('failure 4')
    expect(waits).toEqual([10, 20, 30])
  })

  test('permanently is not repeated', async () => {
    const { options, waits } = setUp({ failures: 0 })
    await expect(retry(options, () => Promise.reject('for good'))).rejects.toBe('for good')
    expect(waits).toEqual([])
  })

  test.each(['the work', 'the wait'] as const)('is not repeated after a cancel during %s', async (abortIn) => {
    const { options, work, attempts } = setUp({ failures: 9, abortIn })
    await expect(retry(options, work)).rejects.toBe('failure 1')
    expect(attempts).toEqual([1])
  })
})
