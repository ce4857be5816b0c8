import { setTimeout as wait } from 'node:timers/promises'
import type { Clock } from '../core/host.ts'

export const systemClock: Clock = {
  now: () => Date.now(),
  // An abort ends the wait; it is not an error of the wait.
  sleep: (ms, signal) => wait(ms, undefined, signal ? { signal } : {}).catch(() => {}),
}
