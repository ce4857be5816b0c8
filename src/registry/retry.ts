import type { Clock, Host } from '../core/host.ts'
import { retry } from '../core/retry.ts'
import { isTransient, RegistryError } from './error.ts'

export interface RequestRetries {
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Called before each wait, with what failed. */
  readonly onRetry?: (message: string, waitMs: number) => void
  /** First wait; doubles. Default 1,000 ms. */
  readonly firstWaitMs?: number
  /** Maximum number of times that a request is sent. Default 5. */
  readonly attempts?: number
}

/** Settings for retries that are logged, and that end when the run is cancelled. */
export const loggedRetries = ({ clock, signal, log }: Pick<Host, 'clock' | 'signal' | 'log'>): RequestRetries => ({
  clock,
  signal,
  onRetry: (message, waitMs) => log.info(`${message} Trying again in ${Math.ceil(waitMs / 1000)} s.`),
})

const longestWaitMs = 60_000

/** Sends a request until it succeeds or has been sent `attempts` times. Honors `Retry-After` up to a minute. */
export const retryRequest = <T>(
  { clock, signal, onRetry, firstWaitMs = 1_000, attempts = 5 }: RequestRetries,
  work: () => Promise<T>,
  isRetryable: (thrown: unknown) => boolean = isTransient,
): Promise<T> =>
  retry(
    {
      sleep: clock.sleep,
      signal,
      attempts,
      waitMs(thrown, attempt) {
        if (!isRetryable(thrown)) return undefined
        const asked = thrown instanceof RegistryError ? thrown.retryAfterMs : undefined
        return Math.min(asked ?? firstWaitMs * 2 ** (attempt - 1), longestWaitMs)
      },
      onRetry: (thrown, waitMs) => onRetry?.((thrown as Error).message, waitMs),
    },
    work,
  )
