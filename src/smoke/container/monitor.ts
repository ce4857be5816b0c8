import type { Host } from '../../core/host.ts'
import type { Looks } from '../looks.ts'
import type { ProcessLine } from './processes.ts'

/** Looks into a running container from outside while it is tested. */
export interface Monitor {
  readonly looks: readonly (readonly ProcessLine[])[]
  /** The most that was seen, sampled about once a second; undefined: never seen. */
  readonly peakMemoryBytes: number | undefined
  stop(): Promise<void>
}

const betweenLooksMs = 700
const keptLooks = 200

export function startMonitor(container: Pick<Looks, 'processes' | 'memory'>, { clock }: Pick<Host, 'clock'>): Monitor {
  const over = new AbortController()
  const looks: (readonly ProcessLine[])[] = []
  let peak: number | undefined

  async function lookOften(): Promise<void> {
    while (!over.signal.aborted) {
      const found = await container.processes()
      if (found) looks.push(found)
      if (looks.length > keptLooks) looks.splice(1, 1)
      await clock.sleep(betweenLooksMs, over.signal)
    }
  }
  async function weighOften(): Promise<void> {
    while (!over.signal.aborted) {
      const bytes = await container.memory()
      if (bytes !== undefined) peak = Math.max(peak ?? 0, bytes)
      await clock.sleep(betweenLooksMs, over.signal)
    }
  }
  // A daemon that does not answer is seen by the waiting; here it only means that nothing is known.
  const loops = [lookOften(), weighOften()].map((loop) => loop.catch(() => {}))
  return {
    looks,
    get peakMemoryBytes() {
      return peak
    },
    stop: async () => {
      over.abort()
      await Promise.all(loops)
    },
  }
}
