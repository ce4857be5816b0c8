import type { Processes } from '../core/host.ts'
import type { Builder } from './builders/builder.ts'

/** Ends what hangs inside of a builder, once in a run. */
export interface Restart {
  /** Stops the builder; buildx starts it again with the next build, with all that it has built. The same promise for all who ask. */
  run(): Promise<void>
  /** Whether somebody has asked: a build that failed meanwhile failed by that. */
  asked(): boolean
}

/**
 * BuildKit goes on waiting for a cache that does not answer after the build that asked for it has been given up, and every later build that shares a step
 * with it waits, too, with a cache or without (measured with 0.32). Undefined for a builder that is not this run's own
 * (others may be building on it) and for one that buildx cannot start again.
 */
export function createRestart(builder: Builder, processes: Processes): Restart | undefined {
  if (!builder.owned || builder.driver !== 'docker-container') return undefined
  let stopping: Promise<void> | undefined
  return {
    run() {
      stopping ??= processes.exec('docker', ['buildx', 'stop', builder.name], { timeoutMs: 60_000 }).then(() => {})
      return stopping
    },
    asked: () => stopping !== undefined,
  }
}
