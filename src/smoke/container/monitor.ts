import type { Host } from '../../core/host.ts'
import type { ContainerInspector } from './inspector.ts'
import type { ContainerObserver } from './observer.ts'
import { type ProcessSample, showCrashLoops } from './processes.ts'

/** Samples the processes and the memory of a running container. */
export interface Monitor {
  readonly samples: readonly ProcessSample[]
  /** The maximum of all samples; undefined if there is none. */
  readonly peakMemoryBytes: number | undefined
  start(): void
  stop(): Promise<void>
}

const intervalMs = 500
const maxSamples = 200

export function createMonitor(
  container: Pick<ContainerInspector, 'processes' | 'memory'>,
  { clock }: Pick<Host, 'clock'>,
): Monitor {
  const stopped = new AbortController()
  const samples: ProcessSample[] = []
  let peakMemoryBytes: number | undefined
  let loops: readonly Promise<void>[] = []

  async function repeat(sample: () => Promise<void>): Promise<void> {
    while (!stopped.signal.aborted) {
      await sample()
      await clock.sleep(intervalMs, stopped.signal)
    }
  }
  async function sampleProcesses(): Promise<void> {
    const sample = await container.processes()
    if (sample) samples.push(sample)
    if (samples.length > maxSamples) samples.splice(1, 1)
  }
  async function sampleMemory(): Promise<void> {
    const bytes = await container.memory()
    if (bytes !== undefined) peakMemoryBytes = Math.max(peakMemoryBytes ?? 0, bytes)
  }
  return {
    samples,
    get peakMemoryBytes() {
      return peakMemoryBytes
    },
    start() {
      // Errors only mean that samples are missing. The wait for readiness reports it if the daemon does not answer.
      loops = [sampleProcesses, sampleMemory].map((sample) => repeat(sample).catch(() => {}))
    },
    async stop() {
      stopped.abort()
      await Promise.all(loops)
    },
  }
}

const betweenLooksMs = 200
const maxWaitMs = 20_000

/**
 * Waits until the samples would show a crash loop, 20 s at most, and not for a container that has ended.
 * @param view the part of a sample that counts
 */
export async function awaitSamples(
  { samples }: Pick<Monitor, 'samples'>,
  observer: Pick<ContainerObserver, 'inspect'>,
  view: (sample: ProcessSample) => ProcessSample,
  { clock, signal }: Pick<Host, 'clock' | 'signal'>,
): Promise<void> {
  const deadline = clock.now() + maxWaitMs
  while (!showCrashLoops(samples.map(view)) && clock.now() < deadline && !signal.aborted) {
    if (!(await observer.inspect())?.running) return
    await clock.sleep(betweenLooksMs, signal)
  }
}
