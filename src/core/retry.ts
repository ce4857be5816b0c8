import type { Clock } from './host.ts'

interface RetryOptions {
  readonly sleep: Clock['sleep']
  /** Aborting ends the wait at once; no other attempt follows. */
  readonly signal?: AbortSignal | undefined
  /** Maximum number of attempts. */
  readonly attempts: number
  /** How long to wait after this attempt (the first is 1) failed with `thrown`, in ms; undefined: it failed for good. */
  waitMs(thrown: unknown, attempt: number): number | undefined
  /** Called before each wait. */
  onRetry?(thrown: unknown, waitMs: number): void
}

/** Runs `work` until it succeeds, fails for good, or has been tried often enough. Rejects with what the last attempt threw. */
export async function retry<T>(options: RetryOptions, work: (attempt: number) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work(attempt)
    } catch (thrown) {
      const isLast = attempt >= options.attempts || options.signal?.aborted
      const waitMs = isLast ? undefined : options.waitMs(thrown, attempt)
      if (waitMs === undefined) throw thrown
      options.onRetry?.(thrown, waitMs)
      await options.sleep(waitMs, options.signal)
      if (options.signal?.aborted) throw thrown
    }
  }
}
