import type { Clock } from '../core/host.ts'
import { mayPass, RegistryError } from './error.ts'

export interface RetrySetting {
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Told before each wait: what failed, and for how long we wait (ms). */
  readonly onRetry?: (message: string, waitMs: number) => void
  /** First wait; doubles. Default 1,000 ms. */
  readonly firstWaitMs?: number
}

const attempts = 5
const longestWaitMs = 60_000

/** Runs `work` until it succeeds, fails for good, or has failed five times. Honours Retry-After up to a minute. */
export async function retry<T>(
  setting: RetrySetting,
  work: () => Promise<T>,
  passes: (thrown: unknown) => boolean = mayPass,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work()
    } catch (thrown) {
      if (attempt >= attempts || setting.signal.aborted || !passes(thrown)) throw thrown
      const asked = thrown instanceof RegistryError ? thrown.retryAfterMs : undefined
      const waitMs = Math.min(asked ?? (setting.firstWaitMs ?? 1_000) * 2 ** (attempt - 1), longestWaitMs)
      setting.onRetry?.((thrown as Error).message, waitMs)
      await setting.clock.sleep(waitMs, setting.signal)
      if (setting.signal.aborted) throw thrown
    }
  }
}
