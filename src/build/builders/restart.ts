import type { Processes } from '../../core/host.ts'
import type { Builder } from './builder.ts'

/** Stops the builder once in a run, to end what hangs in it. */
export interface BuilderRestart {
  /** Stops the builder; buildx starts it again for the next build, with everything it has built. All calls return the same promise. */
  run(): Promise<void>
  /** Whether `run` was called: a build that failed meanwhile may have failed because of it. */
  hasRun(): boolean
}

/**
 * BuildKit keeps waiting for a cache that does not answer, and so do later builds that share a step (measured with 0.32).
 * Undefined for a builder that this run did not create, and for one that buildx cannot start again.
 */
export function createBuilderRestart(builder: Builder, processes: Processes): BuilderRestart | undefined {
  if (!builder.owned || builder.driver !== 'docker-container') return undefined
  let stopping: Promise<void> | undefined
  return {
    run() {
      stopping ??= processes.exec('docker', ['buildx', 'stop', builder.name], { timeoutMs: 60_000 }).then(() => {})
      return stopping
    },
    hasRun: () => stopping !== undefined,
  }
}
